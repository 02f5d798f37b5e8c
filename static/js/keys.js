/**
 * The keyboard beyond the controls themselves: single letters while nothing is being written, Escape to leave.
 * The list a person sees is in `dialogs.js`.
 * @module keys
 */

import { showKeys } from "./dialogs.js";
import { need } from "./dom.js";

/**
 * @typedef {object} KeyActions
 * @property {() => void} search
 * @property {() => void} fresh
 * @property {() => void} write
 * @property {() => void} panel
 * @property {() => void} list
 * @property {() => void} latest
 * @property {() => void} leave
 */

/** @param {KeyActions} actions */
export function mountKeys(actions) {
  /** @type {Record<string, () => void>} */
  const keys = {
    "/": actions.search, n: actions.fresh, i: actions.write, p: actions.panel, l: actions.list, End: actions.latest,
    "?": showKeys,
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return actions.leave();
    const act = keys[event.key];
    if (!act || isField(event.target)) return;
    event.preventDefault();
    act();
  });
  need("#show-shortcuts", HTMLButtonElement).addEventListener("click", showKeys);
}

/** @param {EventTarget | null} target */
function isField(target) {
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}
