/**
 * Files on a draft: which are taken, how they are handed in, how they stand. Also the eye for a pasted table.
 * @module attachments
 */

import { attach, RequestFailed } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { counted } from "./words.js";

/** @typedef {import("./events.js").AttachmentInfo} AttachmentInfo */
/** `info` null: on its way. @typedef {{name: string, info: AttachmentInfo | null, failed: string | null}} Upload */

const TAKEN = [".csv", ".tsv", ".ics", ".txt", ".json", ".md"];
const LARGEST_BYTES = 10 * 1024 * 1024;
const MOST_FILES = 16;
const TABLE_ROWS = 5;

/**
 * @param {{name: string, type: string, size: number}} file
 * @returns {string | null} why it is not taken
 */
export function refusal({ name, type, size }) {
  const taken = TAKEN.some((suffix) => name.toLowerCase().endsWith(suffix)) || type.startsWith("text/") || type === "application/json";
  if (!taken) return `${name} is not a kind of file that can be read here. Attach CSV, TSV, ICS, JSON or plain text.`;
  if (size > LARGEST_BYTES) return `${name} is larger than 10 MB. Attach a smaller part of it.`;
  return size === 0 ? `${name} is empty.` : null;
}

/**
 * Whether a pasted text is a table: enough rows, each with the same number of separators.
 * @param {string} text
 * @returns {{name: string, rows: number} | null} a name for it as a file, and its rows without the head
 */
export function tableIn(text) {
  const lines = text.trim().split(/\r?\n/);
  if (lines.length < TABLE_ROWS) return null;
  for (const [separator, suffix] of [["\t", "tsv"], [",", "csv"], [";", "csv"]]) {
    const columns = lines[0].split(separator).length;
    const even = columns > 1 && lines.every((line) => line.split(separator).length === columns);
    if (even) return { name: `pasted-table.${suffix}`, rows: lines.length - 1 };
  }
  return null;
}

/**
 * The files of one draft.
 */
export class Uploads {
  /** @param {() => void} changed called when a file has arrived or failed */
  constructor(changed) {
    this._changed = changed;
    /** @type {Upload[]} */
    this.list = [];
  }

  /** @returns {AttachmentInfo[]} those the server has */
  get ready() {
    return this.list.flatMap((upload) => (upload.info ? [upload.info] : []));
  }

  get busy() {
    return this.list.some((upload) => upload.info === null && upload.failed === null);
  }

  /**
   * @param {string} name
   * @param {Blob} content
   */
  async add(name, content) {
    const full = this.list.length >= MOST_FILES ? `A message holds at most ${MOST_FILES} files.` : null;
    /** @type {Upload} */
    const upload = { name, info: null, failed: full ?? refusal({ name, type: content.type, size: content.size }) };
    this.list = [...this.list, upload];
    this._changed();
    if (upload.failed !== null) return;
    try {
      upload.info = await attach(name, content);
    } catch (failure) {
      upload.failed = failure instanceof RequestFailed ? `${name}: ${failure.message}` : `${name} could not be handed in. Try again.`;
    }
    this._changed();
  }

  /** @param {Upload} upload */
  remove(upload) {
    this.list = this.list.filter((each) => each !== upload);
    this._changed();
  }
}

/**
 * @param {Uploads} uploads
 * @returns {HTMLElement[]}
 */
export function uploadItems(uploads) {
  return uploads.list.map((upload) => el("li", { class: `file ${standing(upload)}` },
    icon(upload.failed ? "warn" : "file"),
    upload.failed ? null : el("span", { class: "file-name" }, upload.name),
    ...facts(upload),
    iconButton("close", `Remove ${upload.name}`, () => uploads.remove(upload))));
}

/** @param {Upload} upload */
function standing({ info, failed }) {
  if (failed) return "failed";
  return info && info.verdict !== "clear" ? "local" : "";
}

/** @param {Upload} upload @returns {HTMLElement[]} */
function facts({ info, failed }) {
  if (failed) return [el("span", {}, failed)];
  if (info === null) return [el("span", { class: "muted" }, "handing in")];
  const rows = info.rows ? [el("span", { class: "muted" }, counted(info.rows, "row"))] : [];
  const clear = el("span", { class: "muted" }, "no identifiers found");
  const stays = el("span", { class: "place local" }, icon("house"), "stays here");
  return [...rows, info.verdict === "clear" ? clear : stays];
}
