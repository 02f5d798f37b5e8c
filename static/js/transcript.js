/**
 * The transcript: the turns on the way that is shown, each with a view that is kept; the place the reader has scrolled
 * to is theirs. What one turn looks like is `turn.js`.
 * @module transcript
 */

import { path } from "./branches.js";
import { arrange, el, need } from "./dom.js";
import { TurnView } from "./turn.js";
import { setup, welcome } from "./welcome.js";

/** @typedef {import("./conversation.js").State} State */
/** @typedef {import("./events.js").Health} Health */
/** @typedef {import("./welcome.js").Trial} Trial */
/** @typedef {import("./turn.js").TurnActions & {attempt: (trial: Trial) => void}} TranscriptActions */

const AT_BOTTOM_PX = 48;

export class Transcript {
  /** @param {TranscriptActions} actions */
  constructor(actions) {
    this._actions = actions;
    this._scroller = need("#transcript", HTMLElement);
    this._column = need("#turns", HTMLElement);
    this._jump = need("#jump", HTMLButtonElement);
    this._greeting = welcome(actions.attempt);
    this._help = el("div", {});
    this._helpFacts = "";
    /** @type {Map<string, TurnView>} */
    this._views = new Map();
    this._follows = true;
    this._listen();
  }

  /** @param {State} state @param {Health | null} health @param {boolean} loading */
  update(state, health, loading) {
    this._scroller.setAttribute("aria-busy", String(loading));
    if (state.turns.length > 0) this._drawTurns(state);
    else if (loading) arrange(this._column, []);
    else this._drawEmpty(health);
    if (this._follows && state.turns.length > 0) this.toLatest();
  }

  toLatest() {
    this._follows = true;
    this._scroller.scrollTop = this._scroller.scrollHeight;
    this._jump.hidden = true;
  }

  _listen() {
    this._scroller.addEventListener("scroll", () => this._scrolled(), { passive: true });
    this._jump.addEventListener("click", () => this.toLatest());
    this._column.addEventListener("click", (event) => this._copyCode(event.target));
    new ResizeObserver(() => this._follows && this._views.size > 0 && this.toLatest()).observe(this._scroller);
  }

  /** The page follows the answer only while the reader is at its end. */
  _scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this._scroller;
    this._follows = scrollHeight - scrollTop - clientHeight < AT_BOTTOM_PX;
    this._jump.hidden = this._follows || this._views.size === 0;
  }

  /** @param {EventTarget | null} target */
  _copyCode(target) {
    const code = target instanceof HTMLElement && target.closest(".copy")?.parentElement?.querySelector("code");
    if (code) this._actions.copy(code.textContent ?? "", "Code copied");
  }

  /** @param {Health | null} health */
  _drawEmpty(health) {
    const facts = JSON.stringify(Object.entries(health?.providers ?? {}).map(([name, each]) => [name, each.available, each.missing_models]));
    if (facts !== this._helpFacts) this._help.replaceChildren(...[health && setup(health)].filter((part) => part !== null));
    this._helpFacts = facts;
    this._views = new Map();
    arrange(this._column, [this._help, this._greeting]);
  }

  /** @param {State} state */
  _drawTurns(state) {
    const locked = state.conversation?.locked ?? false;
    /** @type {Map<string, TurnView>} */
    const kept = new Map();
    for (const step of path(state)) {
      const view = this._views.get(step.turn.key) ?? new TurnView(this._actions);
      view.update(step, locked);
      kept.set(step.turn.key, view);
    }
    this._views = kept;
    arrange(this._column, [...kept.values()].map((view) => view.element));
  }
}
