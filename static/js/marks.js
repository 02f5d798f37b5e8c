/**
 * Marks: where the findings stand in a draft, and where they stand after an edit. Pure; all places in UTF-16 units.
 * A mark is on the letters it was found on, or it is gone: it never slides onto others. Drawing is `backdrop.js`.
 * @module marks
 */

/** @typedef {import("./events.js").Finding} Finding */
/** Sorted, disjoint, not empty, never within a character. @typedef {readonly Finding[]} Marks */
/** At `start`, `removed` units gave way to `inserted`. @typedef {{start: number, removed: number, inserted: number}} Edit */
/** A stretch of one line; `opens`: the mark it belongs to begins here. @typedef {{text: string, marked: boolean, opens: boolean}} Piece */

/** From `first` on, `gone` items give way to `come` others. @typedef {{first: number, gone: number, come: number}} Change */

/** What belongs to the character before it: accents, joiners, variation selectors, skin tones, the second half of a pair. */
const CONTINUES = /^(?:[\p{M}\u200c\u200d\ufe00-\ufe0f\udc00-\udfff]|[\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}])/u;
const JOINER = "\u200d";

/**
 * What an input changed, as one edit. Where letters repeat, many edits would explain it: the caret tells which it was.
 * @param {string} before
 * @param {string} after
 * @param {number} caret where the caret stands in `after`
 * @returns {Edit}
 */
export function editBetween(before, after, caret) {
  const shorter = Math.min(before.length, after.length);
  const mostBehind = Math.min(shorter, after.length - caret);
  let behind = 0;
  while (behind < mostBehind && before.at(-1 - behind) === after.at(-1 - behind)) behind += 1;
  let start = 0;
  while (start < shorter - behind && before[start] === after[start]) start += 1;
  return { start, removed: before.length - behind - start, inserted: after.length - behind - start };
}

/**
 * The marks after an edit: those behind it have moved, one it touched is gone.
 * @param {Marks} marks
 * @param {Edit} edit
 * @param {string} after the text as the edit left it
 * @returns {Marks} the same array where nothing changed
 */
export function moved(marks, edit, after) {
  const { start, removed, inserted } = edit;
  if (removed === 0 && inserted === 0) return marks;
  const by = inserted - removed;
  const kept = marks.flatMap((mark) => {
    if (mark.end <= start) return [mark];
    return mark.start >= start + removed ? [{ ...mark, start: mark.start + by, end: mark.end + by }] : [];
  });
  const whole = kept.filter((mark) => !isWithin(after, mark.start) && !isWithin(after, mark.end));
  return whole.length === marks.length && whole.every((mark, index) => mark === marks[index]) ? marks : whole;
}

/**
 * What the server found, as marks: within the text, none inside another, each widened to whole characters.
 * @param {Finding[]} findings
 * @param {string} text
 * @returns {Marks}
 */
export function marksOf(findings, text) {
  /** @type {Finding[]} */
  const marks = [];
  for (const { kind, start, end } of [...findings].sort((one, other) => one.start - other.start)) {
    const from = Math.max(beginning(text, start), marks.at(-1)?.end ?? 0);
    const to = ending(text, end);
    if (from < to) marks.push({ kind, start: from, end: to });
  }
  return marks;
}

/**
 * A draft as its lines, each cut at the ends of its marks. A mark over several lines has a piece in each.
 * @param {string} text
 * @param {Marks} marks
 * @returns {Piece[][]}
 */
export function linesOf(text, marks) {
  let at = 0;
  let next = 0;
  return text.split("\n").map((line) => {
    const end = at + line.length;
    /** @type {Piece[]} */
    const pieces = [];
    let reached = at;
    while (next < marks.length && marks[next].start < end) {
      const { start, end: markEnd } = marks[next];
      const from = Math.max(start, at);
      const to = Math.min(markEnd, end);
      if (from > reached) pieces.push({ text: text.slice(reached, from), marked: false, opens: false });
      if (to > from) pieces.push({ text: text.slice(from, to), marked: true, opens: from === start });
      reached = Math.max(reached, to);
      if (markEnd > end) break;
      next += 1;
    }
    if (reached < end) pieces.push({ text: text.slice(reached, end), marked: false, opens: false });
    at = end + 1;
    return pieces;
  });
}

/**
 * What of a list has to give way so that it becomes another one.
 * @template Item
 * @param {Item[]} now
 * @param {Item[]} next
 * @param {(one: Item, other: Item) => boolean} same
 * @returns {Change}
 */
export function difference(now, next, same) {
  const shorter = Math.min(now.length, next.length);
  let first = 0;
  while (first < shorter && same(now[first], next[first])) first += 1;
  let behind = 0;
  while (behind < shorter - first && same(now[now.length - 1 - behind], next[next.length - 1 - behind])) behind += 1;
  return { first, gone: now.length - first - behind, come: next.length - first - behind };
}

/** Whether a cut here would go through a character. @param {string} text @param {number} at */
function isWithin(text, at) {
  if (at <= 0 || at >= text.length) return false;
  return text[at - 1] === JOINER || CONTINUES.test(text.slice(at, at + 2));
}

/** @param {string} text @param {number} at */
function beginning(text, at) {
  let place = Math.max(0, Math.min(at, text.length));
  while (isWithin(text, place)) place -= 1;
  return place;
}

/** @param {string} text @param {number} at */
function ending(text, at) {
  let place = Math.max(0, Math.min(at, text.length));
  while (isWithin(text, place)) place += 1;
  return place;
}
