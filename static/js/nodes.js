/**
 * Block trees ─▶ DOM nodes, out of a fixed list of tags and attributes; what is not on it becomes text.
 * The server states the same list in `chatapp/web/nodes.py`; a test compares the two. Strings never become HTML here.
 * @module nodes
 */

/** @typedef {import("./events.js").Node} BlockNode */
/** @typedef {import("./events.js").BlockChange} BlockChange */

export const HTML_TAGS = [
  "a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
  "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"
];

export const MATH_TAGS = [
  "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "mspace",
  "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover"
];

/** Attribute ─▶ a regular expression its whole value must match. @type {Record<string, string>} */
export const HTML_ATTRIBUTES = {
  "aria-label": "code|done|not done|table",
  "class": "[a-z0-9+#._ -]+",
  "data-language": "[a-z0-9+#._-]{1,30}",
  "href": "(https?://|mailto:)[^\\s\\\\]+",
  "rel": "noopener noreferrer nofollow",
  "role": "img|group",
  "start": "[0-9]{1,9}",
  "tabindex": "0",
  "target": "_blank"
};

/** @type {Record<string, string>} */
export const MATH_ATTRIBUTES = {
  "accent": "true|false",
  "columnalign": "(left|right|center)( (left|right|center))*",
  "display": "block|inline",
  "displaystyle": "true|false",
  "fence": "true|false",
  "form": "prefix|infix|postfix",
  "largeop": "true|false",
  "linethickness": "-?[0-9]{0,2}(\\.[0-9]{1,4})?(em|ex|px|pt)?",
  "lspace": "-?[0-9]{0,2}(\\.[0-9]{1,4})?(em|ex|px|pt)?",
  "mathvariant": "[a-z]+(-[a-z]+)*",
  "maxsize": "-?[0-9]{0,2}(\\.[0-9]{1,4})?(em|ex|px|pt)?",
  "minsize": "-?[0-9]{0,2}(\\.[0-9]{1,4})?(em|ex|px|pt)?",
  "movablelimits": "true|false",
  "rspace": "-?[0-9]{0,2}(\\.[0-9]{1,4})?(em|ex|px|pt)?",
  "scriptlevel": "[0-9]",
  "separator": "true|false",
  "stretchy": "true|false",
  "width": "-?[0-9]{0,2}(\\.[0-9]{1,4})?(em|ex|px|pt)?"
};

export const CLASSES = [
  "c", "center", "done", "gd", "gh", "gi", "host", "k", "left", "m", "na", "nb", "nc", "nd", "nf", "nt", "o",
  "raw", "right", "s", "table", "task"
];
export const LANGUAGE_CLASS = "language-[a-z0-9+#._-]{1,30}";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const DEEPEST = 128;

const htmlTags = new Set(HTML_TAGS);
const mathTags = new Set(MATH_TAGS);
const classes = new Set(CLASSES);
const languageClass = whole(LANGUAGE_CLASS);
const htmlAttributes = rules(HTML_ATTRIBUTES);
const mathAttributes = rules(MATH_ATTRIBUTES);

/**
 * Build one block, or any node of it.
 * @param {BlockNode | string} node
 * @param {number} [depth] how many nodes it lies in
 * @returns {globalThis.Node}
 */
export function build(node, depth = 0) {
  if (!Array.isArray(node)) return document.createTextNode(textOf(node));
  const [tag, attributes, ...children] = node;
  const element = depth < DEEPEST ? elementFor(tag, attributes ?? {}) : null;
  if (!element) return document.createTextNode(textOf(node));
  if (tag === "pre") element.append(copyButton());
  for (const child of children) element.append(build(child, depth + 1));
  return element;
}

/**
 * Apply changes to the blocks a container shows; a block that is not named keeps its DOM nodes, and with them
 * the reader's selection.
 * @param {Element} container holds nothing but blocks
 * @param {BlockChange[]} blocks in order; a place counts as things stand when its turn comes
 */
export function patch(container, blocks) {
  for (const [index, node] of blocks) {
    const shown = container.childNodes[index];
    if (node === null) shown?.remove();
    else if (shown) shown.replaceWith(build(node));
    else container.append(build(node));
  }
}

/**
 * @param {unknown} tag
 * @param {Record<string, unknown>} attributes
 * @returns {Element | null} null for a tag that is not on the list
 */
function elementFor(tag, attributes) {
  if (typeof tag !== "string") return null;
  if (mathTags.has(tag)) return adorned(document.createElementNS(MATHML, tag), attributes, mathAttributes);
  if (!htmlTags.has(tag)) return null;
  const element = adorned(document.createElement(tag), attributes, htmlAttributes);
  if (tag === "a") {
    element.setAttribute("rel", "noopener noreferrer nofollow");
    element.setAttribute("target", "_blank");
  }
  return element;
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Record<string, unknown>} attributes
 * @param {Map<string, RegExp>} allowed
 * @returns {T} with those of the attributes that are on the list, name and value
 */
function adorned(element, attributes, allowed) {
  for (const [name, given] of Object.entries(attributes)) {
    const value = String(given);
    if (allowed.get(name)?.test(value) && (name !== "class" || areListed(value))) element.setAttribute(name, value);
  }
  return element;
}

/** @param {string} names @returns {boolean} */
function areListed(names) {
  return names.split(" ").every((name) => classes.has(name) || languageClass.test(name));
}

/** What it does is wired where the transcript listens. */
function copyButton() {
  const button = document.createElement("button");
  button.setAttribute("class", "copy");
  button.setAttribute("type", "button");
  button.append(document.createTextNode("Copy"));
  return button;
}

/**
 * All words of a node that may not be built. Walks with a list of its own: whatever came in may be deeper than
 * the call stack.
 * @param {unknown} node
 * @returns {string}
 */
function textOf(node) {
  const words = [];
  const waiting = [node];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string") words.push(next);
    else if (Array.isArray(next)) for (let place = next.length - 1; place > 1; place -= 1) waiting.push(next[place]);
  }
  return words.join("");
}

/** @param {string} pattern @returns {RegExp} */
function whole(pattern) {
  return new RegExp(`^(?:${pattern})$`, "u");
}

/** @param {Record<string, string>} patterns @returns {Map<string, RegExp>} */
function rules(patterns) {
  return new Map(Object.entries(patterns).map(([name, pattern]) => [name, whole(pattern)]));
}
