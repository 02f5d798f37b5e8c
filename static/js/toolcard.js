/**
 * A tool call as a card: its name in words, where its data goes, how it stands, what it was given and what it found.
 * Results are data: JSON becomes a sentence, facts and tables; anything else stands as text.
 * @module toolcard
 */

import { el, icon, say } from "./dom.js";
import { rest, ticking } from "./ticking.js";
import { counted, duration, fieldName, latency, toolName } from "./words.js";

/** @typedef {import("./segments.js").ToolSegment} ToolSegment */

const ROWS_SHOWN = 60;
const DEPTH_SHOWN = 3;
const LONG_TEXT = 40;
let cards = 0;

export class ToolCard {
  /** @param {(call: string, allow: boolean) => void} approve */
  constructor(approve) {
    cards += 1;
    this._approve = approve;
    /** @type {ToolSegment | null} */
    this._shown = null;
    this._over = false;
    this._decided = false;
    this._state = el("span", { class: "tool-state" });
    this._summary = el("div", { class: "tool-summary" });
    this._body = el("div", { class: "tool-body", id: `tool-${cards}`, hidden: true });
    const controls = { "aria-expanded": "false", "aria-controls": this._body.id, onclick: () => this._toggle() };
    this._head = el("button", { type: "button", class: "tool-head", ...controls });
    this.element = el("div", { class: "tool", role: "group" }, this._head, this._summary, this._body);
  }

  /** @param {ToolSegment} segment @param {boolean} over whether the turn has ended */
  update(segment, over) {
    if (segment === this._shown && over === this._over) return;
    this._shown = segment;
    this._over = over;
    this._draw(segment);
  }

  _toggle() {
    this._body.hidden = !this._body.hidden;
    this._head.setAttribute("aria-expanded", String(!this._body.hidden));
  }

  /** @param {ToolSegment} segment @param {boolean} allow */
  _decide(segment, allow) {
    this._decided = true;
    this._approve(segment.call, allow);
    this._draw(segment);
  }

  /** @param {ToolSegment} segment */
  _draw(segment) {
    const name = toolName(segment.name);
    const place = segment.egress === "internet" ? "cloud" : "local";
    this.element.className = `tool ${place} ${segment.result && !segment.result.ok ? "failed" : ""}`.trim();
    this.element.setAttribute("aria-label", name);
    this._head.replaceChildren(icon("tool"), el("span", { class: "tool-name" }, name), goes(segment), this._state, icon("chevron"));
    drawState(this._state, segment, this._over);
    this._summary.replaceChildren(...brief(segment, this._decided || this._over, (allow) => this._decide(segment, allow)));
    this._body.replaceChildren(given(segment), ...found(segment));
  }
}

/** @param {ToolSegment} segment */
function goes(segment) {
  const [drawing, place, words] = {
    none: ["house", "local", "stays here"],
    intranet: ["house", "local", "stays in our network"],
    internet: ["leave", "cloud", "leaves the house"],
  }[segment.egress];
  return el("span", { class: `place ${place}` }, icon(drawing), words);
}

/** @param {HTMLElement} state @param {ToolSegment} segment @param {boolean} over */
function drawState(state, segment, over) {
  rest(state);
  const { result, since } = segment;
  if (result) say(state, `${result.ok ? "" : "failed · "}${latency(result.ms)}`);
  else if (over) say(state, "not finished");
  else if (segment.approval) say(state, "waits for you");
  else if (since === null) say(state, "running");
  else ticking(state, () => `running ${duration(performance.now() - since)}`);
}

/**
 * What is always to be seen: the question to the person, the result in a sentence, or what went wrong.
 * @param {ToolSegment} segment @param {boolean} decided @param {(allow: boolean) => void} decide
 * @returns {globalThis.Node[]}
 */
function brief(segment, decided, decide) {
  if (segment.result) {
    const sentence = segment.result.ok ? summaryOf(segment.result.content) : segment.result.content;
    return sentence ? [el("p", {}, sentence)] : [];
  }
  if (!segment.approval || decided) return [];
  const ask = segment.egress === "internet" ? "This sends the values below out of the house." : "This waits for your consent.";
  return [
    el("p", {}, ask),
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "button strong", onclick: () => decide(true) }, "Allow once"),
      el("button", { type: "button", class: "button", onclick: () => decide(false) }, "Deny")),
  ];
}

/** @param {string} content @returns {string | null} */
function summaryOf(content) {
  const value = parsed(content);
  if (isObject(value) && typeof value.summary === "string") return value.summary;
  return typeof value === "string" ? value : null;
}

/** @param {ToolSegment} segment */
function given(segment) {
  const names = Object.keys(segment.arguments);
  const inside = names.length === 0 ? el("p", { class: "muted" }, "Nothing") : facts(segment.arguments, 0);
  return el("div", { class: "tool-part" }, el("p", { class: "part-name" }, "Given"), inside);
}

/** @param {ToolSegment} segment @returns {globalThis.Node[]} */
function found({ result }) {
  if (!result) return [];
  const value = parsed(result.content);
  const rest = isObject(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== "summary")) : value;
  const cut = result.truncated ? el("p", { class: "notice" }, "The result was too long and was cut.") : null;
  const empty = isObject(rest) && Object.keys(rest).length === 0;
  return empty ? [] : [el("div", { class: "tool-part" }, el("p", { class: "part-name" }, result.ok ? "Found" : "Said"), readable(rest, 0), cut)];
}

/** @param {unknown} value @param {number} depth @returns {HTMLElement} */
function readable(value, depth) {
  if (Array.isArray(value) && value.length > 0 && value.every(isObject)) return table(value);
  if (Array.isArray(value)) return list(value, depth);
  if (isObject(value)) return depth < DEPTH_SHOWN ? facts(value, depth) : el("code", {}, JSON.stringify(value));
  return scalar(value);
}

/** @param {unknown} value */
function scalar(value) {
  if (value === null || value === undefined || value === "") return el("span", { class: "muted" }, "none");
  if (typeof value === "boolean") return el("span", {}, value ? "yes" : "no");
  const text = plainWords(String(value));
  return text.includes("\n") ? el("pre", { class: "raw", tabIndex: 0 }, text) : el("span", {}, text);
}

/**
 * Moments and identifiers as people write them: `2026-07-06T07:00:00+00:00` → 2026-07-06 07:00, `weekly_hours` → weekly hours.
 * @param {string} text
 */
export function plainWords(text) {
  const moment = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (moment) return `${moment[1]} ${moment[2]}`;
  return /^[a-z]+(_[a-z0-9]+)+$/.test(text) ? text.replaceAll("_", " ") : text;
}

/** @param {Record<string, unknown>} value @param {number} depth */
function facts(value, depth) {
  const entries = Object.entries(value);
  return el("dl", { class: "facts" }, entries.map(([key, each]) =>
    el("div", { class: isWide(each) ? "wide" : "" }, el("dt", {}, fieldName(key)), el("dd", {}, readable(each, depth + 1)))));
}

/** @param {unknown[]} values @param {number} depth */
function list(values, depth) {
  if (values.length === 0) return scalar(null);
  if (values.every((value) => typeof value !== "object")) return el("span", {}, values.join(", "));
  return el("ul", {}, values.slice(0, ROWS_SHOWN).map((value) => el("li", {}, readable(value, depth + 1))));
}

/** @param {Record<string, unknown>[]} rows */
function table(rows) {
  const columns = columnsOf(rows);
  const more = rows.length - ROWS_SHOWN;
  return el("div", { class: "table-frame", tabIndex: 0, role: "region", "aria-label": counted(rows.length, "row") },
    el("table", {},
      el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col" }, fieldName(column))))),
      el("tbody", {}, rows.slice(0, ROWS_SHOWN).map((row) => el("tr", {}, columns.map((column) => cell(row[column])))))),
    more > 0 ? el("p", { class: "muted" }, `and ${counted(more, "more row")}`) : null);
}

/**
 * What stands in sentences is what one wants to read: it comes right after the first column, before codes and numbers.
 * @param {Record<string, unknown>[]} rows
 * @returns {string[]}
 */
export function columnsOf(rows) {
  const [first, ...others] = new Set(rows.flatMap((row) => Object.keys(row)));
  /** @param {string} column */
  const inSentences = (column) => rows.some((row) => String(row[column] ?? "").length > LONG_TEXT);
  return [first, ...others.filter(inSentences), ...others.filter((column) => !inSentences(column))];
}

/** @param {unknown} value */
function cell(value) {
  const text = typeof value === "string" ? plainWords(value) : "";
  const shape = typeof value === "number" ? "number" : text.length > LONG_TEXT ? "long" : /^\d{4}-\d\d-\d\d/.test(text) ? "whole" : "";
  return el("td", { class: shape }, readable(value, DEPTH_SHOWN));
}

/** @param {unknown} value */
function isWide(value) {
  return typeof value === "object" && value !== null || typeof value === "string" && value.includes("\n");
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {string} content @returns {unknown} */
function parsed(content) {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
