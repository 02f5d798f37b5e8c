/**
 * The band at the top that says when the line to the server is not as it should be, and what happens next.
 * @module banner
 */

import { el, icon, need } from "./dom.js";
import { ticking } from "./ticking.js";
import { clock } from "./words.js";

/** @typedef {import("./connection.js").Link} Link */

/** @type {Record<import("./connection.js").Why, string>} */
const WORDS = {
  lost: "The line to the server is lost. What you write is kept and sent once it is back.",
  restarting: "The server is restarting. Answers go on where they were.",
  busy: "The server is busy. What you write is kept and sent once it has room.",
  replaced: "This conversation goes on in another window of yours. This one is at rest.",
  signed_out: "Your session has ended. Sign in again to go on.",
  forbidden: "Your access was withdrawn. Ask your operator.",
  refused: "The server refused this page's messages. Reload the page; if it happens again, tell your operator.",
  broken: "This page and the server do not understand each other. Reload the page.",
};

const OFFLINE = "This device is offline. What you write is kept and sent once it is back.";

/** A line that falls and comes back at once needs no words. */
const PATIENCE_MS = 600;

/**
 * @param {() => void} retry
 * @returns {{update: (link: Link, online: boolean) => void}}
 */
export function mountBanner(retry) {
  const banner = need("#banner", HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @param {globalThis.Node[]} parts */
  const show = (parts) => {
    banner.replaceChildren(...parts);
    banner.hidden = parts.length === 0;
  };
  return {
    update(link, online) {
      clearTimeout(timer);
      if (link.phase === "open") show([]);
      else if (!online) show([icon("warn"), el("span", {}, OFFLINE)]);
      else if (link.phase === "stopped") show(parts(link, retry));
      else if (link.phase === "waiting") timer = setTimeout(() => show(parts(link, retry)), banner.hidden ? PATIENCE_MS : 0);
    },
  };
}

/** @param {Exclude<Link, {phase: "connecting" | "open"}>} link @param {() => void} retry @returns {globalThis.Node[]} */
function parts(link, retry) {
  const label = link.phase === "waiting" ? "Try now" : link.why === "replaced" ? "Use it here" : "Reload";
  const act = link.phase === "stopped" && link.why !== "replaced" ? () => location.reload() : retry;
  const next = link.phase === "waiting" ? [nextTry(link.retryAt)] : [];
  return [icon("warn"), el("span", {}, WORDS[link.why]), ...next, el("button", { type: "button", class: "button", onclick: act }, label)];
}

/** @param {number} at ms */
function nextTry(at) {
  return ticking(el("span", { class: "countdown" }), () => `Next try in ${clock((at - performance.now()) / 1000)}`);
}
