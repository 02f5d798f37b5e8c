/**
 * The demo's corner of the panel: make a stand-in fail, and watch the breaker do its work. Only a demo has it.
 * @module demo
 */

import * as api from "./api.js";
import { toast } from "./dialogs.js";
import { el, need } from "./dom.js";
import { providerName } from "./words.js";

/** @type {[string, string][]} */
const FAILURES = [["none", "works"], ["refuse", "refuses"], ["hang", "hangs"], ["error", "500"], ["cut", "cuts off"]];

/** @param {() => void} changed called when a stand-in behaves otherwise now */
export async function mountDemo(changed) {
  const corner = need("#demo-corner", HTMLElement);
  const state = await api.failures().catch(() => null);
  if (state === null) return;
  /** @param {string} provider @param {string} failure */
  const choose = async (provider, failure) => {
    await api.setFailure(provider, failure).catch(() => toast("The stand-in did not hear that. Try again."));
    changed();
  };
  corner.replaceChildren(el("section", { class: "demo-corner", "aria-label": "Break something" },
    el("h2", {}, "Break something"),
    el("p", { class: "muted" }, "Tell a stand-in to fail, ask five times, and watch its breaker open, count down, try once and close."),
    Object.entries(state).map(([provider, failure]) => choices(provider, failure, choose))));
}

/** @param {string} provider @param {string} current @param {(provider: string, failure: string) => void} choose */
function choices(provider, current, choose) {
  const name = `failure-${provider}`;
  return el("fieldset", { class: "failures" },
    el("legend", {}, providerName(provider)),
    FAILURES.map(([value, words]) => el("label", {},
      el("input", { type: "radio", name, value, checked: value === current, onchange: () => choose(provider, value) }),
      el("span", {}, words))));
}
