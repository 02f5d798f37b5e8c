/**
 * A conversation as the server has stored it ─▶ the state of the fold. Pure; the frames that follow are
 * `conversation.js`'s.
 * @module stored
 */

import { blank, isOver, resumes } from "./conversation.js";
import { fromHistory } from "./segments.js";

/** @typedef {import("./conversation.js").State} State */
/** @typedef {import("./conversation.js").Turn} Turn */
/** @typedef {import("./events.js").StoredConversation} StoredConversation */
/** @typedef {import("./events.js").StoredTurn} StoredTurn */

/**
 * What the server has stored of this conversation. A turn of which the page has seen more stays as it is.
 * @param {State} state
 * @param {StoredConversation} stored
 * @returns {State}
 */
export function load(state, stored) {
  const { turns, ...description } = stored;
  const seen = new Map(state.turns.map((turn) => [turn.key, turn]));
  const kept = turns.map((turn) => newer(seen.get(turn.id), turn));
  const keys = new Set(kept.map((turn) => turn.key));
  const ours = state.turns.filter((turn) => !keys.has(turn.key) && turn.turn === null);
  const asks = [...state.asks, ...resumes(kept.filter((turn) => !isOver(turn)))];
  return { ...state, conversation: { ...description, type: "conversation" }, turns: [...kept, ...ours], asks };
}

/**
 * A turn that still runs is told from its start by `resume`, so that its blocks are counted as the server counts them.
 * @param {Turn | undefined} seen @param {StoredTurn} stored @returns {Turn}
 */
function newer(seen, stored) {
  const ahead = seen !== undefined && seen.turn !== null && seen.seq >= stored.last_seq + (seen.whole ? 0 : 1);
  if (ahead) return { ...seen, parent: stored.parent };
  const begun = {
    ...blank(stored.id),
    turn: stored.turn,
    parent: stored.parent,
    text: stored.text,
    attachments: stored.attachments ?? seen?.attachments ?? [],
    state: stored.state,
    feedback: seen?.feedback ?? null,
  };
  return isOver(begun) ? finished(begun, stored) : begun;
}

/** @param {Turn} turn @param {StoredTurn} stored @returns {Turn} */
function finished(turn, stored) {
  const done = stored.done ?? null;
  const error = stored.error ?? null;
  return { ...turn, seq: stored.last_seq, route: stored.route, segments: fromHistory(stored.segments), done, error };
}
