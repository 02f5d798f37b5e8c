// What the composer says of a draft before it is sent: the place, the reason, and no promise it cannot keep.

import assert from "node:assert/strict";
import { test } from "node:test";

import { outlook } from "../../static/js/outlook.js";

const here = { connected: true, mode: "hybrid", locked: false, airgap: false };
const routeOf = (more = {}) => ({ provider: "ollama", rule: "simple", task: "simple", privacy: { verdict: "clear", kinds: [] }, ...more });
const answerOf = (more = {}) => ({ type: "checked", id: "c", verdict: "clear", findings: [], route: routeOf(), ...more });
const sensitive = answerOf({
  verdict: "sensitive",
  findings: [{ kind: "MRN", start: 0, end: 4 }, { kind: "NAME", start: 5, end: 9 }],
  route: routeOf({ rule: "phi", privacy: { verdict: "sensitive", kinds: ["MRN", "NAME"] } }),
});
const cloud = answerOf({ route: routeOf({ provider: "anthropic", rule: "complex", task: "complex" }) });
const file = (verdict, name = "roster.csv") => ({ id: name, name, kind: "table", rows: 3, verdict });
const known = (more) => ({ empty: false, answer: null, trouble: null, files: [], reading: false, ...more });

const LOCKS = "Sending this locks the conversation to local for good.";

for (const [name, facts, around, place, words, then = ""] of [
  ["nothing to send", { empty: true, answer: sensitive }, {}, "", ""],
  ["not judged yet", {}, {}, "", ""],
  ["patient data", { answer: sensitive }, {}, "local", "stays here: record number, patient name", LOCKS],
  ["patient data in local mode", { answer: sensitive }, { mode: "local" }, "local", "stays here: record number, patient name", LOCKS],
  ["patient data in cloud mode", { answer: sensitive }, { mode: "cloud" }, "local", "stays here: record number, patient name", "This conversation is in cloud mode. Sending this locks it to local for good."],
  ["patient data where it is locked already", { answer: sensitive }, { locked: true }, "local", "stays here: record number, patient name"],
  ["patient data where there is no cloud to lock away", { answer: sensitive }, { airgap: true }, "local", "stays here: record number, patient name"],
  ["patient data of no known kind", { answer: answerOf({ verdict: "sensitive" }) }, {}, "local", "stays here: patient data", LOCKS],
  ["unreadable", { answer: answerOf({ verdict: "unknown" }) }, {}, "local", "stays here: could not be read with certainty", LOCKS],
  ["a hard question", { answer: cloud }, {}, "cloud", "would go to the cloud: complex question"],
  ["a hard question with files", { answer: cloud, files: [file("clear"), file("clear", "b.csv")] }, {}, "cloud", "would go to the cloud with 2 files: complex question"],
  ["a short question, for which the cloud may step in", { answer: answerOf() }, {}, "local", "would go to the local model: short question"],
  ["local mode", { answer: answerOf({ route: routeOf({ rule: "mode" }) }) }, { mode: "local" }, "local", "stays here: local mode"],
  ["locked", { answer: answerOf({ route: routeOf({ rule: "locked" }) }) }, { locked: true }, "local", "stays here: locked to local"],
  ["a file with patient data", { files: [file("sensitive")] }, {}, "local", "stays here: roster.csv holds patient data", LOCKS],
  ["a file with patient data beside a clear text", { answer: cloud, files: [file("sensitive")] }, {}, "local", "stays here: roster.csv holds patient data", LOCKS],
  ["a file nobody could read", { answer: cloud, files: [file("unknown")] }, {}, "local", "stays here: roster.csv could not be read with certainty", LOCKS],
  ["several files and a text", { answer: sensitive, files: [file("sensitive"), file("sensitive", "b.csv"), file("clear", "c.csv")] }, {}, "local", "stays here: record number, patient name; 2 attached files hold patient data", LOCKS],
  ["a file on its way", { answer: cloud, reading: true }, {}, "", "reading the attached file"],
  ["a file on its way beside patient data", { answer: sensitive, reading: true }, {}, "local", "stays here: record number, patient name", LOCKS],
  ["a check that was refused", { trouble: "Too long." }, {}, "unknown", "Too long."],
  ["no line", { answer: cloud }, { connected: false }, "unknown", "cannot tell where this goes: no line to the server"],
  ["no line, whatever was found", { answer: sensitive, files: [file("sensitive")] }, { connected: false }, "unknown", "cannot tell where this goes: no line to the server"],
  ["no line, but locked for good", {}, { connected: false, locked: true }, "local", "stays here: locked to local"],
  ["no line to an airgapped server", {}, { connected: false, airgap: true }, "local", "stays here: airgapped"],
]) {
  test(name, () => assert.deepEqual(outlook(known(facts), { ...here, ...around }), { place, words, then }));
}
