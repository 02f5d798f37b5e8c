/**
 * Which way through the tree of turns is shown: from the first question down, at each fork the branch the reader chose,
 * else the newest. Pure.
 * @module branches
 */

/** @typedef {import("./conversation.js").State} State */
/** @typedef {import("./conversation.js").Turn} Turn */
/** `siblings`: the turns that stand at the same place, in order of arrival, itself included. */
/** @typedef {{turn: Turn, siblings: Turn[]}} Step */

/**
 * What children of a turn name as their parent: the server's id, before that the page's own.
 * @param {{turn: string | null, key: string}} turn
 */
export function idOf(turn) {
  return turn.turn ?? turn.key;
}

/**
 * @param {State} state
 * @returns {Step[]} oldest first
 */
export function path(state) {
  const children = byParent(state.turns);
  /** @type {Step[]} */
  const steps = [];
  let parent = "";
  while (steps.length < state.turns.length) {
    const siblings = children.get(parent) ?? [];
    const turn = siblings.find((each) => each.key === state.chosen[parent]) ?? siblings.at(-1);
    if (turn === undefined) break;
    steps.push({ turn, siblings });
    parent = idOf(turn);
  }
  return steps;
}

/**
 * The turn a new question follows: the last one on the way that is shown, unless the server refused to store it.
 * @param {State} state
 * @returns {Turn | null}
 */
export function leaf(state) {
  return path(state).findLast((step) => step.turn.state !== "refused")?.turn ?? null;
}

/** @param {Turn[]} turns @returns {Map<string, Turn[]>} */
function byParent(turns) {
  /** @type {Map<string, Turn[]>} */
  const groups = new Map();
  for (const turn of turns) {
    const group = groups.get(turn.parent ?? "");
    if (group) group.push(turn);
    else groups.set(turn.parent ?? "", [turn]);
  }
  return groups;
}
