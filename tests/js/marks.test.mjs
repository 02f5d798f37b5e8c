// Marks over edits: a mark is on the letters it was found on or it is gone. Laws over many random edits, and examples.

import assert from "node:assert/strict";
import { test } from "node:test";

import { difference, editBetween, linesOf, marksOf, moved } from "../../static/js/marks.js";

const DRAFT = "Mrs. Okonkwo MRN 4482913 in bed 12";
const NAME = { kind: "NAME", start: 5, end: 12 };
const NUMBER = { kind: "MRN", start: 17, end: 24 };

const letters = (text, marks) => marks.map(({ start, end }) => text.slice(start, end));

/** The marks after somebody put `inserted` in place of a stretch, the caret behind it. */
function typed(before, marks, start, end, inserted) {
  const after = before.slice(0, start) + inserted + before.slice(end);
  return [after, moved(marks, editBetween(before, after, start + inserted.length), after)];
}

test("an edit before the marks moves them, one behind leaves them", () => {
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 0, 0, "Hello. ")), ["Okonkwo", "4482913"]);
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 0, 5, "")), ["Okonkwo", "4482913"]);
  assert.deepEqual(typed(DRAFT, [NAME, NUMBER], 34, 34, "?")[1], [NAME, NUMBER]);
});

test("an edit inside a mark takes it away, one that touches its end does not", () => {
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 8, 8, "x")), ["4482913"]);
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 11, 13, "")), ["4482913"]);
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 24, 24, "7")), ["Okonkwo", "4482913"]);
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 5, 5, "Mc")), ["Okonkwo", "4482913"]);
});

test("where letters repeat the caret says which were typed", () => {
  const text = "44 4482913";
  const marks = [{ kind: "MRN", start: 3, end: 10 }];
  assert.deepEqual(typed(text, marks, 0, 0, "44 "), ["44 44 4482913", [{ kind: "MRN", start: 6, end: 13 }]]);
});

test("an accent put on the last letter of a mark takes it away", () => {
  assert.deepEqual(letters(...typed(DRAFT, [NAME, NUMBER], 12, 12, "\u0301")), ["4482913"]);
});

test("nothing changed is the same array", () => {
  const marks = [NAME, NUMBER];
  assert.equal(moved(marks, editBetween(DRAFT, DRAFT, 3), DRAFT), marks);
  assert.equal(typed(DRAFT, marks, 34, 34, "!")[1], marks);
});

test("findings become marks of whole characters, sorted, none in another, none outside", () => {
  const text = "😀Zoe\u0301 👩🏽‍⚕️ x";
  const marks = marksOf([
    { kind: "PHOTO", start: 8, end: 9 },
    { kind: "NAME", start: 2, end: 5 },
    { kind: "NAME", start: 3, end: 5 },
    { kind: "MRN", start: 90, end: 99 },
    { kind: "MRN", start: 4, end: 4 },
  ], text);
  assert.deepEqual(letters(text, marks), ["Zoe\u0301", "👩🏽‍⚕️"]);
});

test("a draft in lines is the draft, and the marks in it are the marks", () => {
  const text = "MRN\n4482913\n\nend";
  const lines = linesOf(text, [{ kind: "MRN", start: 0, end: 11 }, { kind: "NAME", start: 13, end: 16 }]);
  assert.deepEqual(lines, [
    [{ text: "MRN", marked: true, opens: true }],
    [{ text: "4482913", marked: true, opens: false }],
    [],
    [{ text: "end", marked: true, opens: true }],
  ]);
  assert.deepEqual(linesOf("", []), [[]]);
});

/* --- laws ------------------------------------------------------------------------------------------------------------ */

/** Small and repeatable: the same numbers in each run. */
function randomness(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SIGNS = ["a", "b", "a", "4", "4", " ", "\n", "é", "e\u0301", "😀", "👩🏽‍⚕️", "م", "ר", "\u200d", "\ud83d"];

function someText(random, most) {
  return Array.from({ length: random(most) }, () => SIGNS[random(SIGNS.length)]).join("");
}

function someFindings(random, text) {
  return Array.from({ length: random(6) }, () => {
    const start = random(text.length + 1);
    return { kind: "MRN", start, end: start + random(8) };
  });
}

const seeds = Array.from({ length: 3000 }, (_, seed) => seed);

function tidy(marks, text) {
  let reached = 0;
  for (const { start, end } of marks) {
    assert.ok(reached <= start && start < end && end <= text.length);
    reached = end;
  }
}

test("law: after any edits every mark that is left stands on the letters it was found on", () => {
  for (const seed of seeds) {
    const random = randomness(seed);
    let text = someText(random, 40);
    let marks = marksOf(someFindings(random, text), text).map((mark, number) => ({ ...mark, number, was: text.slice(mark.start, mark.end) }));
    tidy(marks, text);
    for (let edits = 0; edits < 5; edits += 1) {
      const start = random(text.length + 1);
      const end = Math.min(text.length, start + random(4));
      [text, marks] = typed(text, marks, start, end, someText(random, 4));
      tidy(marks, text);
      for (const mark of marks) assert.equal(text.slice(mark.start, mark.end), mark.was);
      assert.deepEqual(marks, [...marks].sort((one, other) => one.number - other.number));
    }
  }
});

test("law: one edit away from every mark takes none, and one inside a mark takes only that", () => {
  for (const seed of seeds) {
    const random = randomness(seed);
    const text = Array.from({ length: 30 }, (_, place) => String.fromCharCode(0x4e00 + place)).join("");
    const marks = marksOf(someFindings(random, text), text);
    const start = random(31);
    const end = Math.min(30, start + random(6));
    const [, left] = typed(text, marks, start, end, "#".repeat(1 + random(3)));
    const untouched = marks.filter((mark) => mark.end <= start || mark.start >= end);
    assert.equal(left.length, untouched.length);
  }
});

test("law: the edit between two texts makes the one of the other, wherever the caret stands", () => {
  for (const seed of seeds) {
    const random = randomness(seed);
    const [before, after] = [someText(random, 20), someText(random, 20)];
    const { start, removed, inserted } = editBetween(before, after, random(after.length + 1));
    assert.ok(removed >= 0 && inserted >= 0);
    assert.equal(before.slice(0, start) + after.slice(start, start + inserted) + before.slice(start + removed), after);
  }
});

test("law: the lines of a draft, joined, are the draft, and its marked pieces are the letters of its marks", () => {
  for (const seed of seeds) {
    const random = randomness(seed);
    const text = someText(random, 40);
    const marks = marksOf(someFindings(random, text), text);
    const lines = linesOf(text, marks);
    assert.equal(lines.map((pieces) => pieces.map((piece) => piece.text).join("")).join("\n"), text);
    const marked = lines.flat().filter((piece) => piece.marked).map((piece) => piece.text).join("");
    assert.equal(marked, letters(text, marks).join("").replaceAll("\n", ""));
  }
});

test("law: what is left alone between two lists is the same in both, and as much as can be at both ends", () => {
  const same = (one, other) => one === other;
  for (const seed of seeds) {
    const random = randomness(seed);
    const [now, next] = [[...someText(random, 8)], [...someText(random, 8)]];
    const { first, gone, come } = difference(now, next, same);
    assert.deepEqual([...now.slice(0, first), ...next.slice(first, first + come), ...now.slice(first + gone)], next);
    if (gone > 0 && come > 0) assert.ok(now[first] !== next[first] && now[first + gone - 1] !== next[first + come - 1]);
  }
});
