/**
 * The backdrop: the draft's letters once more, unseen, exactly behind the field, so that a mark lies under its word.
 * An edit touches the lines it changed, and of a single line the stretches. Where the marks are is `marks.js`.
 * @module backdrop
 */

import { el, need } from "./dom.js";
import { difference, linesOf } from "./marks.js";

/** @typedef {import("./marks.js").Marks} Marks */
/** @typedef {import("./marks.js").Piece} Piece */
/** @typedef {import("./marks.js").Change} Change */

export class Backdrop {
  constructor() {
    this._place = need("#backdrop", HTMLElement);
    /** @type {Piece[][]} */
    this._lines = [];
    this.draw("", []);
  }

  /** @param {string} text @param {Marks} marks */
  draw(text, marks) {
    const next = linesOf(text, marks);
    const change = difference(this._lines, next, sameLine);
    const { first, gone, come } = change;
    if (gone === 1 && come === 1) repaint(this._place.children[first], this._lines[first], next[first]);
    else swap(this._place, change, next.slice(first, first + come).map((pieces) => el("div", {}, pieces.map(drawn))));
    this._lines = next;
  }

  /** Scroll as little as shows a mark. @param {number} mark its number among the marks */
  reveal(mark) {
    this._place.querySelectorAll("mark[data-opens]")[mark]?.scrollIntoView({ block: "nearest" });
  }
}

/** @param {Element} line @param {Piece[]} now @param {Piece[]} next */
function repaint(line, now, next) {
  const change = difference(now, next, samePiece);
  const { first, gone, come } = change;
  const sameKind = gone === 1 && come === 1 && now[first].marked === next[first].marked && now[first].opens === next[first].opens;
  if (sameKind) rewrite(line.childNodes[first], next[first].text);
  else swap(line, change, next.slice(first, first + come).map(drawn));
}

/** Other letters in the same stretch: of a line as long as a draft, the browser lays out little anew. @param {globalThis.Node} stretch @param {string} text */
function rewrite(stretch, text) {
  const letters = stretch instanceof Text ? stretch : stretch.firstChild;
  if (letters instanceof Text) letters.data = text;
}

/** @param {Element} parent @param {Change} change @param {globalThis.Node[]} fresh */
function swap(parent, { first, gone }, fresh) {
  const before = parent.childNodes[first + gone] ?? null;
  for (let left = gone; left > 0; left -= 1) parent.childNodes[first].remove();
  for (const node of fresh) parent.insertBefore(node, before);
}

/** @param {Piece} piece @returns {globalThis.Node} */
function drawn({ text, marked, opens }) {
  return marked ? el("mark", { "data-opens": opens }, text) : new Text(text);
}

/** @param {Piece[]} one @param {Piece[]} other */
function sameLine(one, other) {
  return one.length === other.length && one.every((piece, index) => samePiece(piece, other[index]));
}

/** @param {Piece} one @param {Piece} other */
function samePiece(one, other) {
  return one.text === other.text && one.marked === other.marked && one.opens === other.opens;
}
