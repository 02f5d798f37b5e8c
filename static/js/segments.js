/**
 * What a reply is made of, in order: text, thinking, tool calls, and the places where another model took over.
 * Pure; every function returns a new list and shares what did not change, so that a view can compare by identity.
 * @module segments
 */

/** @typedef {import("./events.js").Node} Node */
/** @typedef {import("./events.js").BlockChange} BlockChange */
/** @typedef {import("./events.js").RouteFields} RouteFields */
/** @typedef {import("./events.js").ToolOutcome} ToolOutcome */

/** @typedef {{kind: "text", text: string, blocks: Node[]}} TextSegment */
/** @typedef {{kind: "thinking", text: string}} ThinkingSegment */
/**
 * `since`: when the call came, in ms; null where it was read from the history.
 * @typedef {{kind: "tool", call: string, name: string, arguments: Record<string, unknown>,
 *   egress: import("./events.js").Egress, approval: boolean, since: number | null, result: ToolOutcome | null}} ToolSegment
 */
/** `previous`: who wrote what stands above; null where that is not known. */
/** @typedef {{kind: "route", route: RouteFields, previous: RouteFields | null}} RouteSegment */
/** @typedef {{kind: "fallback", from: string, to: string, cause: string}} FallbackSegment */
/** @typedef {TextSegment | ThinkingSegment | ToolSegment | RouteSegment | FallbackSegment} Segment */

/**
 * @param {import("./events.js").StoredSegment} stored
 * @returns {Segment}
 */
function fromStored(stored) {
  switch (stored.type) {
    case "text":
      return { kind: "text", text: stored.text, blocks: stored.blocks ?? [paragraph(stored.text)] };
    case "thinking":
      return { kind: "thinking", text: stored.text };
    case "tool":
      return {
        kind: "tool", call: stored.call, name: stored.name, arguments: stored.arguments, egress: stored.egress,
        approval: stored.approval ?? false, since: null, result: stored.result,
      };
    case "route":
      return { kind: "route", route: stored, previous: null };
    case "fallback":
      return { kind: "fallback", from: stored.from, to: stored.to, cause: stored.cause };
  }
}

/**
 * Blocks as a `reset` carries them: nodes in order, or changes to nothing.
 * @param {(Node | BlockChange)[]} blocks
 * @returns {Node[]}
 */
export function fromBlocks(blocks) {
  const changes = blocks.map((block, index) => /** @type {BlockChange} */ (isChange(block) ? block : [index, block]));
  return changed([], changes);
}

/** @param {Node | BlockChange} block @returns {block is BlockChange} */
function isChange(block) {
  return typeof block[0] === "number";
}

/**
 * Add a delta. It belongs to the text begun since the last tool call or change of model, even if thinking came between.
 * @param {Segment[]} list
 * @param {string} text
 * @param {BlockChange[] | null} blocks null: the server sent plain text
 * @returns {Segment[]}
 */
export function applyChanges(list, text, blocks) {
  const at = lastOf(list, "text");
  const old = /** @type {TextSegment | undefined} */ (list[at]);
  const whole = (old?.text ?? "") + text;
  const built = blocks === null ? [paragraph(whole)] : changed(old?.blocks ?? [], blocks);
  return put(list, at, { kind: "text", text: whole, blocks: built });
}

/** @param {Segment[]} list @param {string} text @returns {Segment[]} */
export function appendThinking(list, text) {
  const at = lastOf(list, "thinking");
  const old = /** @type {ThinkingSegment | undefined} */ (list[at]);
  return put(list, at, { kind: "thinking", text: (old?.text ?? "") + text });
}

/** @param {import("./events.js").ToolCallEvent} frame @param {number} now @returns {ToolSegment} */
export function called(frame, now) {
  const { call, name, egress, approval } = frame;
  return { kind: "tool", call, name, arguments: frame.arguments, egress, approval, since: now, result: null };
}

/** @param {Segment[]} list @param {import("./events.js").ToolResultEvent} frame @returns {Segment[]} */
export function answered(list, frame) {
  const { ok, content, ms, truncated } = frame;
  const result = { ok, content, ms, truncated };
  return list.map((each) => (each.kind === "tool" && each.call === frame.call ? { ...each, result } : each));
}

/**
 * The segments of a stored turn. A route before any word marks nothing: the chip says who answered.
 * @param {import("./events.js").StoredSegment[]} stored
 * @returns {Segment[]}
 */
export function fromHistory(stored) {
  const begins = stored.findIndex((each) => each.type === "text" || each.type === "tool");
  return stored.filter((each, index) => each.type !== "route" || (begins !== -1 && begins < index)).map(fromStored);
}

/**
 * A first route begins the reply; one after words were said marks where another model takes over.
 * @param {Segment[]} list
 * @param {RouteFields | null} previous
 * @param {RouteFields} route
 * @returns {Segment[]}
 */
export function routed(list, previous, route) {
  const wrote = list.some((each) => each.kind === "text" || each.kind === "tool");
  return wrote ? [...list, { kind: "route", route, previous }] : list;
}

/** @param {Segment[]} list @returns {string} the reply as it was written, for the clipboard */
export function plainText(list) {
  const texts = list.flatMap((each) => (each.kind === "text" ? [each.text.trim()] : []));
  return texts.filter((text) => text !== "").join("\n\n");
}

/**
 * As `nodes.patch` does it: in order, and a place counts as things stand when its turn comes.
 * @param {Node[]} blocks @param {BlockChange[]} changes @returns {Node[]}
 */
function changed(blocks, changes) {
  const next = [...blocks];
  for (const [index, node] of changes) {
    if (node === null) next.splice(index, 1);
    else next[Math.min(index, next.length)] = node;
  }
  return next;
}

/** @param {Segment[]} list @param {"text" | "thinking"} kind @returns {number} -1 where none is open */
function lastOf(list, kind) {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    if (list[at].kind === kind) return at;
    if (list[at].kind !== "text" && list[at].kind !== "thinking") return -1;
  }
  return -1;
}

/** @param {Segment[]} list @param {number} at @param {Segment} segment @returns {Segment[]} */
function put(list, at, segment) {
  return at === -1 ? [...list, segment] : list.map((each, index) => (index === at ? segment : each));
}

/** @param {string} text @returns {Node} */
function paragraph(text) {
  return ["p", {}, text];
}
