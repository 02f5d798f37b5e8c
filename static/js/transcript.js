/**
 * The transcript: the turns on the way that is shown, each with a view that is kept; the place the reader has scrolled
 * to is theirs. What one turn looks like is `turn.js`.
 * @module transcript
 */

import { path } from "./branches.js";
import { arrange, el, need } from "./dom.js";
import { turnView } from "./turn.js";
import { setup, welcome } from "./welcome.js";

/** @typedef {import("./conversation.js").State} State */
/** @typedef {import("./events.js").Health} Health */
/** @typedef {import("./welcome.js").Trial} Trial */
/** @typedef {import("./turn.js").TurnActions & {attempt: (trial: Trial) => void}} TranscriptActions */

const AT_BOTTOM_PX = 48;

/**
 * @param {TranscriptActions} actions
 * @returns {{update: (state: State, health: Health | null, loading: boolean) => void, toLatest: () => void}}
 */
export function mountTranscript(actions) {
  const scroller = need("#transcript", HTMLElement);
  const column = need("#turns", HTMLElement);
  const jump = need("#jump", HTMLButtonElement);
  const greeting = welcome(actions.attempt);
  const help = el("div", {});
  /** @type {Map<string, ReturnType<typeof turnView>>} */
  let views = new Map();
  let helped = "";
  let follows = true;

  function toLatest() {
    follows = true;
    scroller.scrollTop = scroller.scrollHeight;
    jump.hidden = true;
  }

  scroller.addEventListener("scroll", () => {
    follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_BOTTOM_PX;
    jump.hidden = follows;
  }, { passive: true });
  jump.addEventListener("click", toLatest);
  column.addEventListener("click", (event) => {
    const code = event.target instanceof HTMLElement && event.target.closest(".copy")?.parentElement?.querySelector("code");
    if (code) actions.copy(code.textContent ?? "", "Code copied");
  });
  new ResizeObserver(() => follows && toLatest()).observe(scroller);

  /** @param {Health | null} health */
  function drawEmpty(health) {
    const facts = JSON.stringify(Object.entries(health?.providers ?? {}).map(([name, each]) => [name, each.available, each.missing_models]));
    if (facts !== helped) help.replaceChildren(...[health && setup(health)].filter((part) => part !== null));
    helped = facts;
    arrange(column, [help, greeting]);
  }

  /** @param {State} state */
  function drawTurns(state) {
    const locked = state.conversation?.locked ?? false;
    /** @type {typeof views} */
    const kept = new Map();
    for (const step of path(state)) {
      const view = views.get(step.turn.key) ?? turnView(actions);
      view.update(step, locked);
      kept.set(step.turn.key, view);
    }
    views = kept;
    arrange(column, [...kept.values()].map((view) => view.element));
  }

  return {
    toLatest,
    update(state, health, loading) {
      scroller.setAttribute("aria-busy", String(loading));
      if (state.turns.length > 0) drawTurns(state);
      else if (loading) arrange(column, []);
      else drawEmpty(health);
      if (follows && state.turns.length > 0) toLatest();
    },
  };
}
