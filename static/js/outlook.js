/**
 * The outlook of a draft: where it would go, why, and what sending it would do. Pure. It promises nothing that it
 * cannot know: without an answer to the newest text it says so.
 * @module outlook
 */

import { counted, kindWords, placeOf, UNSURE, why } from "./words.js";

/** @typedef {import("./events.js").AttachmentInfo} AttachmentInfo */
/** @typedef {import("./events.js").CheckedFrame} CheckedFrame */
/** @typedef {import("./events.js").Mode} Mode */
/** Where the draft would be sent from. @typedef {{connected: boolean, mode: Mode, locked: boolean, airgap: boolean}} Surroundings */
/**
 * What is known of a draft. `trouble`: why the server did not judge it, as a sentence. `reading`: a file is on its way.
 * @typedef {{empty: boolean, answer: CheckedFrame | null, trouble: string | null, files: AttachmentInfo[], reading: boolean}} Known
 */
/** `place`: "" as long as it is not known. `then`: what sending does for good. @typedef {{place: "local" | "cloud" | "unknown" | "", words: string, then: string}} Outlook */

/** @type {Outlook} */
const NOTHING = { place: "", words: "", then: "" };
const NO_LINE = "cannot tell where this goes: no line to the server";

/** Rules after which no other provider can step in. */
const FINAL = new Set(["locked", "airgap", "mode", "no_cloud"]);

/**
 * @param {Known} known
 * @param {Surroundings} surroundings
 * @returns {Outlook}
 */
export function outlook(known, surroundings) {
  if (known.empty) return NOTHING;
  const held = [...heldByText(known.answer), ...heldByFiles(known.files)];
  if (!surroundings.connected) return withoutALine(surroundings);
  if (held.length > 0) return { place: "local", words: `stays here: ${held.join("; ")}`, then: locks(surroundings) };
  if (known.trouble !== null) return { place: "unknown", words: known.trouble, then: "" };
  if (known.reading) return { place: "", words: "reading the attached file", then: "" };
  return known.answer?.route ? byItsRoute(known.answer.route, known.files.length) : NOTHING;
}

/** What is true without asking anybody: a lock is for good, and so is an airgap. @param {Surroundings} surroundings @returns {Outlook} */
function withoutALine({ locked, airgap }) {
  if (airgap) return { place: "local", words: "stays here: airgapped", then: "" };
  return locked ? { place: "local", words: "stays here: locked to local", then: "" } : { place: "unknown", words: NO_LINE, then: "" };
}

/** @param {import("./events.js").RouteFields} route @param {number} files @returns {Outlook} */
function byItsRoute(route, files) {
  const along = files > 0 ? ` with ${counted(files, "file")}` : "";
  if (placeOf(route.provider) === "cloud") return { place: "cloud", words: `would go to the cloud${along}: ${why(route)}`, then: "" };
  const words = FINAL.has(route.rule) ? "stays here" : "would go to the local model";
  return { place: "local", words: `${words}: ${why(route)}`, then: "" };
}

/** @param {CheckedFrame | null} answer @returns {string[]} */
function heldByText(answer) {
  if (answer === null || answer.verdict === "clear") return [];
  if (answer.verdict === "unknown") return [UNSURE];
  return [kindWords([...answer.findings.map(({ kind }) => kind), ...(answer.route?.privacy.kinds ?? [])]) || "patient data"];
}

/** @param {AttachmentInfo[]} files @returns {string[]} */
function heldByFiles(files) {
  return [
    ...about(files.filter(({ verdict }) => verdict === "sensitive"), "holds patient data", "hold patient data"),
    ...about(files.filter(({ verdict }) => verdict === "unknown"), UNSURE, UNSURE),
  ];
}

/** @param {AttachmentInfo[]} files @param {string} one @param {string} many @returns {string[]} */
function about(files, one, many) {
  if (files.length === 0) return [];
  return [files.length === 1 ? `${files[0].name} ${one}` : `${counted(files.length, "attached file")} ${many}`];
}

/** @param {Surroundings} surroundings */
function locks({ mode, locked, airgap }) {
  if (locked || airgap) return "";
  if (mode === "cloud") return "This conversation is in cloud mode. Sending this locks it to local for good.";
  return "Sending this locks the conversation to local for good.";
}
