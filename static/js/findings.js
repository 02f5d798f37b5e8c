/**
 * The list under a draft: each finding with its kind and its letters, a button that selects it in the field. It is the
 * way to the marks for those who do not see them.
 * @module findings
 */

import { arrange, el, need } from "./dom.js";
import { counted, kindWords } from "./words.js";

/** @typedef {import("./marks.js").Marks} Marks */

const SHOWN = 6;

export class Findings {
  /** @param {(mark: number) => void} go called with the number of the mark that a person wants to see */
  constructor(go) {
    this._go = go;
    this._place = need("#findings", HTMLElement);
    this._whole = false;
    /** @type {Map<string, HTMLElement>} an item stays the same element as long as it says the same */
    this._items = new Map();
  }

  /** @param {string} text @param {Marks} marks */
  draw(text, marks) {
    if (marks.length <= SHOWN) this._whole = false;
    const shown = this._whole ? marks : marks.slice(0, SHOWN);
    /** @type {Map<string, HTMLElement>} */
    const items = new Map();
    shown.forEach(({ kind, start, end }, index) => {
      const key = `${index} ${kind} ${text.slice(start, end)}`;
      items.set(key, this._items.get(key) ?? this._item(index, kind, text.slice(start, end)));
    });
    this._items = items;
    const more = marks.length - shown.length;
    arrange(this._place, [...items.values(), ...(more > 0 ? [this._more(text, marks, more)] : [])]);
    this._place.hidden = marks.length === 0;
  }

  /** @param {number} index @param {string} kind @param {string} letters */
  _item(index, kind, letters) {
    const name = kindWords([kind]);
    return el("li", {}, el("button", { type: "button", class: "finding", title: "Select it in the message", onclick: () => this._go(index) },
      el("span", { class: "finding-kind" }, name), " ", el("span", { class: "finding-text", dir: "auto" }, oneLine(letters))));
  }

  /** @param {string} text @param {Marks} marks @param {number} more */
  _more(text, marks, more) {
    const open = () => {
      this._whole = true;
      this.draw(text, marks);
      this._place.querySelectorAll("button")[SHOWN]?.focus();
    };
    return el("li", {}, el("button", { type: "button", class: "quiet-button", onclick: open }, `${counted(more, "more", "more")}`));
  }
}

/** @param {string} letters */
function oneLine(letters) {
  return letters.replace(/\s+/g, " ").trim();
}
