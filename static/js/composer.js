/**
 * The composer: where a draft is written, what it carries, and what the server's dry run says of where it would go.
 * Keeping drafts is `drafts.js`, handing files in `attachments.js`, asking for the dry run `checks.js`, its words
 * `outlook.js`; what becomes of a message `main.js`.
 * @module composer
 */

import { tableIn, uploadItems } from "./attachments.js";
import { Backdrop } from "./backdrop.js";
import { Checks } from "./checks.js";
import { el, icon, need } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Findings } from "./findings.js";
import { editBetween, marksOf, moved } from "./marks.js";
import { mountForecast } from "./forecast.js";
import { outlook } from "./outlook.js";
import { count, counted } from "./words.js";

/** @typedef {import("./events.js").CheckedFrame} CheckedFrame */
/** @typedef {import("./events.js").ErrorEvent} ErrorEvent */
/** @typedef {import("./drafts.js").Message} Message */
/** @typedef {import("./marks.js").Marks} Marks */
/** @typedef {import("./outlook.js").Surroundings} Surroundings */

/**
 * @typedef {object} ComposerActions
 * @property {(message: Message) => void} send
 * @property {() => void} stop
 * @property {(id: string, text: string) => boolean} check whether it went out
 */

/** @type {import("./checks.js").Timers} */
const TIMERS = { later: (run, ms) => setTimeout(run, ms), cancel: (timer) => clearTimeout(timer) };

export class Composer {
  /** @param {ComposerActions} actions */
  constructor(actions) {
    this._actions = actions;
    this._box = need("#composer-box", HTMLElement);
    this._area = need("#draft", HTMLTextAreaElement);
    this._note = need("#composer-note", HTMLElement);
    this._files = need("#attachments", HTMLElement);
    this._send = need("#send", HTMLButtonElement);
    this._stop = need("#stop", HTMLButtonElement);
    this._drafts = new Drafts((draft) => draft === this._draft && this._drawFiles());
    this._draft = this._drafts.of("");
    this._running = false;
    this._backdrop = new Backdrop();
    this._findings = new Findings((mark) => this._select(mark));
    this._forecast = mountForecast();
    this._checks = new Checks({
      send: (id, text) => this._actions.check(id, text),
      judged: (text, frame) => this._judged(text, frame),
      troubled: (sentence) => this._unjudged(sentence),
    }, TIMERS);
    /** @type {Marks} where the findings stand in the text as it is now */
    this._marks = [];
    /** @type {CheckedFrame | null} */
    this._answer = null;
    /** @type {string | null} why there is no answer */
    this._trouble = null;
    /** @type {Surroundings} */
    this._surroundings = { connected: false, mode: "local", locked: false, airgap: false };
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

  /** Where a message would be sent from now. What was said of another place counts no more. @param {Surroundings} now */
  surround(now) {
    const before = this._surroundings;
    if (before.connected === now.connected && before.mode === now.mode && before.locked === now.locked && before.airgap === now.airgap) return;
    this._surroundings = now;
    if (!now.connected) this._place([]);
    this._learn(null, null);
    this._judge(true);
  }

  /** @param {CheckedFrame} frame */
  checked(frame) {
    this._checks.answered(frame);
  }

  /** A dry run was refused. @param {ErrorEvent} error */
  unchecked(error) {
    this._checks.refused(error);
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
    const before = this._draft.text;
    const after = this._area.value;
    this._draft.text = after;
    this._place(moved(this._marks, editBetween(before, after, this._area.selectionEnd), after));
    this._drawButtons();
    this._judge();
  }

  /** Ask where the draft would go. @param {boolean} [now] without waiting for a pause */
  _judge(now = false) {
    const { empty, text } = this._draft;
    if (empty || !this._surroundings.connected) this._checks.drop();
    else this._checks.ask(text, now);
    if (empty) this._learn(null, null);
    else this._foretell();
  }

  /** The answer may be about a text that has been typed on: its places move along. @param {string} text @param {CheckedFrame} frame */
  _judged(text, frame) {
    const now = this._draft.text;
    this._place(moved(marksOf(frame.findings, text), editBetween(text, now, this._area.selectionEnd), now));
    this._learn(frame, null);
  }

  /** What nobody has read has no marks, not even some. @param {string} sentence */
  _unjudged(sentence) {
    this._place([]);
    this._learn(null, sentence);
  }

  /** @param {Marks} marks */
  _place(marks) {
    this._marks = marks;
    this._backdrop.draw(this._draft.text, marks);
    this._findings.draw(this._draft.text, marks);
  }

  /** @param {CheckedFrame | null} answer @param {string | null} trouble */
  _learn(answer, trouble) {
    this._answer = answer;
    this._trouble = trouble;
    this._foretell();
  }

  _foretell() {
    const { empty, uploads } = this._draft;
    const known = { empty, answer: this._answer, trouble: this._trouble, files: uploads.ready, reading: uploads.busy };
    this._forecast.update(outlook(known, this._surroundings), this._marks.length);
  }

  /** @param {number} mark */
  _select(mark) {
    const { start, end } = this._marks[mark];
    this._area.focus({ preventScroll: true });
    this._area.setSelectionRange(start, end);
    this._backdrop.reveal(mark);
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
    this._checks.drop();
    this._place([]);
    this._learn(null, null);
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

  _drawFiles() {
    const { uploads } = this._draft;
    this._files.replaceChildren(...uploadItems(uploads));
    this._files.hidden = uploads.list.length === 0;
    this._drawButtons();
    this._judge();
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
