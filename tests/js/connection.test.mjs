// The socket's life: when it is opened again and when it is left alone, and that no question is lost on the way.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection, pause } from "../../static/js/connection.js";

const HELLO = { type: "hello", protocol: 1, user: { name: "A", roles: [] }, modes: ["local"], mode: "local", airgap: false, demo: false };
const question = (id) => ({ type: "chat", id, text: "?" });

class FakeSocket {
  readyState = 1;
  sent = [];
  closed = false;

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  hear(frame) {
    this.onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  fall(code, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}

function stage({ random = 0.5 } = {}) {
  const stage = { sockets: [], timers: [], frames: [], links: [], now: 1000 };
  const world = {
    dial: () => stage.sockets[stage.sockets.push(new FakeSocket()) - 1],
    now: () => stage.now,
    random: () => random,
    later: (run, ms) => stage.timers[stage.timers.push({ run, ms, live: true }) - 1],
    cancel: (timer) => timer && (timer.live = false),
  };
  stage.connection = new Connection(world, { frame: (frame) => stage.frames.push(frame), link: (link) => stage.links.push(link) });
  stage.last = () => stage.sockets.at(-1);
  stage.due = () => stage.timers.filter((timer) => timer.live);
  stage.fire = () => {
    const [timer] = stage.due();
    timer.live = false;
    timer.run();
  };
  stage.connection.start();
  return stage;
}

function greeted(options) {
  const made = stage(options);
  made.last().hear(HELLO);
  return made;
}

test("the line is open once the server has said hello", () => {
  const { connection, sockets } = stage();
  assert.equal(connection.link.phase, "connecting");
  assert.equal(connection.send({ type: "ping" }), false);
  sockets[0].hear(HELLO);
  assert.equal(connection.link.phase, "open");
  assert.equal(connection.send({ type: "ping" }), true);
});

for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4408, 4429]) {
  test(`after ${code} it is opened again`, () => {
    const made = greeted();
    made.last().fall(code);
    assert.equal(made.connection.link.phase, "waiting");
    made.fire();
    assert.equal(made.sockets.length, 2);
  });
}

for (const [code, why] of [[1008, "refused"], [4401, "signed_out"], [4403, "forbidden"], [4409, "replaced"]]) {
  test(`after ${code} it stays closed and says ${why}`, () => {
    const made = greeted();
    made.last().fall(code);
    assert.deepEqual(made.connection.link, { phase: "stopped", why });
    assert.deepEqual(made.due(), []);
    made.connection.wake();
    assert.equal(made.sockets.length, 1);
  });
}

test("a person can take a replaced line back", () => {
  const made = greeted();
  made.last().fall(4409);
  made.connection.start();
  assert.equal(made.sockets.length, 2);
});

test("one framing fault may be an accident, the second is not", () => {
  const made = greeted();
  made.last().fall(1009);
  assert.equal(made.connection.link.phase, "waiting");
  made.fire();
  made.last().hear(HELLO);
  made.last().fall(1009);
  assert.deepEqual(made.connection.link, { phase: "stopped", why: "broken" });
});

test("pauses double up to half a minute, with full jitter", () => {
  const closed = { code: 1006, reason: "" };
  assert.deepEqual([0, 1, 2, 3, 4, 5, 9].map((attempt) => pause(attempt, closed, 1) / 1000), [1, 2, 4, 8, 16, 30, 30]);
  assert.equal(pause(6, closed, 0), 0);
  assert.equal(pause(6, closed, 0.5), 15_000);
});

test("what a server asks for comes before our own reckoning", () => {
  assert.equal(pause(0, { code: 1013, reason: "7" }, 0.4), 9000);
  assert.equal(pause(0, { code: 1012, reason: "3" }, 0), 3000);
  assert.equal(pause(3, { code: 1012, reason: "" }, 1), 8000);
  assert.equal(pause(5, { code: 4408, reason: "" }, 1), 2000);
});

test("a hello sets the pauses back", () => {
  const made = stage({ random: 1 });
  for (const ms of [1000, 2000, 4000]) {
    made.last().fall(1006);
    assert.equal(made.due()[0].ms, ms);
    made.fire();
  }
  made.last().hear(HELLO);
  made.last().fall(1006);
  assert.equal(made.due()[0].ms, 1000);
});

test("a question is kept until its turn is there, and sent again under the same id", () => {
  const made = greeted();
  made.connection.send(question("q1"));
  made.connection.send(question("q2"));
  made.last().hear({ type: "turn", turn: "t1", seq: 1, conversation: "c", id: "q1" });
  made.last().fall(1006);
  made.connection.send(question("q3"));
  made.fire();
  made.last().hear(HELLO);
  made.connection.sendUnstored();
  assert.deepEqual(made.last().sent.map((frame) => frame.id), ["q2", "q3"]);
});

test("a refused question is not sent again", () => {
  const made = greeted();
  made.connection.send(question("q1"));
  made.last().hear({ type: "error", code: "busy_turn", message: "", retryable: true, re: { type: "chat", id: "q1" } });
  made.connection.sendUnstored();
  assert.equal(made.last().sent.length, 1);
});

test("on waking, a waiting line is opened at once and only once", () => {
  const made = greeted();
  made.last().fall(1006);
  made.connection.wake();
  made.connection.wake();
  assert.equal(made.sockets.length, 2);
  assert.deepEqual(made.due(), []);
});

test("on waking, an open line is asked, and given up where no answer comes", () => {
  const made = greeted();
  made.connection.wake();
  assert.deepEqual(made.last().sent, [{ type: "ping" }]);
  const silent = made.last();
  made.fire();
  assert.ok(silent.closed);
  assert.equal(made.connection.link.phase, "waiting");
  silent.hear({ type: "pong" });
  assert.deepEqual(made.frames, [HELLO]);
});

test("on waking, a line that answers is kept", () => {
  const made = greeted();
  made.connection.wake();
  made.last().hear({ type: "pong" });
  assert.deepEqual(made.due(), []);
  assert.equal(made.connection.link.phase, "open");
});

for (const text of ["", "{", "[]", "null", "7", '{"type": 7}', "{}"]) {
  test(`${JSON.stringify(text)} is no frame`, () => {
    const made = greeted();
    made.last().hear(text);
    assert.deepEqual(made.frames, [HELLO]);
  });
}
