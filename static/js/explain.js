/**
 * The chip under a reply: who answered, why, how fast; opened, the whole account of it.
 * @module explain
 */

import { el, icon, withCode } from "./dom.js";
import { count, counted, duration, kindWords, placeOf, providerName, taskWord, why } from "./words.js";

/** @typedef {import("./events.js").RouteFields} RouteFields */
/** @typedef {import("./events.js").DoneFields} DoneFields */
/** A cloud provider that was tried before, and whether it wrote a word. @typedef {{provider: string, wrote: boolean}} Tried */

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
 * @param {Tried | null} tried of `triedBefore`
 * @param {boolean} open
 * @param {() => void} toggle
 * @returns {HTMLButtonElement}
 */
export function chip(route, done, tried, open, toggle) {
  const look = `chip ${placeOf(route.provider)}`;
  const parts = [why(route), ...(done && done.timing.total_ms > 0 ? [duration(done.timing.total_ms)] : [])];
  return el(
    "button",
    { type: "button", class: look, "aria-expanded": String(open), title: route.reason, onclick: toggle },
    placeIcon(route),
    el("span", {},
      el("span", { class: "chip-model" }, route.model),
      parts.map((part) => el("span", { class: "chip-part" }, part)),
      tried ? el("span", { class: "chip-part" }, el("span", { class: "place cloud" }, icon("leave"), `${providerName(tried.provider)} tried first`)) : null),
    icon("chevron"),
  );
}

/**
 * @param {RouteFields} route
 * @param {DoneFields | null} done
 * @param {Tried | null} tried of `triedBefore`
 * @returns {HTMLElement}
 */
export function account(route, done, tried) {
  return el(
    "div",
    { class: `account ${placeOf(route.provider)}` },
    el("p", { class: "account-reason" }, withCode(route.reason)),
    el(
      "dl",
      { class: "facts" },
      fact("Answered by", `${route.model}, ${providerName(route.provider)}`),
      fact("Where", whereWords(route, tried)),
      fact("Seen as", `${taskWord(route.task)} (rule ${route.rule})`),
      fact("Privacy check", privacyWords(route)),
      route.otherwise && route.otherwise !== route.provider ? fact("Otherwise", `${providerName(route.otherwise)} would have answered`) : null,
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

/**
 * A question answered in the house may have left it all the same: a cloud was tried first. A breaker that was open kept
 * it in.
 * @param {import("./segments.js").Segment[]} segments
 * @param {RouteFields} route
 * @returns {Tried | null} null where the answer itself says so, or nothing left
 */
export function triedBefore(segments, route) {
  if (placeOf(route.provider) === "cloud") return null;
  const tried = segments.flatMap(/** @returns {Tried[]} */ (segment) => {
    if (segment.kind === "fallback" && segment.cause !== "breaker_open") return [{ provider: segment.from, wrote: false }];
    return segment.kind === "route" && segment.previous ? [{ provider: segment.previous.provider, wrote: true }] : [];
  });
  return tried.findLast(({ provider }) => placeOf(provider) === "cloud") ?? null;
}

/** @param {RouteFields} route @param {Tried | null} tried */
function whereWords(route, tried) {
  if (placeOf(route.provider) === "cloud") return "In the cloud: the question left the house";
  if (tried === null) return "In the house: nothing left";
  const left = tried.wrote ? "left the house" : "may have left the house";
  return `In the house, but ${providerName(tried.provider)} was tried first: the question ${left}`;
}

/** A model that is not there is told on the reply and not only behind its chip. @param {RouteFields} route */
export function stoodIn(route) {
  const sentence = mendIn(route.reason);
  return sentence === null ? null : el("p", { class: "notice" }, el("span", {}, withCode(sentence)));
}

/**
 * The sentence that says which model is missing: the one with the command that adds it.
 * @param {string} reason
 * @returns {string | null}
 */
export function mendIn(reason) {
  return reason.split(/(?<=\.) /).find((sentence) => sentence.includes("`ollama pull ")) ?? null;
}

/** @param {string} name @param {string | globalThis.Node} value */
function fact(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}

/** @param {RouteFields} route */
function privacyWords({ privacy }) {
  if (privacy.verdict === "clear") return "No identifiers found";
  if (privacy.verdict === "unknown") return "Could not be read with certainty, so it stays";
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
