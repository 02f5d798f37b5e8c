/**
 * What floats above the page for a moment: short notices with at most one thing to do, and the sheet of keys.
 * @module dialogs
 */

import { el, iconButton, need } from "./dom.js";

const TOAST_MS = 8000;

/** @type {[string, string][]} keys and what they do */
const KEYS = [
  ["Enter", "Send, or queue while an answer is written"],
  ["Shift Enter", "New line"],
  ["Escape", "Close what is open; else stop the answer"],
  ["/", "Search conversations"],
  ["n", "New conversation"],
  ["i", "Go to the message field"],
  ["p", "Show or hide the provider panel"],
  ["l", "Show or hide the list"],
  ["End", "Jump to the latest answer"],
  ["?", "This list"],
];

/**
 * @param {string} text
 * @param {{label: string, run: () => void}} [action]
 */
export function toast(text, action) {
  const element = el("div", { class: "toast", role: "status" }, el("span", {}, text));
  const close = () => element.remove();
  if (action) element.append(el("button", { type: "button", class: "button", onclick: () => { close(); action.run(); } }, action.label));
  element.append(iconButton("close", "Close this notice", close));
  need("#toasts", HTMLElement).replaceChildren(element);
  setTimeout(close, TOAST_MS);
}

/** Show the keys; the browser's own dialog keeps focus inside and closes on Escape. */
export function showKeys() {
  const dialog = need("#dialog", HTMLDialogElement);
  dialog.replaceChildren(
    el("div", { class: "dialog-top" }, el("h2", { id: "dialog-title" }, "Keys"), iconButton("close", "Close", () => dialog.close())),
    el("dl", { class: "keys" }, KEYS.map(([keys, meaning]) =>
      el("div", {}, el("dt", {}, keys.split(" ").map((key) => el("kbd", {}, key))), el("dd", {}, meaning)))),
    el("p", { class: "muted" }, "Single letters work while the cursor is not in a field."),
  );
  dialog.showModal();
}
