/**
 * Making elements: names, properties and children in; nodes out. Text only ever enters as text.
 * Knows nothing of chats; the trees of Markdown are `nodes.js`.
 * @module dom
 */

/** @typedef {string | number | globalThis.Node | null | undefined | false} One */
/** Lists may hold lists. @typedef {One | readonly (One | readonly (One | readonly One[])[])[]} Child */
/** @typedef {Record<string, any>} Properties */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties] `class`, `on…` with a listener, `data-`, `aria-` and the like as attributes, the rest as properties
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...flat(children));
  return element;
}

/**
 * One of the drawings in the page's sprite.
 * @param {string} name
 * @param {string} [label] a word for those who do not see it; without, it is decoration
 * @returns {SVGSVGElement}
 */
export function icon(name, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("class", "icon");
  if (label) svg.setAttribute("aria-label", label);
  svg.setAttribute(label ? "role" : "aria-hidden", label ? "img" : "true");
  svg.append(use);
  return svg;
}

/**
 * A button that is only a drawing, with the word it stands for.
 * @param {string} drawing
 * @param {string} label
 * @param {() => void} onclick
 * @param {string} [extra] further classes
 */
export function iconButton(drawing, label, onclick, extra = "") {
  return el("button", { type: "button", class: `icon-button ${extra}`, title: label, "aria-label": label, onclick }, icon(drawing));
}

/**
 * A sentence of the server's, what stands between `backticks` as code.
 * @param {string} sentence
 * @returns {(string | HTMLElement)[]}
 */
export function withCode(sentence) {
  return sentence.split("`").map((part, index) => (index % 2 === 1 ? el("code", {}, part) : part));
}

/**
 * Set text only where it differs, so that a reader's selection survives an update.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Put children in place of what is there, and leave alone what is already in its place.
 * @param {Element} parent
 * @param {globalThis.Node[]} children
 */
export function arrange(parent, children) {
  children.forEach((child, index) => {
    const there = parent.childNodes[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
  while (parent.childNodes.length > children.length) parent.lastChild?.remove();
}

/**
 * An element the template promises.
 * @template {Element} Kind
 * @param {string} selector
 * @param {{new (): Kind}} kind
 * @param {ParentNode} [within]
 * @returns {Kind}
 */
export function need(selector, kind, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** @param {HTMLElement} element @param {string} name @param {any} value */
function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "class") element.className = value.trim();
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name in element && !name.startsWith("aria-")) Reflect.set(element, name, value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** @param {readonly Child[]} children @returns {(string | globalThis.Node)[]} */
function flat(children) {
  return children.flatMap((child) => {
    if (child === null || child === undefined || child === false) return [];
    if (typeof child === "string" || child instanceof globalThis.Node) return [child];
    return typeof child === "number" ? [String(child)] : flat(child);
  });
}
