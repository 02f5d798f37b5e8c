/**
 * The chip under a reply: who answered, why, how fast; opened, the whole account of it.
 * @module explain
 */

import { el, icon } from "./dom.js";
import { count, counted, duration, kindWords, placeOf, providerName, taskWord, why } from "./words.js";

/** @typedef {import("./events.js").RouteFields} RouteFields */
/** @typedef {import("./events.js").DoneFields} DoneFields */

/**
 * @param {RouteFields} route
 * @returns {SVGSVGElement} a house or an arrow leaving, with its word
 */
export function placeIcon(route) {
  return placeOf(route.provider) === "cloud" ? icon("leave", "Cloud") : icon("house", "Local");
}

/**
 * @param {RouteFields} route
 * @param {DoneFields | null} done
 * @param {boolean} open
 * @param {() => void} toggle
 * @returns {HTMLButtonElement}
 */
export function chip(route, done, open, toggle) {
  const look = `chip ${placeOf(route.provider)}`;
  const parts = [why(route), ...(done && done.timing.total_ms > 0 ? [duration(done.timing.total_ms)] : [])];
  return el(
    "button",
    { type: "button", class: look, "aria-expanded": String(open), title: route.reason, onclick: toggle },
    placeIcon(route),
    el("span", {},
      el("span", { class: "chip-model" }, route.model),
      parts.map((part) => el("span", { class: "chip-part" }, part))),
    icon("chevron"),
  );
}

/**
 * @param {RouteFields} route
 * @param {DoneFields | null} done
 * @returns {HTMLElement}
 */
export function account(route, done) {
  const cloud = placeOf(route.provider) === "cloud";
  return el(
    "div",
    { class: `account ${placeOf(route.provider)}` },
    el("p", { class: "account-reason" }, route.reason),
    el(
      "dl",
      { class: "facts" },
      fact("Answered by", `${route.model}, ${providerName(route.provider)}`),
      fact("Where", cloud ? "In the cloud: the question left the house" : "In the house: nothing left"),
      fact("Seen as", `${taskWord(route.task)} (rule ${route.rule})`),
      fact("Privacy check", privacyWords(route)),
      route.otherwise ? fact("Otherwise", `${providerName(route.otherwise)} would have answered`) : null,
      fact("Context", contextWords(route)),
      done && done.timing.total_ms > 0 ? fact("Time", timeWords(done)) : null,
      done && done.usage.completion_tokens > 0 ? fact("Tokens", tokenWords(done)) : null,
    ),
  );
}

/** @param {RouteFields} route @returns {HTMLElement | null} the notice that not everything was read */
export function trimmed(route) {
  const dropped = route.context.dropped_messages;
  if (!dropped) return null;
  const read = `${dropped === 1 ? "is" : "are"} not being read: the model's window is full.`;
  return el("p", { class: "notice" }, `${counted(dropped, "earlier message")} ${read}`);
}

/** @param {string} name @param {string | globalThis.Node} value */
function fact(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}

/** @param {RouteFields} route */
function privacyWords({ privacy }) {
  if (privacy.verdict === "clear") return "No identifiers found";
  if (privacy.verdict === "unknown") return "Could not rule out patient data, so it stays";
  return privacy.kinds.length > 0 ? `Found: ${kindWords(privacy.kinds)}` : "Patient data found";
}

/** @param {RouteFields} route */
function contextWords({ context }) {
  const used = `about ${count(context.used_tokens)} of ${count(context.limit_tokens)} tokens`;
  return context.dropped_messages ? `${used}; ${counted(context.dropped_messages, "earlier message")} left out` : used;
}

/** @param {DoneFields} done */
function tokenWords({ usage }) {
  return `${count(usage.prompt_tokens)} read, ${count(usage.completion_tokens)} written`;
}

/** @param {DoneFields} done */
function timeWords({ timing }) {
  const total = `${duration(timing.total_ms)} in all`;
  return timing.first_token_ms === null ? total : `${duration(timing.first_token_ms)} to the first word, ${total}`;
}
