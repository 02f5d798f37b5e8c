/**
 * What the composer shows of a draft's outlook: its border, the line with the place and the reason, and the same said
 * to those who listen, once the typing rests and never at each key.
 * @module forecast
 */

import { el, icon, need, say } from "./dom.js";
import { counted } from "./words.js";

/** @typedef {import("./outlook.js").Outlook} Outlook */

const SAY_AFTER_MS = 1200;
const ICONS = { local: "house", cloud: "leave", unknown: "warn" };

/** @returns {{update: (outlook: Outlook, marks: number) => void}} */
export function mountForecast() {
  const box = need("#composer-box", HTMLElement);
  const line = need("#verdict", HTMLElement);
  const heard = need("#forecast", HTMLElement);
  let shown = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    update(outlook, marks) {
      const spoken = inWords(outlook, marks);
      if (spoken === shown) return;
      shown = spoken;
      for (const place of Object.keys(ICONS)) box.classList.toggle(place, place === outlook.place);
      line.replaceChildren(...parts(outlook));
      clearTimeout(timer);
      timer = setTimeout(() => say(heard, spoken), SAY_AFTER_MS);
    },
  };
}

/** @param {Outlook} outlook @returns {HTMLElement[]} */
function parts({ place, words, then }) {
  if (words === "") return [];
  if (place === "") return [el("span", { class: "muted" }, words)];
  const first = el("span", { class: `place ${place}` }, icon(ICONS[place]), words);
  return then === "" ? [first] : [first, el("span", { class: "verdict-then" }, icon("lock"), then)];
}

/** @param {Outlook} outlook @param {number} marks */
function inWords({ words, then }, marks) {
  if (words === "") return "";
  const places = marks > 0 ? `${counted(marks, "place")} marked, listed below the message` : "";
  return [words, then.replace(/\.$/, ""), places].filter((part) => part !== "").join(". ");
}
