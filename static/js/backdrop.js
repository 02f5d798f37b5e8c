/**
 * The backdrop: the draft's letters once more, unseen, exactly behind the field, so that a mark lies under its word.
 * It is laid out line by line, and an edit touches the lines it changed. Where the marks are is `marks.js`.
 * @module backdrop
 */

import { el, need } from "./dom.js";
import { linesOf } from "./marks.js";

/** @typedef {import("./marks.js").Marks} Marks */
/** @typedef {import("./marks.js").Piece} Piece */
/** @typedef {{key: string, pieces: Piece[], element: HTMLElement}} Line */

export class Backdrop {
  constructor() {
    this._place = need("#backdrop", HTMLElement);
    /** @type {Line[]} */
    this._lines = [];
    this.draw("", []);
  }

  /** @param {string} text @param {Marks} marks */
  draw(text, marks) {
    const next = linesOf(text, marks).map((pieces) => ({ pieces, key: keyOf(pieces) }));
    const { _lines: lines } = this;
    const shorter = Math.min(lines.length, next.length);
    let first = 0;
    while (first < shorter && lines[first].key === next[first].key) first += 1;
    let behind = 0;
    while (behind < shorter - first && lines[lines.length - 1 - behind].key === next[next.length - 1 - behind].key) behind += 1;
    const fresh = next.slice(first, next.length - behind).map(drawn);
    const gone = lines.splice(first, lines.length - behind - first, ...fresh);
    const after = lines[first + fresh.length]?.element ?? null;
    for (const { element } of gone) element.remove();
    for (const { element } of fresh) this._place.insertBefore(element, after);
  }

  /** Scroll as little as shows a mark. @param {number} mark its number among the marks */
  reveal(mark) {
    this._place.querySelectorAll("mark[data-opens]")[mark]?.scrollIntoView({ block: "nearest" });
  }
}

/** @param {{key: string, pieces: Piece[]}} line @returns {Line} */
function drawn({ key, pieces }) {
  const parts = pieces.map(({ text, marked, opens }) => (marked ? el("mark", { "data-opens": opens }, text) : text));
  return { key, pieces, element: el("div", {}, parts) };
}

/** Two lines with the same key look the same. @param {Piece[]} pieces */
function keyOf(pieces) {
  return pieces.map(({ text, marked, opens }) => `${marked ? (opens ? "*" : "+") : "-"}${text}`).join("\n");
}
