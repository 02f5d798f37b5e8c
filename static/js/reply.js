/**
 * The body of a reply: its segments in order, each drawn once and then only changed where it changed.
 * @module reply
 */

import { arrange, el, icon, say } from "./dom.js";
import { placeIcon } from "./explain.js";
import { patch } from "./nodes.js";
import { ToolCard } from "./toolcard.js";
import { causeWords, placeOf, providerName } from "./words.js";

/** @typedef {import("./segments.js").Segment} Segment */
/** @typedef {import("./segments.js").TextSegment} TextSegment */
/** @typedef {import("./events.js").BlockChange} BlockChange */
/** @typedef {{kind: string, element: HTMLElement, update: (segment: any, over: boolean) => void}} Piece */

/**
 * @param {(call: string, allow: boolean) => void} approve
 * @returns {{element: HTMLElement, update: (segments: Segment[], over: boolean) => void}}
 */
export function replyBody(approve) {
  const element = el("div", { class: "reply-body" });
  /** @type {Piece[]} */
  let pieces = [];
  /** @type {HTMLElement[]} */
  const parts = [];
  return {
    element,
    update(segments, over) {
      const same = pieces.findIndex((piece, index) => piece.kind !== segments[index]?.kind);
      if (same !== -1) pieces = pieces.slice(0, same);
      segments.forEach((segment, index) => {
        pieces[index] ??= make(segment, approve);
        pieces[index].update(segment, over);
      });
      const spans = byAuthor(segments);
      spans.forEach(({ place, from, to }, index) => {
        parts[index] ??= el("div");
        parts[index].className = `part ${place}`.trim();
        arrange(parts[index], pieces.slice(from, to).map((piece) => piece.element));
      });
      arrange(element, parts.slice(0, spans.length));
    },
  };
}

/**
 * A reply's edge is its last author's; what another one wrote before keeps the edge of where that one is.
 * @param {Segment[]} segments
 * @returns {{place: import("./words.js").Place | "", from: number, to: number}[]} "": the last author's
 */
export function byAuthor(segments) {
  /** @type {{place: import("./words.js").Place | "", from: number, to: number}[]} */
  const spans = [];
  let from = 0;
  segments.forEach((segment, to) => {
    const before = authorBefore(segment);
    if (before === null || to === from) return;
    spans.push({ place: placeOf(before), from, to });
    from = to;
  });
  return from < segments.length ? [...spans, { place: "", from, to: segments.length }] : spans;
}

/** @param {Segment} segment @returns {string | null} the provider that wrote what stands above it, where it ends that */
function authorBefore(segment) {
  if (segment.kind === "fallback") return segment.from;
  return segment.kind === "route" ? (segment.previous?.provider ?? null) : null;
}

/** @param {Segment} segment @param {(call: string, allow: boolean) => void} approve @returns {Piece} */
function make(segment, approve) {
  switch (segment.kind) {
    case "text":
      return { kind: "text", ...textPiece() };
    case "thinking":
      return { kind: "thinking", ...thinkingPiece() };
    case "tool":
      return toolPiece(new ToolCard(approve));
    case "route":
      return { kind: "route", element: handover(segment), update: () => undefined };
    case "fallback":
      return { kind: "fallback", element: fellBack(segment), update: () => undefined };
  }
}

/** @param {ToolCard} card @returns {Piece} */
function toolPiece(card) {
  return { kind: "tool", element: card.element, update: (segment, over) => card.update(segment, over) };
}

function textPiece() {
  const element = el("div", { class: "markdown" });
  /** @type {TextSegment["blocks"]} */
  let shown = [];
  return {
    element,
    /** @param {TextSegment} segment */
    update({ blocks }) {
      if (blocks === shown) return;
      const changes = difference(shown, blocks);
      shown = blocks;
      if (changes.length > 0) patch(element, changes);
    },
  };
}

/**
 * @param {TextSegment["blocks"]} before
 * @param {TextSegment["blocks"]} after
 * @returns {BlockChange[]} by identity; what is gone from the end comes last to first
 */
export function difference(before, after) {
  /** @type {BlockChange[]} */
  const changes = [];
  after.forEach((node, index) => {
    if (node !== before[index]) changes.push([index, node]);
  });
  for (let index = before.length - 1; index >= after.length; index -= 1) changes.push([index, null]);
  return changes;
}

function thinkingPiece() {
  const text = el("div", { class: "thinking-text" });
  const words = el("span", {});
  const element = el("details", { class: "thinking" }, el("summary", {}, icon("chevron"), words), text);
  return {
    element,
    /** @param {{text: string}} segment @param {boolean} over */
    update(segment, over) {
      say(words, over ? "What the model thought" : "Thinking");
      say(text, segment.text);
    },
  };
}

/** Where another model goes on: two models' words are never one text. @param {import("./segments.js").RouteSegment} segment */
function handover({ route, previous }) {
  const above = previous ? `${previous.model} wrote the above. ` : "";
  const words = `${above}${route.model} answers from here. ${route.reason}`;
  return el("p", { class: `handover ${placeOf(route.provider)}` }, placeIcon(route), el("span", {}, words));
}

/** @param {import("./segments.js").FallbackSegment} segment */
function fellBack({ from, to, cause }) {
  return el("p", { class: "notice fallback" }, icon("again"),
    el("span", {}, `${providerName(from)} ${causeWords(cause)}, so ${providerName(to)} was asked. `, el("code", {}, cause)));
}
