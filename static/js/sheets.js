/**
 * The two side panels: columns on a wide screen, sheets over the page on a narrow one. What was folded stays folded
 * across reloads of this tab, in the history entry and nowhere else.
 * @module sheets
 */

import { need } from "./dom.js";

/** @typedef {"sidebar" | "panel"} Side */

/** As in the style sheets: below it the side is a sheet. @type {Record<Side, string>} */
const NARROW = { sidebar: "(max-width: 760px)", panel: "(max-width: 1079px)" };

/** @type {Side[]} */
const SIDES = ["sidebar", "panel"];

/**
 * @param {() => void} panelOpened
 * @returns {{toggle: (side: Side) => void, show: (side: Side) => void, close: () => boolean, panelShown: () => boolean}}
 *   `close` says whether there was a sheet to close
 */
export function mountSheets(panelOpened) {
  const app = need("#app", HTMLElement);
  const veil = need("#veil", HTMLElement);
  /** @param {Side} side */
  const isSheet = (side) => matchMedia(NARROW[side]).matches;
  /** @param {Side} side */
  const isShown = (side) => (isSheet(side) ? app.classList.contains(`${side}-open`) : !app.classList.contains(`${side}-folded`));

  /** @param {Side} side @param {boolean} shown */
  function set(side, shown) {
    const sheet = isSheet(side);
    app.classList.toggle(sheet ? `${side}-open` : `${side}-folded`, sheet ? shown : !shown);
    if (!sheet) history.replaceState({ ...history.state, [`${side}Folded`]: !shown }, "");
    veil.hidden = !SIDES.some((each) => isSheet(each) && isShown(each));
    need(`#toggle-${side}`, HTMLElement).setAttribute("aria-expanded", String(isShown(side)));
    if (side === "panel" && shown) panelOpened();
    if (sheet) (shown ? need(`#close-${side}`, HTMLElement) : need(`#toggle-${side}`, HTMLElement)).focus();
  }

  /** @returns {boolean} */
  function close() {
    const open = SIDES.filter((side) => isSheet(side) && isShown(side));
    for (const side of open) set(side, false);
    return open.length > 0;
  }

  for (const side of SIDES) {
    app.classList.toggle(`${side}-folded`, history.state?.[`${side}Folded`] === true);
    const toggle = need(`#toggle-${side}`, HTMLElement);
    toggle.setAttribute("aria-expanded", String(isShown(side)));
    toggle.addEventListener("click", () => set(side, !isShown(side)));
    need(`#close-${side}`, HTMLElement).addEventListener("click", close);
  }
  veil.addEventListener("click", close);
  return { toggle: (side) => set(side, !isShown(side)), show: (side) => isShown(side) || set(side, true), close, panelShown: () => isShown("panel") };
}
