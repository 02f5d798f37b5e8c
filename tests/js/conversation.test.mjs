// The fold: what a page knows of a conversation after each frame, and what it asks for when it missed one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { leaf, path } from "../../static/js/branches.js";
import { apply, choose, forget, fresh, isOver, rate, sent, takeAsks } from "../../static/js/conversation.js";
import { load } from "../../static/js/stored.js";

const ROUTE = {
  provider: "ollama", model: "llama3.2", task: "simple", rule: "simple", reason: "Short question.", otherwise: null,
  privacy: { verdict: "clear", kinds: [] }, context: { limit_tokens: 8192, used_tokens: 12, dropped_messages: 0 },
};
const DONE = {
  finish: "stop", provider: "ollama", model: "llama3.2", usage: { prompt_tokens: 1, completion_tokens: 2 },
  context_tokens: 3, timing: { first_token_ms: 10, total_ms: 20 },
};
const DESCRIPTION = { type: "conversation", id: "c1", title: "First", mode: "hybrid", locked: false, locked_by: null };

const chat = (id, more = {}) => ({ type: "chat", id, text: `question ${id}`, ...more });
const frame = (type, seq, fields = {}, turn = "t1") => ({ type, turn, seq, ...fields });
const feed = (state, ...frames) => frames.reduce((before, each) => apply(before, each, 5), state);
const asked = (id = "q1") => sent(fresh(), chat(id), [], null);
const begun = () => feed(asked(), DESCRIPTION, frame("turn", 1, { conversation: "c1", id: "q1" }));
const routed = () => feed(begun(), frame("route", 2, ROUTE));
const only = (state) => state.turns[0];
const texts = (state) => only(state).segments.filter((each) => each.kind === "text").map((each) => each.text);

test("a question is shown before the server has heard it", () => {
  assert.equal(only(asked()).state, "sending");
  assert.equal(only(asked()).turn, null);
});

test("a new conversation is adopted by the turn that belongs to our question", () => {
  assert.equal(feed(asked(), DESCRIPTION).conversation, null);
  assert.deepEqual(begun().conversation, DESCRIPTION);
  assert.equal(only(begun()).turn, "t1");
});

test("a new conversation of another question is not ours", () => {
  const state = feed(asked(), DESCRIPTION, frame("turn", 1, { conversation: "c1", id: "other" }));
  assert.equal(state.conversation, null);
  assert.equal(only(state).turn, null);
});

test("deltas are joined, and blocks change in place", () => {
  const state = feed(
    routed(),
    frame("delta", 3, { text: "Hel", blocks: [[0, ["p", {}, "Hel"]]] }),
    frame("delta", 4, { text: "lo\n\n- a", blocks: [[0, ["p", {}, "Hello"]], [1, ["ul", {}, ["li", {}, "a"]]]] }),
  );
  assert.deepEqual(only(state).segments, [
    { kind: "text", text: "Hello\n\n- a", blocks: [["p", {}, "Hello"], ["ul", {}, ["li", {}, "a"]]] },
  ]);
});

test("a block that is not named stays the same object", () => {
  const first = feed(routed(), frame("delta", 3, { text: "a", blocks: [[0, ["p", {}, "a"]], [1, ["p", {}, "b"]]] }));
  const second = feed(first, frame("delta", 4, { text: "c", blocks: [[1, ["p", {}, "bc"]]] }));
  assert.equal(only(first).segments[0].blocks[0], only(second).segments[0].blocks[0]);
});

test("blocks are taken away from the end, and a place counts as things stand", () => {
  const blocks = ["a", "b", "c"].map((text, index) => [index, ["p", {}, text]]);
  const state = feed(
    routed(),
    frame("delta", 3, { text: "abc", blocks }),
    frame("delta", 4, { text: "d", blocks: [[0, ["p", {}, "abcd"]], [2, null], [1, null]] }),
  );
  assert.deepEqual(only(state).segments[0].blocks, [["p", {}, "abcd"]]);
});

test("without blocks the text is one paragraph", () => {
  const state = feed(routed(), frame("delta", 3, { text: "a" }), frame("delta", 4, { text: "b" }));
  assert.deepEqual(only(state).segments[0].blocks, [["p", {}, "ab"]]);
});

test("text after a tool call begins anew", () => {
  const state = feed(
    routed(),
    frame("delta", 3, { text: "before", blocks: [[0, ["p", {}, "before"]]] }),
    frame("tool_call", 4, { call: "k", name: "validate_schedule", arguments: { schedule: "a1" }, egress: "none", approval: false }),
    frame("tool_result", 5, { call: "k", ok: true, content: "{}", ms: 12, truncated: false }),
    frame("delta", 6, { text: "after", blocks: [[0, ["p", {}, "after"]]] }),
  );
  assert.deepEqual(only(state).segments.map((each) => each.kind), ["text", "tool", "text"]);
  assert.deepEqual(texts(state), ["before", "after"]);
  assert.equal(only(state).segments[1].result.ms, 12);
});

test("what ends a text may bring its last changes", () => {
  const ends = [frame("done", 4, { ...DONE, blocks: [[0, ["p", {}, "whole"]]] })];
  const state = feed(routed(), frame("delta", 3, { text: "whole", blocks: [[0, ["p", {}, "who"]]] }), ...ends);
  assert.deepEqual(only(state).segments[0].blocks, [["p", {}, "whole"]]);
  assert.equal(texts(state)[0], "whole");
});

test("thinking in between does not begin a new text", () => {
  const state = feed(
    routed(),
    frame("thinking", 3, { text: "hm" }),
    frame("delta", 4, { text: "a", blocks: [[0, ["p", {}, "a"]]] }),
    frame("thinking", 5, { text: "m" }),
    frame("delta", 6, { text: "b", blocks: [[0, ["p", {}, "ab"]]] }),
  );
  assert.deepEqual(only(state).segments.map((each) => [each.kind, each.text]), [["thinking", "hmm"], ["text", "ab"]]);
});

test("the words of two models are never one text", () => {
  const cloud = { ...ROUTE, provider: "anthropic", model: "claude" };
  const state = feed(
    routed(),
    frame("delta", 3, { text: "one" }),
    frame("fallback", 4, { from: "ollama", to: "anthropic", cause: "provider_timeout" }),
    frame("route", 5, cloud),
    frame("delta", 6, { text: "two" }),
  );
  assert.deepEqual(texts(state), ["one", "two"]);
  assert.equal(only(state).segments[2].previous.model, "llama3.2");
  assert.equal(only(state).route.model, "claude");
});

test("a frame seen before changes nothing", () => {
  const once = feed(routed(), frame("delta", 3, { text: "a" }));
  assert.equal(feed(once, frame("delta", 3, { text: "a" }), frame("route", 2, ROUTE)), once);
});

test("a merged delta follows on by its first number", () => {
  const state = feed(routed(), frame("delta", 9, { text: "abc", first: 3 }), frame("delta", 10, { text: "d" }));
  assert.deepEqual(texts(state), ["abcd"]);
  assert.equal(only(state).seq, 10);
});

test("after a gap the page asks once, from where it stands, and takes nothing until it is closed", () => {
  const gap = feed(routed(), frame("delta", 5, { text: "c" }), frame("delta", 6, { text: "d" }));
  const [asks, state] = takeAsks(gap);
  assert.deepEqual(asks, [{ type: "resume", turn: "t1", after: 2 }]);
  assert.deepEqual(texts(state), []);
  const closed = feed(state, frame("delta", 6, { text: "abcd", first: 3 }), frame("delta", 7, { text: "e" }));
  assert.deepEqual(texts(closed), ["abcde"]);
  assert.deepEqual(takeAsks(closed)[0], []);
});

test("a frame that overlaps cannot be cut: the turn is told again from its start", () => {
  const seen = feed(routed(), frame("delta", 3, { text: "a" }));
  const [asks, state] = takeAsks(feed(seen, frame("delta", 5, { text: "abc", first: 3 })));
  assert.deepEqual(asks, [{ type: "resume", turn: "t1", after: 0 }]);
  const again = feed(
    state,
    frame("turn", 1, { conversation: "c1", id: "q1" }),
    frame("route", 2, ROUTE),
    frame("delta", 5, { text: "abc", first: 3 }),
  );
  assert.deepEqual(texts(again), ["abc"]);
});

test("a reset replaces all that was shown, and the rest is read from the history", () => {
  const shown = feed(routed(), frame("delta", 3, { text: "unsaved words" }));
  const [asks, state] = takeAsks(feed(shown, frame("reset", 9, { text: "saved", blocks: [[0, ["p", {}, "saved"]]] })));
  assert.deepEqual(texts(state), ["saved"]);
  assert.deepEqual(asks, [{ type: "history", conversation: "c1" }]);
  assert.deepEqual(texts(feed(state, frame("delta", 10, { text: "!", blocks: [[0, ["p", {}, "saved!"]]] }))), ["saved!"]);
});

test("after a reset the history's word is taken at the same number", () => {
  const state = feed(routed(), frame("reset", 9, { text: "saved", blocks: [] }));
  const turn = { turn: "t1", parent: null, id: "q1", text: "question q1", state: "interrupted", last_seq: 9, route: ROUTE,
    segments: [{ type: "text", text: "saved", blocks: [["p", {}, "saved"]] }], done: { ...DONE, finish: "interrupted" } };
  const loaded = load(state, { ...DESCRIPTION, turns: [turn] });
  assert.equal(only(loaded).state, "interrupted");
});

for (const [finish, state] of [["stop", "done"], ["length", "done"], ["tool_limit", "done"], ["stopped", "stopped"], ["interrupted", "interrupted"]]) {
  test(`a turn that ends with ${finish} is ${state}`, () => {
    const ended = only(feed(routed(), frame("done", 3, { ...DONE, finish })));
    assert.equal(ended.state, state);
    assert.ok(isOver(ended));
  });
}

test("an error ends its turn and keeps what was said", () => {
  const error = { code: "stream_interrupted", message: "It broke off.", retryable: true };
  const state = feed(routed(), frame("delta", 3, { text: "half" }), frame("error", 4, error));
  assert.equal(only(state).state, "error");
  assert.deepEqual(texts(state), ["half"]);
});

test("a question the server refused is marked, and can be taken away", () => {
  const refusal = { type: "error", code: "busy_turn", message: "Full.", retryable: true, re: { type: "chat", id: "q1" } };
  const state = feed(asked(), refusal);
  assert.equal(only(state).state, "refused");
  assert.equal(leaf(state), null);
  assert.deepEqual(forget(state, "q1").turns, []);
});

test("what was asked below a refused question moves up when that is taken away", () => {
  const refusal = (id) => ({ type: "error", code: "busy_turn", message: "Full.", retryable: true, re: { type: "chat", id } });
  const one = feed(asked(), refusal("q1"));
  const two = feed(sent(one, { type: "chat", id: "q2", text: "More" }, [], "q1"), refusal("q2"));
  assert.deepEqual(path(two).map((step) => [step.turn.key, step.siblings.length]), [["q1", 1], ["q2", 1]]);
  assert.deepEqual(path(forget(two, "q1")).map((step) => step.turn.key), ["q2"]);
});

test("the refusal of another command leaves the turns alone", () => {
  const refusal = { type: "error", code: "mode_locked", message: "Locked.", retryable: false, re: { type: "mode" } };
  const state = begun();
  assert.equal(feed(state, refusal), state);
});

test("waiting has a reason and a place in the line, and ends with the first word", () => {
  const queued = feed(begun(), frame("status", 2, { state: "queued", position: 2 }));
  assert.deepEqual(only(queued).waiting, { state: "queued", position: 2, since: 5 });
  assert.equal(only(queued).state, "queued");
  const loading = feed(queued, frame("route", 3, ROUTE), frame("status", 4, { state: "loading_model" }));
  assert.equal(only(loading).waiting.state, "loading_model");
  assert.equal(only(feed(loading, frame("delta", 5, { text: "a" }))).waiting, null);
});

test("a lock is a new description of the same conversation", () => {
  const locked = { ...DESCRIPTION, mode: "local", locked: true, locked_by: "detector" };
  assert.equal(feed(begun(), locked).conversation.locked, true);
  assert.equal(feed(begun(), { ...locked, id: "c2" }).conversation.locked, false);
});

test("after the line was lost, what runs and what we believed to run is resumed", () => {
  const state = feed(routed(), { type: "running", conversation: "c1", running: [] });
  assert.deepEqual(takeAsks(state)[0], [{ type: "resume", turn: "t1", after: 2 }]);
  const over = feed(routed(), frame("done", 3, DONE), { type: "running", conversation: "c1", running: [] });
  assert.deepEqual(takeAsks(over)[0], []);
});

test("a turn of another window is read from the history", () => {
  const state = feed(begun(), frame("turn", 1, { conversation: "c1", id: "theirs" }, "t2"));
  assert.deepEqual(takeAsks(state)[0], [{ type: "history", conversation: "c1" }]);
});

test("history fills in what is over, and has what runs told from its start", () => {
  const stored = (turn, state, more) => ({ turn, parent: null, id: `id-${turn}`, text: turn, state, last_seq: 4, route: ROUTE, segments: [], ...more });
  const segments = [{ type: "text", text: "hi", blocks: [["p", {}, "hi"]] }];
  const turns = [stored("t1", "done", { done: DONE, segments }), stored("t2", "running", { parent: "t1", segments })];
  const state = load(fresh(), { ...DESCRIPTION, turns });
  assert.deepEqual(texts(state), ["hi"]);
  assert.deepEqual(state.turns[1].segments, []);
  assert.deepEqual(takeAsks(state)[0], [{ type: "resume", turn: "t2", after: 0 }]);
});

test("history that is older than what was seen changes nothing", () => {
  const seen = feed(routed(), frame("delta", 3, { text: "a" }), frame("done", 4, DONE));
  const turn = { turn: "t1", parent: null, id: "q1", text: "question q1", state: "running", last_seq: 2, route: null, segments: [] };
  assert.deepEqual(texts(load(seen, { ...DESCRIPTION, turns: [turn] })), ["a"]);
  assert.equal(only(load(seen, { ...DESCRIPTION, turns: [turn] })).state, "done");
});

test("history keeps the questions that are still on their way", () => {
  const state = sent(feed(routed(), frame("done", 3, DONE)), chat("q2"), [], "t1");
  const loaded = load(state, { ...DESCRIPTION, turns: [] });
  assert.deepEqual(loaded.turns.map((turn) => turn.key), ["q2"]);
});

test("a question asked before the one above was stored follows it all the same", () => {
  const first = asked();
  const second = sent(first, chat("q2"), [], "q1");
  assert.deepEqual(path(second).map((step) => step.turn.key), ["q1", "q2"]);
  const acknowledged = feed(second, DESCRIPTION, frame("turn", 1, { conversation: "c1", id: "q1" }));
  assert.deepEqual(path(acknowledged).map((step) => step.turn.key), ["q1", "q2"]);
  assert.equal(leaf(acknowledged).key, "q2");
});

test("a question sent again is a branch beside the first, and one can page between them", () => {
  const state = feed(routed(), frame("done", 3, DONE));
  const again = sent(state, chat("q2", { replaces: "t1" }), [], null);
  assert.deepEqual(path(again).map((step) => [step.turn.key, step.siblings.length]), [["q2", 2]]);
  assert.deepEqual(path(choose(again, null, "q1")).map((step) => step.turn.key), ["q1"]);
});

test("a reader's opinion is kept at the turn", () => {
  assert.equal(only(rate(routed(), "q1", "wrong_place")).feedback, "wrong_place");
});

test("a frame of a type this page does not know changes nothing", () => {
  const state = routed();
  assert.equal(feed(state, frame("confetti", 3)), state);
});

test("any cut of a reply into frames, lost and told again, gives the same text", () => {
  const words = Array.from({ length: 40 }, (_, index) => `w${index} `);
  for (let seed = 1; seed <= 60; seed += 1) {
    assert.deepEqual(texts(shuffled(words, seed)), [words.join("")], `seed ${seed}`);
  }
});

/** A server that loses and repeats frames as the seed says, and answers every resume. */
function shuffled(words, seed) {
  let state = routed();
  let random = seed;
  const next = () => (random = (random * 48271) % 2147483647) / 2147483647;
  const send = (first, last) => {
    const text = words.slice(first - 3, last - 2).join("");
    state = apply(state, { ...frame("delta", last, { text }), ...(first === last ? {} : { first }) }, 0);
  };
  const answer = () => {
    let asks;
    [asks, state] = takeAsks(state);
    for (const ask of asks) {
      if (ask.after === 0) state = feed(state, frame("turn", 1, { conversation: "c1", id: "q1" }), frame("route", 2, ROUTE));
      if (only(state).seq < words.length + 2) send(only(state).seq + 1, words.length + 2);
    }
  };
  for (let seq = 3; seq <= words.length + 2; seq += 1) {
    const last = Math.min(words.length + 2, seq + Math.floor(next() * 4));
    if (next() > 0.25) send(Math.max(3, seq - (next() > 0.9 ? 1 : 0)), last);
    seq = last;
    if (next() > 0.8) answer();
  }
  state = apply(state, { type: "running", running: [{ turn: "t1", seq: words.length + 2 }] }, 0);
  answer();
  answer();
  return state;
}
