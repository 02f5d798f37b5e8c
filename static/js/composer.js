/**
 * The composer: where a draft is written, what it carries, and what the server's dry run says of where it would go.
 * Keeping drafts is `drafts.js`, handing files in `attachments.js`; what becomes of a message `main.js`.
 * @module composer
 */

import { tableIn, uploadItems } from "./attachments.js";
import { el, icon, need } from "./dom.js";
import { Drafts } from "./drafts.js";
import { count, counted, kindWords, placeOf } from "./words.js";

/** @typedef {import("./events.js").CheckedFrame} CheckedFrame */
/** @typedef {import("./drafts.js").Message} Message */

/**
 * @typedef {object} ComposerActions
 * @property {(message: Message) => void} send
 * @property {() => void} stop
 * @property {(id: string, text: string) => void} check
 */

const CHECK_AFTER_MS = 250;
const TALLEST = 0.4;

export class Composer {
  /** @param {ComposerActions} actions */
  constructor(actions) {
    this._actions = actions;
    this._box = need("#composer-box", HTMLElement);
    this._area = need("#draft", HTMLTextAreaElement);
    this._verdict = need("#verdict", HTMLElement);
    this._note = need("#composer-note", HTMLElement);
    this._files = need("#attachments", HTMLElement);
    this._send = need("#send", HTMLButtonElement);
    this._stop = need("#stop", HTMLButtonElement);
    this._drafts = new Drafts((draft) => draft === this._draft && this._drawFiles());
    this._draft = this._drafts.of("");
    this._running = false;
    this._checks = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    this._listen();
    this._drawButtons();
  }

  focus() {
    this._area.focus({ preventScroll: true });
  }

  /** @param {boolean} running whether an answer is being written that can be stopped */
  setRunning(running) {
    if (running === this._running) return;
    this._running = running;
    this._drawButtons();
  }

  /** Take another conversation's draft out. @param {string} conversation "" for a new one */
  turnTo(conversation) {
    this._draft = this._drafts.of(conversation);
    this._fill(this._draft.text);
  }

  /** A new conversation has got its id. @param {string} conversation */
  settle(conversation) {
    this._drafts.settle(conversation);
  }

  /** @param {string} text @param {string | null} replaces the turn it would stand in place of */
  edit(text, replaces) {
    this._draft.replaces = replaces;
    this._fill(text);
    this._area.focus();
  }

  /** @param {string} name @param {string} content @returns {Promise<void>} */
  attach(name, content) {
    return this._draft.uploads.add(name, new Blob([content], { type: "text/plain" }));
  }

  submit() {
    if (this._draft.empty || this._draft.uploads.busy) return;
    const message = this._draft.take();
    this._fill("");
    this._actions.send(message);
  }

  /** Ask where the draft would go, once the typing pauses. A file that must stay decides without asking. */
  judge() {
    clearTimeout(this._timer);
    this._checks += 1;
    const { text, uploads } = this._draft;
    if (uploads.ready.some((file) => file.verdict !== "clear")) this._mark("local", "stays here: the attached file");
    else if (text.trim() === "") this._mark("", "");
    else this._timer = setTimeout(() => this._actions.check(`check-${this._checks}`, text), CHECK_AFTER_MS);
  }

  /** @param {CheckedFrame} frame */
  checked(frame) {
    if (frame.id !== `check-${this._checks}` || this._draft.text.trim() === "") return;
    const kinds = kindWords([...frame.findings.map((finding) => finding.kind), ...(frame.route?.privacy.kinds ?? [])]);
    if (frame.verdict === "sensitive") this._mark("local", kinds ? `stays here: ${kinds}` : "stays here: patient data");
    else if (frame.verdict === "unknown") this._mark("local", "stays here: could not rule out patient data");
    else if (frame.route && placeOf(frame.route.provider) === "cloud") this._mark("cloud", "would go to the cloud");
    else this._mark("local", "stays here");
  }

  _listen() {
    this._area.addEventListener("input", () => this._typed());
    this._area.addEventListener("keydown", (event) => this._pressed(event));
    this._area.addEventListener("paste", (event) => this._pasted(event));
    this._stop.addEventListener("click", () => this._actions.stop());
    need("#composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    pickFiles((files) => this._addFiles(files));
    acceptDrops(this._box, (files) => this._addFiles(files));
  }

  _typed() {
    this._draft.text = this._area.value;
    this._fit();
    this._drawButtons();
    this.judge();
  }

  /** Enter sends, unless it ends a word in an input method. @param {KeyboardEvent} event */
  _pressed(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  /** @param {ClipboardEvent} event */
  _pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const selected = this._area.selectionEnd - this._area.selectionStart;
    if (files.length > 0 && text === "") {
      event.preventDefault();
      this._addFiles(files);
    } else if (this._area.value.length - selected + text.length > this._area.maxLength) {
      event.preventDefault();
      this._offerFile(text);
    } else if (tableIn(text)) setTimeout(() => this._offerTable(text), 0);
  }

  /** @param {File[]} files */
  _addFiles(files) {
    for (const file of files) void this._draft.uploads.add(file.name, file);
  }

  /** What a message cannot hold is never cut in silence: it is attached whole or left out. @param {string} pasted */
  _offerFile(pasted) {
    const name = tableIn(pasted)?.name ?? "pasted-text.txt";
    const take = () => {
      this._drawNote([]);
      void this.attach(name, pasted);
      this._area.focus();
    };
    this._drawNote([
      icon("file"),
      el("span", {}, `${counted(pasted.length, "more character")} do not fit: a message holds ${count(this._area.maxLength)}.`),
      el("button", { type: "button", class: "button", onclick: take }, "Attach them as a file"),
      el("button", { type: "button", class: "quiet-button", onclick: () => this._drawNote([]) }, "Leave them out"),
    ]);
  }

  /** A pasted table stays text unless the person takes the offer. @param {string} pasted */
  _offerTable(pasted) {
    const { name, rows } = tableIn(pasted) ?? { name: "", rows: 0 };
    const take = () => {
      this._drawNote([]);
      this._fill(this._draft.text.replace(pasted.replaceAll("\r\n", "\n"), "").trim());
      void this.attach(name, pasted);
      this._area.focus();
    };
    this._drawNote([
      icon("file"),
      el("span", {}, `That is a table with ${counted(rows, "row")}.`),
      el("button", { type: "button", class: "button", onclick: take }, "Attach it as a file"),
      el("button", { type: "button", class: "quiet-button", onclick: () => this._drawNote([]) }, "Keep as text"),
    ]);
  }

  /** @param {string} text */
  _fill(text) {
    this._draft.text = text;
    this._area.value = text;
    this._fit();
    this._drawFiles();
    this._drawNote(this._draft.replaces === null ? [] : this._editingNote());
  }

  _editingNote() {
    const cancel = () => this.edit("", null);
    return [
      icon("edit"),
      el("span", {}, "You are changing an earlier message. Sending it makes a new version; the old one stays."),
      el("button", { type: "button", class: "quiet-button", onclick: cancel }, "Cancel"),
    ];
  }

  _fit() {
    this._area.style.height = "auto";
    this._area.style.height = `${Math.min(this._area.scrollHeight, window.innerHeight * TALLEST)}px`;
  }

  _drawFiles() {
    const { uploads } = this._draft;
    this._files.replaceChildren(...uploadItems(uploads));
    this._files.hidden = uploads.list.length === 0;
    this._drawButtons();
    this.judge();
  }

  _drawButtons() {
    const { empty, uploads } = this._draft;
    this._stop.hidden = !this._running;
    this._send.hidden = this._running && empty;
    this._send.disabled = empty || uploads.busy;
    this._send.title = this._running ? "Queue (Enter)" : "Send (Enter)";
    this._send.setAttribute("aria-label", this._running ? "Queue this message" : "Send");
  }

  /** @param {globalThis.Node[]} parts */
  _drawNote(parts) {
    this._note.hidden = parts.length === 0;
    this._note.replaceChildren(...parts);
  }

  /** @param {"" | "local" | "cloud"} place @param {string} words */
  _mark(place, words) {
    this._box.classList.toggle("local", place === "local");
    this._box.classList.toggle("cloud", place === "cloud");
    this._verdict.className = `verdict place ${place}`.trim();
    this._verdict.replaceChildren(...(words ? [icon(place === "cloud" ? "leave" : "house"), words] : []));
  }
}

/** @param {(files: File[]) => void} take */
function pickFiles(take) {
  const picker = need("#file", HTMLInputElement);
  need("#attach", HTMLButtonElement).addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    take([...(picker.files ?? [])]);
    picker.value = "";
  });
}

/** Files dropped anywhere on the page go into the draft. @param {HTMLElement} box @param {(files: File[]) => void} take */
function acceptDrops(box, take) {
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    box.classList.add("dropping");
  });
  document.addEventListener("dragleave", () => box.classList.remove("dropping"));
  document.addEventListener("drop", (event) => {
    box.classList.remove("dropping");
    if (!event.dataTransfer || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}
