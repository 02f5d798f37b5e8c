// Numbers and names as people read them, and the small judgements the views stand on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refusal, tableIn } from "../../static/js/attachments.js";
import { mendIn, triedBefore } from "../../static/js/explain.js";
import { pageTitle } from "../../static/js/head.js";
import { byAuthor, difference } from "../../static/js/reply.js";
import { describe, describeLedger } from "../../static/js/status.js";
import { columnsOf, plainWords } from "../../static/js/toolcard.js";
import { airgapWords, clock, counted, day, duration, incidentWords, kindWords, latency, moment, placeOf, probeWords, toolName, why } from "../../static/js/words.js";

const table = (name, rows, call) => rows.forEach(([input, output]) => test(`${name}: ${JSON.stringify(input)}`, () => assert.deepEqual(call(input), output)));

table("how long", [[0, "0.00 s"], [18, "0.02 s"], [400, "0.4 s"], [9940, "9.9 s"], [9960, "10 s"], [119_000, "119 s"], [125_000, "2:05 min"]], duration);
table("how long a probe takes", [[0.2, "1 ms"], [12.4, "12 ms"], [999, "999 ms"], [1500, "1.5 s"]], latency);
table("how long until", [[41, "0:41"], [40.2, "0:41"], [61, "1:01"], [-3, "0:00"]], clock);
table("how many", [[[1, "row"], "1 row"], [[24, "row"], "24 rows"], [[1200, "row"], "1,200 rows"]], ([number, word]) => counted(number, word));
table("kinds", [[["MRN", "NAME"], "record number, patient name"], [["MRN", "MRN"], "record number"], [["ROOM_BED", "PHOTO"], "bed or room, picture of a patient"], [["SITE_LIST"], "on the hospital's own list"], [["XYZ"], "identifier"], [[], ""]], kindWords);
table("tools", [["validate_schedule", "Check duty hours"], ["find_cover", "Find cover"]], toolName);
table("where", [["anthropic", "cloud"], ["ollama", "local"], ["openai", "local"], ["another", "cloud"]], (name) => placeOf(name));
table("plain words", [["2026-07-06T07:00:00+00:00", "2026-07-06 07:00"], ["2026-07-06", "2026-07-06"], ["weekly_hours", "weekly hours"], ["Resident_A", "Resident_A"], ["two words_here", "two words_here"]], plainWords);

const routeOf = (more) => ({ provider: "ollama", rule: "simple", task: "simple", privacy: { verdict: "clear", kinds: [] }, ...more });
table("why", [
  [routeOf({ privacy: { verdict: "sensitive", kinds: ["MRN"] } }), "kept local: record number"],
  [routeOf({ privacy: { verdict: "unknown", kinds: [] }, rule: "unknown" }), "kept local: could not be read with certainty"],
  [routeOf({ rule: "mode", provider: "anthropic" }), "cloud mode"],
  [routeOf({}), "short question"],
  [routeOf({ task: "complex", rule: "complex" }), "complex question"],
], why);

table("what marking came to", [
  [0, "Marked as patient data and locked to local. Nothing of it had left."],
  [1, "Marked as patient data and locked to local. 1 request had already left; an incident record lists it."],
  [2, "Marked as patient data and locked to local. 2 requests had already left; an incident record lists them."],
], incidentWords);
table("how the ledger is", [["whole", "well"], ["altered", "failure"], ["unseen", "unseen"], ["silent", "caution"], ["unproven", "caution"]],
  (state) => describeLedger({ state, records: 1, left: 1, checked_at: 1, fault: null }).level);

test("the list knows today, yesterday and earlier, over midnight", () => {
  const today = new Date(2026, 6, 15, 0, 30);
  const at = (...parts) => new Date(...parts).getTime() / 1000;
  assert.equal(day(at(2026, 6, 15, 0, 0), today), "Today");
  assert.equal(day(at(2026, 6, 14, 23, 59), today), "Yesterday");
  assert.equal(day(at(2026, 6, 13, 23, 59), today), "Earlier");
});

test("a window's title says nothing of a locked conversation", () => {
  const conversation = { type: "conversation", id: "c", title: "Mrs. X", mode: "local", locked: true, locked_by: "detector" };
  assert.equal(pageTitle(conversation), "chatapp");
  assert.equal(pageTitle({ ...conversation, locked: false }), "Mrs. X · chatapp");
  assert.equal(pageTitle(null), "chatapp");
});

test("blocks are compared by identity, and those beyond the end go last to first", () => {
  const [a, b, c] = ["a", "b", "c"].map((text) => ["p", {}, text]);
  assert.deepEqual(difference([a, b], [a, b]), []);
  assert.deepEqual(difference([a], [a, b]), [[1, b]]);
  assert.deepEqual(difference([a, b, c], [b]), [[0, b], [2, null], [1, null]]);
});

const health = (more) => ({ available: true, checked_at: 1, missing_models: [], models: ["m"], breaker: { state: "closed" }, ...more });
table("how a provider is", [
  [health({}), { level: "well", words: "healthy" }],
  [health({ available: false }), { level: "failure", words: "not answering" }],
  [health({ available: false, checked_at: null }), { level: "unseen", words: "not looked at yet" }],
  [health({ breaker: { state: "open" } }), { level: "failure", words: "resting" }],
  [health({ breaker: { state: "half_open" } }), { level: "caution", words: "on trial" }],
  [health({ breaker: { state: "misconfigured" } }), { level: "failure", words: "misconfigured" }],
  [health({ breaker: { state: "held" } }), { level: "caution", words: "on hold" }],
  [health({ missing_models: ["x"] }), { level: "caution", words: "a model is missing" }],
], describe);

table("what a failed probe means", [
  ["ConnectError", "No connection. Is it running, and is its address right?"],
  ["ProviderUnavailable ConnectError", "No connection. Is it running, and is its address right?"],
  ["ProviderMisconfigured 401 authentication_error", "It refuses the key. Put the right one into the settings and restart."],
  ["TimeoutError", "No answer in time."],
  ["ProviderUnavailable 500 api_error", "It answers with an error of its own."],
  ["a line is not JSON", ""],
], probeWords);

const by = (provider) => ({ provider, model: "m" });
const text = { kind: "text", text: "words", blocks: [] };
const handover = { kind: "route", route: by("ollama"), previous: by("anthropic") };
const fellBack = (cause) => ({ kind: "fallback", from: "anthropic", to: "ollama", cause });

test("words keep the edge of who wrote them", () => {
  assert.deepEqual(byAuthor([]), []);
  assert.deepEqual(byAuthor([text]), [{ place: "", from: 0, to: 1 }]);
  assert.deepEqual(byAuthor([text, handover, text]), [{ place: "cloud", from: 0, to: 1 }, { place: "", from: 1, to: 3 }]);
  assert.deepEqual(byAuthor([fellBack("provider_unavailable"), text]), [{ place: "", from: 0, to: 2 }]);
});

table("which model is missing", [
  ["Short question: the fast local model answers.", null],
  ["It is set to local. mistral is not on this machine, so llama3.2 answers; `ollama pull mistral` adds it.",
    "mistral is not on this machine, so llama3.2 answers; `ollama pull mistral` adds it."],
], mendIn);

test("an answer from the house says so where a cloud was tried first", () => {
  assert.equal(triedBefore([text], by("ollama")), null);
  assert.deepEqual(triedBefore([fellBack("provider_unavailable"), text], by("ollama")), { provider: "anthropic", wrote: false });
  assert.equal(triedBefore([fellBack("breaker_open"), text], by("ollama")), null);
  assert.deepEqual(triedBefore([text, handover, text], by("ollama")), { provider: "anthropic", wrote: true });
  assert.equal(triedBefore([fellBack("provider_unavailable"), text], by("anthropic")), null);
});

test("a pasted table is known by its even rows", () => {
  const rows = (line, count) => Array(count).fill(line).join("\n");
  assert.deepEqual(tableIn(rows("a\tb", 6)), { name: "pasted-table.tsv", rows: 5 });
  assert.deepEqual(tableIn(`${rows("a,b,c", 6)}\r\n`), { name: "pasted-table.csv", rows: 5 });
  assert.equal(tableIn(rows("a,b", 4)), null);
  assert.equal(tableIn(`${rows("Well, yes", 5)}\nNo`), null);
  assert.equal(tableIn(rows("prose", 9)), null);
});

test("files that cannot be read are refused by name", () => {
  assert.equal(refusal({ name: "roster.CSV", type: "", size: 9 }), null);
  assert.equal(refusal({ name: "notes", type: "text/plain", size: 9 }), null);
  assert.match(refusal({ name: "scan.pdf", type: "application/pdf", size: 9 }), /^scan\.pdf is not/);
  assert.match(refusal({ name: "a.csv", type: "", size: 11_000_000 }), /larger than 10 MB/);
  assert.match(refusal({ name: "a.csv", type: "", size: 0 }), /empty/);
});

test("sentences stand right after the first column", () => {
  const rows = [{ resident: "A", rule: "weekly_hours", measured: 91.5, message: "91.5 hours a week; at most 80 are allowed." }, { resident: "B", note: "x" }];
  assert.deepEqual(columnsOf(rows), ["resident", "message", "rule", "measured", "note"]);
});

const noon = new Date(2026, 10, 24, 12, 0);
const at = (hour, minute, date = 24) => new Date(2026, 10, date, hour, minute).getTime() / 1000;
table("when", [[at(2, 40), "02:40"], [at(23, 59, 23), "23 Nov 23:59"], [at(12, 0), "12:00"]], (seconds) => moment(seconds, noon));

const proof = (more) => ({ holds: true, at: at(11, 59), since: at(2, 40), refused: 0, ...more });
table("an airgap's badge", [
  [undefined, ["Airgapped: no cloud provider exists here", ""]],
  [null, ["Airgapped: no cloud provider exists here", ""]],
  [proof({}), ["Airgapped: nothing gets out", "Proven since 02:40, last at 11:59."]],
  [proof({ since: at(9, 5, 23) }), ["Airgapped: nothing gets out", "Proven since 23 Nov 09:05, last at 11:59."]],
  [proof({ refused: 1 }), ["Airgapped: nothing gets out", "Proven since 02:40, last at 11:59. 1 way out refused."]],
  [proof({ refused: 3 }), ["Airgapped: nothing gets out", "Proven since 02:40, last at 11:59. 3 ways out refused."]],
  [proof({ holds: false, since: null }), ["The airgap does not hold", "The proof failed at 11:59. Stop the server and tell your operator."]],
], (given) => airgapWords(given, noon));

table("why a probe found nobody", [
  ["203.0.113.7 is neither loopback nor private; if it is in the house, name it in CHATAPP_LOCAL_HOSTS", "Its address is not in the house, so nothing was sent to it."],
  ["the airgap refused a connection to 203.0.113.7 port 443", "The airgap lets nothing out there, so nothing was sent."],
], probeWords);
