/**
 * The socket: opens it, opens it again when it falls, and keeps questions until the server has stored them.
 * No page in here: what arrives is handed on as frames, how things stand as a `Link`. Timers, randomness and the socket
 * class are given, so that a test can hold the clock.
 * @module connection
 */

/** @typedef {import("./events.js").Frame} Frame */
/** @typedef {import("./events.js").Command} Command */
/** @typedef {import("./events.js").ChatCommand} ChatCommand */

/**
 * How the connection stands. `why`: what ended it, in one word; `retryAt`: ms on the given clock.
 * @typedef {{phase: "connecting" | "open"} | {phase: "waiting", why: Why, retryAt: number} |
 *   {phase: "stopped", why: Why}} Link
 */
/** @typedef {"lost" | "restarting" | "busy" | "replaced" | "signed_out" | "forbidden" | "refused" | "broken"} Why */

/**
 * What the connection needs of the world.
 * @typedef {object} World
 * @property {() => WebSocket} dial opens a socket
 * @property {() => number} now milliseconds, monotonic
 * @property {() => number} random between 0 and 1
 * @property {(run: () => void, ms: number) => unknown} later
 * @property {(timer: any) => void} cancel
 */

const LONGEST_PAUSE_S = 30;
const PONG_WITHIN_MS = 4000;

/** @type {Record<number, Why>} Close codes after which we stay away. */
const FINAL = { 1008: "refused", 4401: "signed_out", 4403: "forbidden", 4409: "replaced" };

/** @type {Record<number, Why>} Close codes that say more than "lost". */
const SPOKEN = { 1012: "restarting", 1013: "busy", 4429: "busy" };

/** Framing faults: the first may be an accident, the second is not. */
const FRAMING = new Set([1002, 1003, 1007, 1009]);

/**
 * How long to stay away before the next try: full jitter, doubling, at most 30 s; what the server asks for comes first.
 * @param {number} attempt 0 for the first
 * @param {{code: number, reason: string}} closed
 * @param {number} random between 0 and 1
 * @returns {number} milliseconds
 */
export function pause(attempt, closed, random) {
  const asked = Number.parseFloat(closed.reason);
  if (SPOKEN[closed.code] && asked > 0) return (asked + random * 5) * 1000;
  if (closed.code === 4408) return 2000;
  return random * Math.min(LONGEST_PAUSE_S, 2 ** attempt) * 1000;
}

export class Connection {
  /**
   * @param {World} world
   * @param {{frame: (frame: Frame) => void, link: (link: Link) => void}} listener
   */
  constructor(world, listener) {
    this._world = world;
    this._listener = listener;
    /** @type {Link} */
    this.link = { phase: "connecting" };
    /** @type {WebSocket | null} */
    this._socket = null;
    /** @type {Map<string, ChatCommand>} questions not yet stored, in the order they were asked */
    this._unstored = new Map();
    this._greeted = false;
    this._attempt = 0;
    this._framingFaults = 0;
    /** @type {unknown} */
    this._retry = null;
    /** @type {unknown} */
    this._pong = null;
  }

  /** Open the socket now, whatever stood in the way. */
  start() {
    this._world.cancel(this._retry);
    if (this._socket !== null) return;
    this._say({ phase: "connecting" });
    const socket = this._world.dial();
    this._socket = socket;
    socket.onmessage = (message) => this._hear(socket, message.data);
    socket.onclose = (closed) => this._fell(socket, closed);
  }

  /**
   * The page is back from wherever it was: try at once, or see whether the line still holds.
   * @returns {void}
   */
  wake() {
    if (this.link.phase === "waiting") this.start();
    else if (this.link.phase === "open" && this._pong === null) this._probe();
  }

  /**
   * Send a command. A question is kept until the server has stored it; any other is only worth its moment.
   * @param {Command} command
   * @returns {boolean} whether it went out now
   */
  send(command) {
    if (command.type === "chat") this._unstored.set(command.id, command);
    if (this._socket === null || !this._greeted || this._socket.readyState !== 1) return false;
    this._socket.send(JSON.stringify(command));
    return true;
  }

  /** Send the questions again that were not acknowledged, under the same ids: the server stores each once. */
  sendUnstored() {
    for (const chat of [...this._unstored.values()]) this.send(chat);
  }

  /** @param {WebSocket} socket @param {string} data */
  _hear(socket, data) {
    if (socket !== this._socket) return;
    const frame = parsed(data);
    if (frame === null) return;
    if (frame.type === "hello") this._welcome();
    if (frame.type === "pong") this._answered();
    if (frame.type === "turn") this._unstored.delete(frame.id);
    if (frame.type === "error" && frame.re?.type === "chat" && frame.re.id) this._unstored.delete(frame.re.id);
    this._listener.frame(frame);
  }

  _welcome() {
    this._greeted = true;
    this._attempt = 0;
    this._say({ phase: "open" });
  }

  /** @param {WebSocket} socket @param {{code: number, reason: string}} closed */
  _fell(socket, closed) {
    if (socket !== this._socket) return;
    this._socket = null;
    this._greeted = false;
    this._answered();
    if (FRAMING.has(closed.code)) this._framingFaults += 1;
    const why = FINAL[closed.code] ?? (this._framingFaults > 1 ? "broken" : undefined);
    if (why) this._say({ phase: "stopped", why });
    else this._wait(closed);
  }

  /** @param {{code: number, reason: string}} closed */
  _wait(closed) {
    const ms = pause(this._attempt, closed, this._world.random());
    this._attempt += 1;
    this._retry = this._world.later(() => this.start(), ms);
    this._say({ phase: "waiting", why: SPOKEN[closed.code] ?? "lost", retryAt: this._world.now() + ms });
  }

  /** A socket that slept may look open and be dead: ask, and give it up where no answer comes. */
  _probe() {
    const socket = this._socket;
    if (socket === null || !this.send({ type: "ping" })) return;
    this._pong = this._world.later(() => {
      this._fell(socket, { code: 1006, reason: "" });
      socket.close();
    }, PONG_WITHIN_MS);
  }

  _answered() {
    this._world.cancel(this._pong);
    this._pong = null;
  }

  /** @param {Link} link */
  _say(link) {
    this.link = link;
    this._listener.link(link);
  }
}

/** @param {string} data @returns {Frame | null} null: not a frame of ours */
function parsed(data) {
  try {
    const frame = JSON.parse(data);
    return typeof frame === "object" && frame !== null && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}

/**
 * The browser's own world.
 * @returns {World}
 */
export function browser() {
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return {
    dial: () => new WebSocket(`${scheme}://${location.host}/ws/chat?render=blocks&tab=${tab}`),
    now: () => performance.now(),
    random: () => Math.random(),
    later: (run, ms) => setTimeout(run, ms),
    cancel: (timer) => clearTimeout(timer),
  };
}
