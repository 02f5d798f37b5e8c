/**
 * Where everything meets: the connection's frames go into the fold, the fold's state goes to the views, and what a
 * person does becomes a command. The only file that knows everybody.
 * @module main
 */

import * as api from "./api.js";
import { mountBanner } from "./banner.js";
import { idOf, leaf, path } from "./branches.js";
import { Composer } from "./composer.js";
import { browser, Connection } from "./connection.js";
import * as fold from "./conversation.js";
import { mountDemo } from "./demo.js";
import { toast } from "./dialogs.js";
import { need, say } from "./dom.js";
import { mountHead } from "./head.js";
import { mountSheets } from "./sheets.js";
import { mountKeys } from "./keys.js";
import { Sidebar } from "./sidebar.js";
import { load } from "./stored.js";
import { StatusPanel } from "./status.js";
import { Transcript } from "./transcript.js";
import { incidentWords, placeOf } from "./words.js";

/** @typedef {import("./events.js").Frame} Frame */
/** @typedef {import("./events.js").Boot} Boot */
/** @typedef {import("./events.js").Mode} Mode */
/** @typedef {import("./events.js").ChatCommand} ChatCommand */
/** @typedef {import("./conversation.js").Turn} Turn */
/** @typedef {import("./drafts.js").Message} Message */

const HIDDEN_FLUSH_MS = 100;
const MARK_WAITS = "The line is lost: the message is not marked. Mark it again when the line is back.";
const MODE_STAYS = "The line is lost: the mode stays as it was.";

class Page {
  /** @param {Boot} boot */
  constructor(boot) {
    this._state = fold.fresh();
    this._mode = boot.mode;
    /** @type {Mode[]} */
    this._modes = boot.airgap ? ["local"] : ["local", "hybrid", "cloud"];
    this._airgap = boot.airgap;
    this._loading = false;
    this._flushing = false;
    /** @type {ChatCommand[]} questions shown already, sent once the first one has made the conversation */
    this._held = [];
    /** @type {string | null} the answer whose end is still to be announced */
    this._announced = null;
    this._sheets = mountSheets(() => void this._status.poll());
    this._sidebar = new Sidebar({ open: (id) => this._go(id), fresh: () => this._go(null) });
    this._head = mountHead({ mode: (mode) => this._setMode(mode) });
    this._composer = new Composer({
      send: (message) => this._ask(message),
      stop: () => this._stop(),
      check: (id, text) => this._check(id, text),
    });
    this._transcript = new Transcript(this._turnActions());
    this._banner = mountBanner(() => this._connection.start());
    this._status = new StatusPanel({ changed: () => this._schedule(), seen: () => this._sheets.panelShown() });
    this._connection = new Connection(browser(), {
      frame: (frame) => this._hear(frame),
      link: (link) => { this._banner.update(link, navigator.onLine); this._schedule(); },
    });
    if (boot.demo) void mountDemo(() => void this._status.poll());
  }

  start() {
    mountKeys({
      search: () => { this._sheets.show("sidebar"); this._sidebar.search(); },
      fresh: () => this._go(null),
      write: () => this._composer.focus(),
      panel: () => this._sheets.toggle("panel"),
      list: () => this._sheets.toggle("sidebar"),
      latest: () => this._transcript.toLatest(),
      leave: () => { if (!this._sheets.close()) this._stop(); },
    });
    window.addEventListener("hashchange", () => this._enter());
    for (const moment of ["online", "pageshow"]) window.addEventListener(moment, () => this._wake());
    window.addEventListener("offline", () => this._banner.update(this._connection.link, false));
    document.addEventListener("visibilitychange", () => document.hidden || this._wake());
    void this._sidebar.refresh();
    this._enter();
    this._connection.start();
    if (matchMedia("(pointer: fine)").matches) this._composer.focus();
  }

  /* --- frames in, views out -------------------------------------------------------------------------------------- */

  /** @param {Frame} frame */
  _hear(frame) {
    if (frame.type === "hello") this._greet(frame);
    if (frame.type === "checked") this._composer.checked(frame);
    if (frame.type === "conversation") this._sidebar.describe(frame);
    if (frame.type === "conversation" && frame.incident) toast(incidentWords(frame.incident.requests));
    if (frame.type === "turn") this._stored(frame);
    if (frame.type === "error" && frame.turn === undefined) this._refused(frame);
    this._change(fold.apply(this._state, frame, performance.now()));
  }

  /** @param {import("./events.js").HelloFrame} hello */
  _greet(hello) {
    this._modes = hello.modes;
    this._airgap = hello.airgap;
    if (this._state.conversation === null && !hello.modes.includes(this._mode)) this._mode = hello.mode;
    say(need("#user", HTMLElement), hello.user.name);
    this._status.setRoles(hello.user.roles);
    const id = this._state.conversation?.id ?? idInAddress();
    if (id) this._open(id);
    this._connection.sendUnstored();
  }

  /**
   * A question opens its conversation on the server: if that is not the one that is shown, take it back.
   * @param {import("./events.js").TurnEvent} frame
   */
  _stored(frame) {
    this._sidebar.touch(frame.conversation);
    const shown = idInAddress();
    if (shown !== null && shown !== frame.conversation) this._open(shown);
  }

  /**
   * A question's refusal is shown at the question, a check's at the draft.
   * @param {import("./events.js").ErrorEvent} error
   */
  _refused(error) {
    const type = error.re?.type;
    if (type === "open") this._missing(error.message);
    else if (type === "check") this._composer.unchecked(error);
    else if (type !== "chat" && type !== "ping" && type !== "resume") toast(error.message);
  }

  /** @param {fold.State} next */
  _change(next) {
    const before = this._state.conversation;
    const [asks, state] = fold.takeAsks(next);
    this._state = state;
    for (const ask of asks) {
      if (ask.type === "resume") this._connection.send(ask);
      else void this._read(ask.conversation);
    }
    if (state.conversation && before?.id !== state.conversation.id) this._began(state.conversation.id);
    this._schedule();
  }

  /** Draw once a frame; a hidden tab has no frames. */
  _schedule() {
    if (this._flushing) return;
    this._flushing = true;
    if (document.hidden) setTimeout(() => this._flush(), HIDDEN_FLUSH_MS);
    else requestAnimationFrame(() => this._flush());
  }

  _flush() {
    this._flushing = false;
    const { conversation } = this._state;
    const mode = conversation?.mode ?? this._mode;
    const connected = this._connection.link.phase === "open";
    this._head.update({ conversation, mode, modes: this._modes, airgap: this._airgap });
    this._composer.surround({ connected, mode, locked: conversation?.locked ?? false, airgap: this._airgap });
    this._transcript.update(this._state, this._status.health, this._loading);
    this._sidebar.setOpen(conversation?.id ?? null);
    const turn = this._running();
    this._composer.setRunning(turn !== null);
    this._announce();
  }

  /** For those who listen: that an answer has begun, and that it is there; never its words one by one. */
  _announce() {
    const line = need("#announce", HTMLElement);
    const running = this._running();
    if (running && this._announced !== running.key) {
      this._announced = running.key;
      say(line, "Answering");
    }
    const ended = running ? undefined : this._state.turns.find((turn) => turn.key === this._announced);
    if (!ended) return;
    this._announced = null;
    const place = ended.route && placeOf(ended.route.provider) === "cloud" ? "from the cloud" : "from the house";
    say(line, ended.error ? ended.error.message : `The answer ${place} is complete`);
  }

  /** @returns {Turn | null} the answer that is being written */
  _running() {
    return path(this._state).find(({ turn }) => turn.turn !== null && turn.state === "running")?.turn ?? null;
  }

  /* --- conversations --------------------------------------------------------------------------------------------- */

  /** @param {string | null} id null for a new one */
  _go(id) {
    const address = id === null ? location.pathname : `#c/${id}`;
    history.pushState(history.state, "", address);
    this._sheets.close();
    this._enter();
    if (matchMedia("(pointer: fine)").matches) this._composer.focus();
  }

  /** Show what the address names. */
  _enter() {
    const id = idInAddress();
    if (id !== null && id === this._state.conversation?.id) return;
    if (this._state.conversation) this._connection.send({ type: "close", conversation: this._state.conversation.id });
    this._state = fold.fresh();
    this._held = [];
    this._composer.turnTo(id ?? "");
    this._loading = id !== null;
    if (id !== null) this._open(id);
    this._transcript.toLatest();
    this._schedule();
  }

  /** Hear of it first, then read it: what happens in between is then asked for, not missed. @param {string} id */
  _open(id) {
    if (this._connection.send({ type: "open", conversation: id })) void this._read(id);
  }

  /** @param {string} id */
  async _read(id) {
    try {
      const stored = await api.conversation(id);
      if ((idInAddress() ?? this._state.conversation?.id) !== id) return;
      this._loading = false;
      this._change(load(this._state, stored));
    } catch (failure) {
      if (failure instanceof api.RequestFailed && failure.status === 404) this._missing(failure.message);
    }
  }

  /** @param {string} sentence */
  _missing(sentence) {
    toast(sentence);
    this._loading = false;
    this._go(null);
  }

  /**
   * The first question has made a conversation: it gets its address, and the questions that waited for it go out.
   * @param {string} id
   */
  _began(id) {
    if (idInAddress() === id) return;
    history.replaceState(history.state, "", `#c/${id}`);
    this._composer.settle(id);
    for (const { mode: _, ...held } of this._held) this._connection.send({ ...held, conversation: id });
    this._held = [];
  }

  _wake() {
    this._banner.update(this._connection.link, navigator.onLine);
    this._connection.wake();
    const { conversation } = this._state;
    if (conversation && this._state.turns.some((turn) => !fold.isOver(turn))) this._open(conversation.id);
  }

  /* --- what a person does ---------------------------------------------------------------------------------------- */

  /** @param {Message} message @param {string} [provider] a wish */
  _ask(message, provider) {
    const { conversation, turns } = this._state;
    const unborn = conversation === null && turns.some((turn) => turn.state === "sending");
    const follows = this._parentFor(message.replaces);
    const below = message.replaces === null ? path(this._state).at(-1)?.turn : follows;
    /** @type {ChatCommand} */
    const command = { type: "chat", id: newId(), text: message.text };
    if (conversation) command.conversation = conversation.id;
    else command.mode = this._mode;
    if (message.replaces !== null) command.replaces = message.replaces;
    else if (follows?.turn) command.parent = follows.turn;
    if (message.attachments.length > 0) command.attachments = message.attachments.map((file) => file.id);
    if (provider) command.provider = provider;
    this._change(fold.sent(this._state, command, message.attachments, below ? idOf(below) : null));
    if (unborn) this._held.push(command);
    else this._connection.send(command);
    this._transcript.toLatest();
  }

  /** @param {string | null} replaces @returns {{turn: string | null, key: string} | null} the turn a question follows */
  _parentFor(replaces) {
    if (replaces === null) return leaf(this._state);
    const parent = this._state.turns.find((turn) => turn.turn === replaces)?.parent ?? null;
    return parent === null ? null : { turn: parent, key: parent };
  }

  /** @returns {import("./transcript.js").TranscriptActions} */
  _turnActions() {
    return {
      again: (turn, provider) => this._again(turn, provider),
      edit: (turn) => this._composer.edit(turn.text, turn.turn),
      lock: (turn) => this._lock(turn),
      rate: (turn, kind) => this._rate(turn, kind),
      stop: () => this._stop(),
      approve: (turn, call, allow) => turn.turn && this._connection.send({ type: "approve", turn: turn.turn, call, allow }),
      choose: (parent, key) => this._change(fold.choose(this._state, parent, key)),
      copy: (text, what) => void copy(text, what),
      attempt: (trial) => void this._attempt(trial),
    };
  }

  /** @param {Turn} turn @param {string} [provider] */
  _again(turn, provider) {
    if (turn.turn === null) this._state = fold.forget(this._state, turn.key);
    this._ask({ text: turn.text, attachments: turn.attachments, replaces: turn.turn }, provider);
  }

  /** @param {Turn} turn */
  _lock(turn) {
    const { conversation } = this._state;
    if (conversation === null || turn.turn === null) return;
    if (!this._connection.send({ type: "lock", conversation: conversation.id, turn: turn.turn })) toast(MARK_WAITS);
  }

  /** @param {Turn} turn @param {import("./events.js").FeedbackKind} kind */
  _rate(turn, kind) {
    if (turn.turn === null || !this._connection.send({ type: "feedback", turn: turn.turn, kind })) return;
    this._change(fold.rate(this._state, turn.key, kind));
  }

  _stop() {
    const turn = this._running();
    if (turn?.turn) this._connection.send({ type: "stop", turn: turn.turn });
  }

  /** @param {string} id @param {string} text @returns {boolean} whether it went out */
  _check(id, text) {
    const { conversation } = this._state;
    const where = conversation ? { conversation: conversation.id } : { mode: this._mode };
    return this._connection.send({ type: "check", id, text, ...where });
  }

  /** @param {Mode} mode */
  _setMode(mode) {
    const { conversation } = this._state;
    if (conversation === null) this._mode = mode;
    else if (!this._connection.send({ type: "mode", conversation: conversation.id, mode })) toast(MODE_STAYS);
    this._schedule();
  }

  /** @param {import("./welcome.js").Trial} trial */
  async _attempt(trial) {
    this._composer.edit(trial.text, null);
    if (trial.table) await this._composer.attach(trial.table.name, trial.table.content);
  }
}

/** @returns {string | null} the conversation the address names; never sent to the server */
function idInAddress() {
  return /^#c\/([A-Za-z0-9_-]{1,64})$/.exec(location.hash)?.[1] ?? null;
}

/** @returns {string} 128 random bits; `randomUUID` is only there on secure origins */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text @param {string} what */
async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    toast("The browser does not allow copying here. Select the text and copy it yourself.");
  }
}

/** @type {Boot} */
const boot = JSON.parse(need("#boot", HTMLScriptElement).textContent ?? "{}");
new Page(boot).start();
