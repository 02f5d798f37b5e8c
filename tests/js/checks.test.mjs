// When a draft is judged, and which answer is heard: only the one to the newest check, and never to another draft.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Checks } from "../../static/js/checks.js";

const answer = (id) => ({ type: "checked", id, verdict: "clear", findings: [], route: null });
const refusal = (id, more = {}) => ({ type: "error", code: "context_too_long", message: "Too long.", retryable: false, re: { type: "check", id }, ...more });

/** Checks under a clock that moves by hand. */
function stage({ line = true } = {}) {
  const stage = { now: 0, timers: [], sent: [], judged: [], troubled: [], line };
  const timers = {
    later: (run, ms) => stage.timers[stage.timers.push({ run, at: stage.now + ms }) - 1],
    cancel: (timer) => (stage.timers = stage.timers.filter((each) => each !== timer)),
  };
  stage.checks = new Checks({
    send: (id, text) => stage.line && stage.sent.push([id, text]) > 0,
    judged: (text, frame) => stage.judged.push([text, frame.id]),
    troubled: (sentence) => stage.troubled.push(sentence),
  }, timers);
  stage.pass = (ms) => {
    const end = stage.now + ms;
    for (;;) {
      const next = stage.timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
      if (!next) break;
      stage.now = next.at;
      timers.cancel(next);
      next.run();
    }
    stage.now = end;
  };
  return stage;
}

test("a draft is judged once the typing pauses, once", () => {
  const { checks, sent, pass } = stage();
  for (const text of ["M", "MR", "MRN"]) {
    checks.ask(text);
    pass(100);
  }
  assert.deepEqual(sent, []);
  pass(5000);
  assert.deepEqual(sent, [["check-1", "MRN"]]);
});

test("who types without a pause is judged all the same, about once a second", () => {
  const { checks, sent, pass } = stage();
  for (let key = 0; key < 50; key += 1) {
    checks.ask("x".repeat(key));
    pass(100);
  }
  assert.ok(sent.length >= 4 && sent.length <= 6, String(sent.length));
});

test("what changed around the draft is asked about at once", () => {
  const { checks, sent } = stage();
  checks.ask("MRN", true);
  assert.deepEqual(sent, [["check-1", "MRN"]]);
});

test("an answer comes with the text it is about, and only the newest one's is heard", () => {
  const { checks, judged } = stage();
  checks.ask("one", true);
  checks.ask("two", true);
  checks.answered(answer("check-1"));
  assert.deepEqual(judged, []);
  checks.ask("three");
  checks.answered(answer("check-2"));
  checks.answered(answer("check-2"));
  assert.deepEqual(judged, [["two", "check-2"]]);
});

test("a draft that is gone hears no answer and is not judged", () => {
  const { checks, judged, sent, pass, troubled } = stage();
  checks.ask("MRN 4482913", true);
  checks.ask("MRN 44829134");
  checks.drop();
  checks.answered(answer("check-1"));
  pass(10_000);
  assert.deepEqual([judged, sent.length, troubled], [[], 1, []]);
});

test("a server that says nothing is told after three seconds, and not after an answer", () => {
  const { checks, pass, troubled } = stage();
  checks.ask("one", true);
  checks.answered(answer("check-1"));
  pass(10_000);
  assert.deepEqual(troubled, []);
  checks.ask("two", true);
  pass(2999);
  assert.deepEqual(troubled, []);
  pass(1);
  assert.match(troubled[0], /^cannot tell where this goes/);
});

test("without a line nothing waits for an answer", () => {
  const { checks, pass, troubled, sent } = stage({ line: false });
  checks.ask("one", true);
  pass(10_000);
  assert.deepEqual([sent, troubled], [[], []]);
});

test("too many are asked again when there is room; any other refusal is told", () => {
  const { checks, pass, sent, troubled } = stage();
  checks.ask("one", true);
  checks.refused(refusal("check-1", { code: "rate_limited", retryable: true, retry_after_s: 1 }));
  pass(1000);
  assert.deepEqual(sent.at(-1), ["check-2", "one"]);
  checks.refused(refusal("check-1"));
  assert.deepEqual(troubled, []);
  checks.refused(refusal("check-2"));
  checks.refused(refusal(undefined));
  assert.deepEqual(troubled, ["Too long."]);
});
