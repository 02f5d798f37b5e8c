/**
 * The open conversation as a pure fold: state and a frame in, state out.
 * Holds the rules of numbering (no gap, no repeat), of segments and of how a turn ends; asks for what it misses
 * through `asks`. Knows neither socket nor page; what was stored is read in `stored.js`, which branch is shown is
 * `branches.js`'s.
 * @module conversation
 */

import { applyChanges, fromBlocks } from "./segments.js";
import * as segments from "./segments.js";

/** @typedef {import("./events.js").TurnFrame} TurnFrame */
/** @typedef {import("./events.js").Frame} Frame */
/** @typedef {import("./events.js").ConversationFrame} ConversationFrame */
/** @typedef {import("./events.js").ChatCommand} ChatCommand */
/** @typedef {import("./events.js").RouteFields} RouteFields */
/** @typedef {import("./events.js").ErrorFields} ErrorFields */
/** @typedef {import("./events.js").DoneFields} DoneFields */
/** @typedef {import("./events.js").AttachmentInfo} AttachmentInfo */
/** @typedef {import("./events.js").FeedbackKind} FeedbackKind */
/** @typedef {import("./segments.js").Segment} Segment */

/**
 * A question and all that followed.
 * @typedef {object} Turn
 * @property {string} key what the page knows it by: the `chat` frame's id, from before the server has seen it
 * @property {string | null} turn the server's id; null until it is acknowledged
 * @property {string | null} parent the turn it follows: the server's id, until that is known the page's key
 * @property {string} text
 * @property {AttachmentInfo[]} attachments
 * @property {"sending" | "refused" | import("./events.js").TurnState} state
 * @property {number} seq the last event seen
 * @property {boolean} whole false after a `reset`, which tells text only: the history then says the rest
 * @property {boolean} awaiting whether a resume was asked for; what does not follow on is dropped until it comes
 * @property {RouteFields | null} route the latest one
 * @property {Waiting | null} waiting
 * @property {Segment[]} segments
 * @property {DoneFields | null} done
 * @property {ErrorFields | null} error
 * @property {FeedbackKind | null} feedback
 */
/** Why nothing is to be read yet, since when (ms). @typedef {{state: string, position: number | null, since: number}} Waiting */
/**
 * @typedef {{type: "resume", turn: string, after: number} | {type: "history", conversation: string}} Ask
 */
/**
 * @typedef {object} State
 * @property {ConversationFrame | null} conversation null: a new one, not yet stored
 * @property {Turn[]} turns in order of arrival
 * @property {Record<string, string>} chosen by parent (`""`: none), the key of the branch the reader chose
 * @property {Record<string, ConversationFrame>} offered conversations announced while none was open
 * @property {Ask[]} asks what the fold wants from the server; whoever sends them takes them off
 */

/** @returns {State} nothing open, nothing said */
export function fresh() {
  return { conversation: null, turns: [], chosen: {}, offered: {}, asks: [] };
}

/**
 * @param {State} state
 * @param {Frame} frame
 * @param {number} now milliseconds, monotonic: when the frame came
 * @returns {State}
 */
export function apply(state, frame, now) {
  switch (frame.type) {
    case "hello":
    case "checked":
    case "pong":
      return state;
    case "conversation":
      return describe(state, frame);
    case "running":
      return catchUp(state, new Set(frame.running.map((each) => each.turn)));
    case "turn":
      return acknowledge(state, frame, now);
    case "error":
      if (frame.turn === undefined) return refuse(state, frame);
      return advance(state, { ...frame, turn: frame.turn, seq: frame.seq ?? 0 }, now);
    case "route":
    case "status":
    case "thinking":
    case "delta":
    case "tool_call":
    case "tool_result":
    case "fallback":
    case "reset":
    case "done":
      return advance(state, frame, now);
    default:
      return unexpected(state, frame);
  }
}

/**
 * A question was sent: show it at once, before the server has answered.
 * @param {State} state
 * @param {ChatCommand} command
 * @param {AttachmentInfo[]} attachments
 * @param {string | null} parent the turn it follows, as the reader sees it
 * @returns {State}
 */
export function sent(state, command, attachments, parent) {
  const turn = { ...blank(command.id), text: command.text, parent, attachments };
  const shown = choose(state, parent, command.id);
  return { ...shown, turns: [...shown.turns, turn] };
}

/**
 * Show another branch.
 * @param {State} state
 * @param {string | null} parent
 * @param {string} key of the turn to show
 * @returns {State}
 */
export function choose(state, parent, key) {
  return { ...state, chosen: { ...state.chosen, [parent ?? ""]: key } };
}

/**
 * @param {State} state
 * @param {string} key
 * @param {FeedbackKind} feedback
 * @returns {State}
 */
export function rate(state, key, feedback) {
  return replace(state, key, (turn) => ({ ...turn, feedback }));
}

/**
 * Take a question away that the server never stored; what was asked below it moves up.
 * @param {State} state
 * @param {string} key
 * @returns {State}
 */
export function forget(state, key) {
  const gone = state.turns.find((turn) => turn.key === key);
  const others = state.turns.filter((turn) => turn !== gone);
  return { ...state, turns: others.map((turn) => (turn.parent === key ? { ...turn, parent: gone?.parent ?? null } : turn)) };
}

/**
 * @param {State} state
 * @returns {[Ask[], State]} what to send, and the state without it
 */
export function takeAsks(state) {
  return state.asks.length === 0 ? [[], state] : [state.asks, { ...state, asks: [] }];
}

/** @param {Turn} turn */
export function isOver(turn) {
  return !["sending", "queued", "running"].includes(turn.state);
}

/** @param {string} key @returns {Turn} a turn of which nothing is known yet */
export function blank(key) {
  return {
    key, turn: null, parent: null, text: "", attachments: [], state: "sending", seq: 0, whole: true, awaiting: false,
    route: null, waiting: null, segments: [], done: null, error: null, feedback: null,
  };
}

/** @param {State} state @param {ConversationFrame} frame @returns {State} */
function describe(state, frame) {
  if (state.conversation === null) return { ...state, offered: { ...state.offered, [frame.id]: frame } };
  return state.conversation.id === frame.id ? { ...state, conversation: frame } : state;
}

/**
 * After `open`: resume what runs, and what we believed to run (it has ended meanwhile). Turns never heard of come with
 * the history.
 * @param {State} state
 * @param {Set<string>} running
 * @returns {State}
 */
function catchUp(state, running) {
  const behind = state.turns.filter((turn) => running.has(turn.turn ?? "") || !isOver(turn));
  return { ...state, asks: [...state.asks, ...resumes(behind)] };
}

/** @param {Turn[]} turns @returns {Ask[]} to be told what followed, each from where it stands */
export function resumes(turns) {
  return turns.flatMap(({ turn, seq }) => (turn === null ? [] : [{ type: "resume", turn, after: seq }]));
}

/** @param {State} state @param {import("./events.js").TurnEvent} frame @param {number} now @returns {State} */
function acknowledge(state, frame, now) {
  const ours = state.turns.find((turn) => turn.key === frame.id);
  const conversation = state.conversation ?? (ours && state.offered[frame.conversation]) ?? null;
  if (conversation === null || conversation.id !== frame.conversation) return state;
  if (ours === undefined) return stranger({ ...state, conversation }, frame);
  if (ours.seq > 0) return state;
  /** @param {Turn} turn @returns {Turn} */
  const begun = (turn) => ({
    ...turn, turn: frame.turn, state: "running", seq: frame.seq, awaiting: false,
    waiting: { state: "asked", position: null, since: now },
  });
  return adopt(replace({ ...state, conversation, offered: {} }, frame.id, begun), frame.id, frame.turn);
}

/**
 * What followed a question by the page's name for it now follows it by the server's.
 * @param {State} state @param {string} key @param {string} turn @returns {State}
 */
function adopt(state, key, turn) {
  const { [key]: chosen, ...others } = state.chosen;
  const turns = state.turns.map((each) => (each.parent === key ? { ...each, parent: turn } : each));
  return { ...state, turns, chosen: chosen === undefined ? state.chosen : { ...others, [turn]: chosen } };
}

/**
 * Another tab asked: with its text we can show it, otherwise the history tells.
 * @param {State} state @param {import("./events.js").TurnEvent} frame @returns {State}
 */
function stranger(state, frame) {
  if (frame.text === undefined || frame.parent === undefined) {
    return { ...state, asks: [...state.asks, { type: "history", conversation: frame.conversation }] };
  }
  /** @type {Turn} */
  const turn = { ...blank(frame.id), turn: frame.turn, parent: frame.parent, text: frame.text, state: "running", seq: frame.seq };
  return { ...state, turns: [...state.turns, turn] };
}

/**
 * A command was refused; of a question it is told at the question.
 * @param {State} state @param {ErrorFields & {re?: {type: string, id?: string}}} frame @returns {State}
 */
function refuse(state, frame) {
  if (frame.re?.type !== "chat" || frame.re.id === undefined) return state;
  return replace(state, frame.re.id, (turn) => (turn.turn === null ? { ...turn, state: "refused", error: frame } : turn));
}

/**
 * @typedef {Exclude<TurnFrame, {type: "turn"}> | (ErrorFields & {type: "error", turn: string, seq: number})} Following
 */

/** @param {State} state @param {Following} frame @param {number} now @returns {State} */
function advance(state, frame, now) {
  const turn = state.turns.find((each) => each.turn === frame.turn);
  if (turn === undefined) return state;
  if (frame.type === "reset") return restart(state, turn, frame);
  if (frame.seq <= turn.seq) return state;
  const first = "first" in frame && frame.first !== undefined ? frame.first : frame.seq;
  if (first === turn.seq + 1) {
    return replace(state, turn.key, (each) => ({ ...fold(lastWords(each, frame), frame, now), seq: frame.seq, awaiting: false }));
  }
  return turn.awaiting ? state : askAgain(state, turn, first);
}

/**
 * A gap is asked for from where we stand; a frame that overlaps cannot be cut, so the turn is told again from its start.
 * @param {State} state @param {Turn} turn @param {number} first @returns {State}
 */
function askAgain(state, turn, first) {
  const overlaps = first <= turn.seq;
  /** @param {Turn} each @returns {Turn} */
  const waiting = (each) => ({ ...each, awaiting: true, ...(overlaps ? { seq: 0, segments: [] } : {}) });
  /** @type {Ask} */
  const ask = { type: "resume", turn: turn.turn ?? "", after: overlaps ? 0 : turn.seq };
  const asked = replace(state, turn.key, waiting);
  return { ...asked, asks: [...asked.asks, ask] };
}

/** @param {State} state @param {Turn} turn @param {import("./events.js").ResetEvent} frame @returns {State} */
function restart(state, turn, frame) {
  const stands = replace(state, turn.key, (each) => standing(each, frame));
  if (state.conversation === null) return stands;
  return { ...stands, asks: [...stands.asks, { type: "history", conversation: state.conversation.id }] };
}

/** @param {Turn} turn @param {import("./events.js").ResetEvent} frame @returns {Turn} */
function standing(turn, frame) {
  const blocks = fromBlocks(frame.blocks ?? []);
  /** @type {Segment[]} */
  const shown = frame.text === "" && blocks.length === 0 ? [] : [{ kind: "text", text: frame.text, blocks }];
  return { ...turn, segments: shown, seq: frame.seq, whole: false, awaiting: false };
}

/** @param {Turn} turn @param {Exclude<Following, {type: "reset"}>} frame @param {number} now @returns {Turn} */
function fold(turn, frame, now) {
  switch (frame.type) {
    case "route":
      return { ...turn, state: "running", route: frame, waiting: unheard(now), segments: segments.routed(turn.segments, turn.route, frame) };
    case "status":
      return {
        ...turn,
        state: frame.state === "queued" ? "queued" : "running",
        waiting: { state: frame.state, position: frame.position ?? null, since: now },
      };
    case "thinking":
      return { ...turn, waiting: null, segments: segments.appendThinking(turn.segments, frame.text) };
    case "delta":
      return { ...turn, waiting: null, segments: applyChanges(turn.segments, frame.text, frame.blocks ?? null) };
    case "tool_call":
      return { ...turn, waiting: null, segments: [...turn.segments, segments.called(frame, now)] };
    case "tool_result":
      return { ...turn, waiting: unheard(now), segments: segments.answered(turn.segments, frame) };
    case "fallback":
      return { ...turn, segments: [...turn.segments, { kind: "fallback", from: frame.from, to: frame.to, cause: frame.cause }] };
    case "done":
      return { ...turn, waiting: null, done: frame, state: ended(frame.finish) };
    case "error":
      return { ...turn, waiting: null, error: frame, state: "error" };
    default:
      return unexpected(turn, frame);
  }
}

/** A model has been asked and has not said a word yet. @param {number} now @returns {Waiting} */
function unheard(now) {
  return { state: "first_word", position: null, since: now };
}

/**
 * Whatever ends a text may bring that text's last changes: its tail is only then known for sure.
 * @param {Turn} turn @param {Following} frame @returns {Turn}
 */
function lastWords(turn, frame) {
  if (frame.type === "delta" || frame.type === "reset" || !("blocks" in frame) || !frame.blocks) return turn;
  return { ...turn, segments: applyChanges(turn.segments, "", frame.blocks) };
}

/** @param {import("./events.js").Finish} finish @returns {import("./events.js").TurnState} */
function ended(finish) {
  return finish === "stopped" || finish === "interrupted" ? finish : "done";
}

/** @param {State} state @param {string} key @param {(turn: Turn) => Turn} change @returns {State} */
function replace(state, key, change) {
  return { ...state, turns: state.turns.map((turn) => (turn.key === key ? change(turn) : turn)) };
}

/**
 * A newer server may say more than this page knows. `tsc` names here every frame nobody handles.
 * @template T
 * @param {T} state
 * @param {never} _frame
 * @returns {T}
 */
function unexpected(state, _frame) {
  return state;
}
