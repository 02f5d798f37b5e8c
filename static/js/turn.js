/**
 * One turn as the reader sees it: the question with what can be done to it, the reply with its place, its state and
 * its end. Only the parts whose facts changed are drawn again.
 * @module turn
 */

import { isOver } from "./conversation.js";
import { el, icon, iconButton } from "./dom.js";
import { ending } from "./ending.js";
import { account, chip, stoodIn, triedBefore, trimmed } from "./explain.js";
import { replyBody } from "./reply.js";
import { plainText } from "./segments.js";
import { ticking } from "./ticking.js";
import { counted, duration, placeOf } from "./words.js";

/** @typedef {import("./conversation.js").Turn} Turn */
/** @typedef {import("./branches.js").Step} Step */
/** @typedef {import("./events.js").FeedbackKind} FeedbackKind */

/**
 * What a reader can do to a turn.
 * @typedef {object} TurnActions
 * @property {(turn: Turn, provider?: string) => void} again
 * @property {(turn: Turn) => void} edit
 * @property {(turn: Turn) => void} lock
 * @property {(turn: Turn, kind: FeedbackKind) => void} rate
 * @property {(turn: Turn) => void} stop
 * @property {(turn: Turn, call: string, allow: boolean) => void} approve
 * @property {(parent: string | null, key: string) => void} choose
 * @property {(text: string, what: string) => void} copy
 */

const KEEP_LOCAL = "This was patient data: keep local";
const REPORT = "This was patient data";

/** @type {Record<string, (model: string) => string>} what is said while a model is silent */
const UNHEARD = {
  loading_model: (model) => `Loading ${model} into memory`,
  first_word: (model) => `Waiting for ${model}`,
};

export class TurnView {
  /** @param {TurnActions} actions */
  constructor(actions) {
    this._actions = actions;
    /** @type {Turn | null} */
    this._shown = null;
    this._question = el("div", { class: "question", role: "group", "aria-label": "You" });
    this._questionFacts = "";
    this._before = el("div", { class: "reply-before" });
    this._body = replyBody((call, allow) => this._shown && actions.approve(this._shown, call, allow));
    this._waiting = el("div", { class: "waiting" });
    this._end = el("div", { class: "reply-end" });
    this._foot = el("footer", { class: "reply-foot" });
    this._opened = false;
    const parts = [this._before, this._body.element, this._waiting, this._end, this._foot];
    this._reply = el("div", { role: "group", "aria-label": "Reply" }, parts);
    this.element = el("article", { class: "turn" }, this._question, this._reply);
  }

  /** @param {Step} step @param {boolean} locked whether the conversation is */
  update(step, locked) {
    this._drawQuestion(step, locked);
    const { turn } = step;
    if (turn === this._shown) return;
    const before = this._shown;
    this._shown = turn;
    const over = isOver(turn);
    this._reply.className = `reply ${turn.route ? placeOf(turn.route.provider) : "undecided"} ${over ? "" : "running"}`.trim();
    this._body.update(turn.segments, over);
    if (turn.route !== before?.route) this._before.replaceChildren(...(turn.route ? [...present(trimmed(turn.route)), ...present(stoodIn(turn.route))] : []));
    if (turn.waiting !== before?.waiting || turn.state !== before?.state) this._waiting.replaceChildren(...present(waiting(turn)));
    const ended = over && (turn.done !== before?.done || turn.error !== before?.error);
    if (ended) this._end.replaceChildren(...present(ending(turn, this._actions)));
    if (before === null || footFacts(turn) !== footFacts(before)) this._drawFoot(turn);
  }

  /** @param {Step} step @param {boolean} locked */
  _drawQuestion(step, locked) {
    const { turn, siblings } = step;
    const facts = [locked, leftTheHouse(turn), turn.state === "sending", turn.turn, turn.text, siblings.map((each) => each.key)].join(" ");
    if (facts !== this._questionFacts) this._question.replaceChildren(...questionParts(step, locked, this._actions));
    this._questionFacts = facts;
  }

  /** @param {Turn} turn */
  _drawFoot(turn) {
    this._foot.replaceChildren(...footer(turn, this._opened, this._actions, () => {
      this._opened = !this._opened;
      this._drawFoot(turn);
      this._foot.querySelector("button")?.focus();
      this._foot.querySelector(".account")?.scrollIntoView({ block: "nearest" });
    }));
  }
}

/** What the foot is drawn from, to be compared. @param {Turn} turn */
function footFacts(turn) {
  const { route, done, feedback } = turn;
  return [route?.provider, route?.model, route?.rule, done?.timing.total_ms, feedback, isOver(turn), turn.segments.length > 0].join(" ");
}

/** Of what left, it can still be said in a locked conversation that it was patient data. @param {Turn} turn */
function leftTheHouse({ route, segments }) {
  return route !== null && (placeOf(route.provider) === "cloud" || triedBefore(segments, route) !== null);
}

/** @param {Step} step @param {boolean} locked @param {TurnActions} actions @returns {globalThis.Node[]} */
function questionParts({ turn, siblings }, locked, actions) {
  const files = turn.attachments.map((file) =>
    el("li", { class: "file" }, icon("file"), file.name, file.rows ? el("span", { class: "muted" }, counted(file.rows, "row")) : null));
  const known = turn.turn !== null;
  const lock = () => actions.lock(turn);
  const mark = locked ? REPORT : KEEP_LOCAL;
  const offered = known && (!locked || leftTheHouse(turn));
  const tools = el("div", { class: "question-tools" },
    siblings.length > 1 ? pager(turn, siblings, actions) : null,
    offered ? el("button", { type: "button", class: "quiet-button", onclick: lock }, icon("lock"), mark) : null,
    known ? iconButton("edit", "Edit and send again", () => actions.edit(turn)) : null,
    iconButton("copy", "Copy the question", () => actions.copy(turn.text, "Question copied")));
  return [
    files.length > 0 ? el("ul", { class: "files" }, files) : null,
    el("div", { class: `bubble ${turn.state === "sending" ? "unsent" : ""}`.trim(), dir: "auto" }, turn.text),
    tools,
  ].filter((part) => part !== null);
}

/** @param {Turn} turn @param {Turn[]} siblings @param {TurnActions} actions */
function pager(turn, siblings, actions) {
  const at = siblings.indexOf(turn);
  /** @param {number} to @param {string} label @param {string} extra */
  const step = (to, label, extra) => {
    const button = iconButton("chevron", label, () => actions.choose(turn.parent, siblings[to].key), extra);
    button.disabled = !siblings[to];
    return button;
  };
  return el("span", { class: "pager" },
    step(at - 1, "Earlier version", "turn-left"), `${at + 1} of ${siblings.length}`, step(at + 1, "Later version", "turn-right"));
}

/** Why there is nothing to read yet. @param {Turn} turn @returns {HTMLElement | null} */
function waiting(turn) {
  if (turn.state === "sending") return pulse("Sending");
  if (turn.waiting === null || isOver(turn)) return null;
  const { state, position, since } = turn.waiting;
  if (state === "queued") return pulse(`Waiting: ${position === null || position === 1 ? "next" : `number ${position}`} in line`);
  if (state === "waiting_approval") return pulse("Waiting for your answer");
  return pulse(UNHEARD[state]?.(turn.route?.model ?? "the model") ?? "Deciding who answers", since);
}

/** @param {string} words @param {number} [since] ms; shows the time that has passed */
function pulse(words, since) {
  const passed = el("span", { class: "muted" });
  if (since !== undefined) ticking(passed, () => (performance.now() - since < 1000 ? "" : duration(performance.now() - since)));
  return el("p", {}, el("span", { class: "dots", "aria-hidden": "true" }), el("span", {}, words), passed);
}

/** @param {Turn} turn @param {boolean} open @param {TurnActions} actions @param {() => void} toggle @returns {globalThis.Node[]} */
function footer(turn, open, actions, toggle) {
  const { route } = turn;
  if (route === null) return [];
  const tried = triedBefore(turn.segments, route);
  const row = el("div", { class: "foot-row" }, chip(route, turn.done, tried, open, toggle), isOver(turn) ? replyTools(turn, actions) : null);
  return open ? [row, account(route, turn.done, tried)] : [row];
}

/** @param {Turn} turn @param {TurnActions} actions */
function replyTools(turn, actions) {
  const text = plainText(turn.segments);
  if (text === "") return null;
  return el("span", { class: "reply-tools" },
    iconButton("copy", "Copy the reply", () => actions.copy(text, "Reply copied")),
    iconButton("again", "Answer again", () => actions.again(turn)),
    rating(turn, actions, "up", "Good answer"),
    rating(turn, actions, "down", "Poor answer"),
    rating(turn, actions, "wrong_place", "Answered in the wrong place"));
}

/** @param {Turn} turn @param {TurnActions} actions @param {FeedbackKind} kind @param {string} label */
function rating(turn, actions, kind, label) {
  const button = iconButton(kind === "wrong_place" ? "swap" : kind, label, () => actions.rate(turn, kind));
  button.setAttribute("aria-pressed", String(turn.feedback === kind));
  return button;
}

/** @param {HTMLElement | null} part @returns {HTMLElement[]} */
function present(part) {
  return part ? [part] : [];
}
