/** `static/js/nodes.js`: what a tree becomes, what it can never become, and which DOM nodes a patch leaves alone. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { build, HTML_TAGS, patch } from "../../static/js/nodes.js";

/** The little of a DOM that nodes.js uses, and nothing that parses HTML. */
class FakeText {
  constructor(data) {
    this.data = data;
  }

  get markup() {
    return this.data.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  }
}

class FakeElement {
  constructor(namespace, name) {
    Object.assign(this, { namespace, name, attributes: new Map(), childNodes: [], parent: null });
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  append(child) {
    child.parent = this;
    this.childNodes.push(child);
  }

  remove() {
    this.parent.childNodes.splice(this.parent.childNodes.indexOf(this), 1);
  }

  replaceWith(other) {
    other.parent = this.parent;
    this.parent.childNodes.splice(this.parent.childNodes.indexOf(this), 1, other);
  }

  get markup() {
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}="${value}"`).join("");
    return `<${this.name}${attributes}>${this.childNodes.map((child) => child.markup).join("")}</${this.name}>`;
  }
}

const MATHML = "http://www.w3.org/1998/Math/MathML";

beforeEach(() => {
  globalThis.document = {
    createElement: (name) => new FakeElement("html", name),
    createElementNS: (namespace, name) => new FakeElement(namespace, name),
    createTextNode: (data) => new FakeText(data),
  };
});

/** @param {any} node */
const markup = (node) => build(node).markup;

test("a tree becomes elements and text", () => {
  assert.equal(markup(["p", {}, "a ", ["strong", {}, "b"], " <i>"]), "<p>a <strong>b</strong> &lt;i></p>");
});

test("every listed tag is built", () => {
  for (const tag of HTML_TAGS) assert.ok(markup([tag, {}]).startsWith(`<${tag}`));
});

for (const tag of ["script", "img", "iframe", "svg", "style", "object", "form", "input", "base", "SCRIPT", "a b", "", 7]) {
  test(`a ${JSON.stringify(tag)} becomes its words`, () => {
    assert.equal(markup(["p", {}, [tag, { src: "x" }, "let ", ["em", {}, "me"], " in"]]), "<p>let me in</p>");
  });
}

for (const [name, value] of [
  ["onclick", "alert(1)"],
  ["style", "color: red"],
  ["id", "composer"],
  ["class", "composer"],
  ["class", "host composer"],
  ["href", "javascript:alert(1)"],
  ["href", "https://a.b/\njavascript:"],
  ["href", " https://a.b"],
  ["href", "https://a.b\\@c"],
  ["target", "_top"],
  ["role", "alert"],
  ["aria-label", "Stop"],
  ["tabindex", "5"],
  ["__proto__", "x"],
  ["xlink:href", "https://a.b"],
]) {
  test(`the attribute ${name}=${JSON.stringify(value)} is left out`, () => {
    assert.equal(markup(["span", { [name]: value }, "x"]), "<span>x</span>");
  });
}

test("classes of our own stay, and those that name a language", () => {
  assert.equal(markup(["span", { class: "task done" }]), '<span class="task done"></span>');
  assert.equal(markup(["code", { class: "language-c++" }]), '<code class="language-c++"></code>');
});

test("a link opens elsewhere and tells nobody where it came from, whatever the tree says", () => {
  const link = build(["a", { href: "https://a.b/c", rel: "opener", target: "_self" }, "x"]);
  assert.deepEqual([...link.attributes], [
    ["href", "https://a.b/c"],
    ["rel", "noopener noreferrer nofollow"],
    ["target", "_blank"],
  ]);
});

test("a formula is built in its own namespace, without attributes that link", () => {
  const math = build(["math", { display: "block" }, ["mrow", { href: "https://a.b", class: "host" }, ["mi", {}, "x"]]]);
  assert.equal(math.namespace, MATHML);
  assert.equal(math.childNodes[0].childNodes[0].namespace, MATHML);
  assert.equal(math.markup, '<math display="block"><mrow><mi>x</mi></mrow></math>');
});

test("a code block gets a button to copy it", () => {
  assert.equal(
    markup(["pre", { class: "language-python", "data-language": "python" }, ["code", {}, "x = 1"]]),
    '<pre class="language-python" data-language="python"><button class="copy" type="button">Copy</button>' +
      "<code>x = 1</code></pre>",
  );
});

for (const bad of [null, 7, {}, [], ["p"], ["p", null], [["p", {}], {}], ["p", "abc", "x"]]) {
  test(`the malformed ${JSON.stringify(bad)} throws nothing`, () => {
    assert.equal(typeof markup(bad), "string");
  });
}

test("a tree of any depth becomes text where it is too deep", () => {
  let tree = ["em", {}, "core"];
  for (let depth = 0; depth < 100_000; depth += 1) tree = ["em", {}, tree];
  assert.match(markup(tree), /^(<em>){128}core(<\/em>){128}$/);
});

test("a patch adds, changes and takes away", () => {
  const container = new FakeElement("html", "div");
  patch(container, [[0, ["p", {}, "a"]], [1, ["p", {}, "b"]], [2, ["p", {}, "c"]]]);
  patch(container, [[1, ["h2", {}, "B"]], [2, null]]);
  assert.equal(container.markup, "<div><p>a</p><h2>B</h2></div>");
  patch(container, [[1, null], [0, null]]);
  assert.equal(container.markup, "<div></div>");
});

test("a block no change names keeps its very DOM node", () => {
  const container = new FakeElement("html", "div");
  patch(container, [[0, ["p", {}, "a"]], [1, ["p", {}, "b"]]]);
  const [first, second] = container.childNodes;
  patch(container, [[1, ["p", {}, "b and more"]], [2, ["p", {}, "c"]]]);
  assert.equal(container.childNodes[0], first);
  assert.notEqual(container.childNodes[1], second);
});

test("taking away a block that is not there changes nothing", () => {
  const container = new FakeElement("html", "div");
  patch(container, [[3, null]]);
  assert.equal(container.markup, "<div></div>");
});
