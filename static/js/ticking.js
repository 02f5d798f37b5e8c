/**
 * Texts that move with the clock: how long something runs, how long until something is tried.
 * One timer for the whole page, and none while nothing moves.
 * @module ticking
 */

import { say } from "./dom.js";

const BEAT_MS = 200;

/** @type {Map<HTMLElement, () => string>} */
const texts = new Map();

/** @type {ReturnType<typeof setInterval> | null} */
let timer = null;

/**
 * Keep an element's text current until it leaves the page or `rest` is called.
 * @template {HTMLElement} Kind
 * @param {Kind} element
 * @param {() => string} text
 * @returns {Kind}
 */
export function ticking(element, text) {
  texts.set(element, text);
  say(element, text());
  timer ??= setInterval(beat, BEAT_MS);
  return element;
}

/** @param {HTMLElement} element */
export function rest(element) {
  texts.delete(element);
}

function beat() {
  for (const [element, text] of texts) {
    if (element.isConnected) say(element, text());
    else texts.delete(element);
  }
  if (texts.size > 0 || timer === null) return;
  clearInterval(timer);
  timer = null;
}
