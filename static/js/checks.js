/**
 * The dry runs of a draft: when the server is asked, and which answer is about which text. No page in here; the timers
 * are given, so that a test can hold the clock. Of a text nothing is kept but the one that waits for its answer.
 * @module checks
 */

/** @typedef {import("./events.js").CheckedFrame} CheckedFrame */
/** @typedef {import("./events.js").ErrorEvent} ErrorEvent */
/** @typedef {{later: (run: () => void, ms: number) => unknown, cancel: (timer: any) => void}} Timers */
/**
 * @typedef {object} Desk
 * @property {(id: string, text: string) => boolean} send whether it went out
 * @property {(text: string, frame: CheckedFrame) => void} judged
 * @property {(sentence: string) => void} troubled the text was not judged, and why
 */

const AFTER_MS = 250;
const AT_LATEST_MS = 1000;
const ANSWER_WITHIN_MS = 3000;
const SILENT = "cannot tell where this goes: the server has not checked it yet";

export class Checks {
  /** @param {Desk} desk @param {Timers} timers */
  constructor(desk, timers) {
    this._desk = desk;
    this._timers = timers;
    this._count = 0;
    this._text = "";
    /** @type {{id: string, text: string} | null} the newest one sent, until it is answered */
    this._asked = null;
    /** @type {unknown} */
    this._pause = null;
    /** @type {unknown} set while somebody types without a pause */
    this._longest = null;
    /** @type {unknown} */
    this._patience = null;
  }

  /**
   * Ask about a text once the typing pauses, and now and then while it does not.
   * @param {string} text
   * @param {boolean} [now] nobody types: something else has changed
   */
  ask(text, now = false) {
    this._text = text;
    if (now) return this._send();
    this._timers.cancel(this._pause);
    this._pause = this._timers.later(() => this._send(), AFTER_MS);
    this._longest ??= this._timers.later(() => this._send(), AT_LATEST_MS);
  }

  /** There is nothing to ask about: an answer that is still to come counts no more. */
  drop() {
    for (const timer of [this._pause, this._longest, this._patience]) this._timers.cancel(timer);
    this._pause = this._longest = this._patience = null;
    this._asked = null;
    this._text = "";
  }

  /** @param {CheckedFrame} frame */
  answered(frame) {
    if (frame.id !== this._asked?.id) return;
    const { text } = this._asked;
    this._settle();
    this._desk.judged(text, frame);
  }

  /** A check was refused: too many are asked again later, any other reason is told. @param {ErrorEvent} error */
  refused(error) {
    if (this._asked === null || error.re?.id !== this._asked.id) return;
    this._settle();
    if (error.retryable && error.retry_after_s) this._pause = this._timers.later(() => this._send(), error.retry_after_s * 1000);
    else this._desk.troubled(error.message);
  }

  _send() {
    const text = this._text;
    this.drop();
    this._text = text;
    this._count += 1;
    const id = `check-${this._count}`;
    if (!this._desk.send(id, text)) return;
    this._asked = { id, text };
    this._patience = this._timers.later(() => this._desk.troubled(SILENT), ANSWER_WITHIN_MS);
  }

  _settle() {
    this._timers.cancel(this._patience);
    this._patience = null;
    this._asked = null;
  }
}
