/**
 * How a turn ended when it did not simply end: what happened, what to do, and the buttons to do it.
 * @module ending
 */

import { el, icon, withCode } from "./dom.js";
import { ticking } from "./ticking.js";
import { clock, placeOf } from "./words.js";

/** @typedef {import("./conversation.js").Turn} Turn */
/** @typedef {import("./turn.js").TurnActions} TurnActions */

/** @type {Record<string, string>} */
const FINISHES = {
  stopped: "Stopped. What stands is kept.",
  interrupted: "The server restarted while this was being written. What stands is kept.",
  length: "The answer reached its length limit. Ask for the rest to go on.",
  tool_limit: "The limit of tool calls was reached. What was found so far stands.",
};

/** Codes that speak of care taken, not of something broken. */
const CALM = new Set(["phi_local_only", "policy_unavailable", "airgap", "mode_locked"]);

/**
 * @param {Turn} turn
 * @param {TurnActions} actions
 * @returns {HTMLElement | null}
 */
export function ending(turn, actions) {
  if (turn.error) return failed(turn, turn.error, actions);
  const wordless = turn.state === "stopped" && turn.segments.length === 0;
  const sentence = wordless ? "Stopped before the first word." : FINISHES[turn.done?.finish ?? "stop"];
  if (sentence === undefined) return null;
  const again = turn.state === "interrupted" || turn.state === "stopped";
  return el("div", { class: `ending line ${turn.state}` }, el("p", {}, sentence), again ? buttons(turn, actions) : null);
}

/** @param {Turn} turn @param {import("./events.js").ErrorFields} error @param {TurnActions} actions */
function failed(turn, error, actions) {
  const calm = CALM.has(error.code);
  const countdown = error.retry_after_s ? until(performance.now() + error.retry_after_s * 1000) : null;
  return el(
    "div",
    { class: `ending card ${calm ? "held" : "broken"}` },
    icon(calm ? "lock" : "warn"),
    el("div", { class: "ending-text" },
      el("p", {}, withCode(error.message)),
      el("p", { class: "ending-code" }, el("code", {}, error.code), countdown),
      buttons(turn, actions)),
  );
}

/** @param {Turn} turn @param {TurnActions} actions */
function buttons(turn, actions) {
  const left = turn.route !== null && placeOf(turn.route.provider) === "cloud";
  return el("div", { class: "buttons" },
    el("button", { type: "button", class: "button", onclick: () => actions.again(turn) }, icon("again"), "Try again"),
    left ? againLocally(turn, actions) : null);
}

/** @param {Turn} turn @param {TurnActions} actions */
function againLocally(turn, actions) {
  const again = () => actions.again(turn, "ollama");
  return el("button", { type: "button", class: "button", onclick: again }, icon("house"), "Try again locally");
}

/** @param {number} at ms */
function until(at) {
  return ticking(el("span", { class: "muted" }), () => {
    const seconds = (at - performance.now()) / 1000;
    return seconds > 0 ? `worth trying in ${clock(seconds)}` : "worth trying now";
  });
}
