/**
 * The head of a conversation: its title, where it may be answered, and why that may be fixed.
 * @module head
 */

import { el, icon, need, say } from "./dom.js";

/** @typedef {import("./events.js").ConversationFrame} ConversationFrame */
/** @typedef {import("./events.js").HelloFrame} HelloFrame */
/** @typedef {import("./events.js").Mode} Mode */
/** What the head shows. @typedef {{conversation: ConversationFrame | null, mode: Mode, modes: Mode[], airgap: boolean}} HeadFacts */

const NAME = "chatapp";

/** @type {Record<string, string>} */
const LOCKED_BY = {
  detector: "Locked to local: patient data was found here. Start a new conversation for other modes.",
  tool: "Locked to local: a tool brought patient data in. Start a new conversation for other modes.",
  user: "Locked to local: you marked this as patient data. Start a new conversation for other modes.",
};

/**
 * @param {{mode: (mode: Mode) => void}} actions
 * @returns {{update: (facts: HeadFacts) => void}}
 */
export function mountHead(actions) {
  const title = need("#title", HTMLElement);
  const group = need("#mode", HTMLFieldSetElement);
  const line = need("#lock-line", HTMLElement);
  const radios = /** @type {HTMLInputElement[]} */ ([...group.querySelectorAll("input")]);
  group.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) actions.mode(/** @type {Mode} */ (event.target.value));
  });
  return {
    update(facts) {
      const reason = fixedBecause(facts);
      say(title, facts.conversation?.title ?? "New conversation");
      document.title = pageTitle(facts.conversation);
      group.disabled = reason !== null;
      group.classList.toggle("locked", reason !== null);
      for (const radio of radios) {
        radio.checked = radio.value === (facts.airgap ? "local" : facts.mode);
        radio.disabled = !facts.modes.includes(/** @type {Mode} */ (radio.value));
      }
      if (line.dataset.reason !== (reason ?? "")) line.replaceChildren(...(reason ? [icon("lock"), el("span", {}, reason)] : []));
      line.dataset.reason = reason ?? "";
      line.hidden = reason === null;
    },
  };
}

/**
 * What the browser's tab, history and task bar may show: nothing of a locked conversation.
 * @param {ConversationFrame | null} conversation
 * @returns {string}
 */
export function pageTitle(conversation) {
  return conversation === null || conversation.locked || conversation.title === "" ? NAME : `${conversation.title} · ${NAME}`;
}

/** @param {HeadFacts} facts @returns {string | null} */
function fixedBecause({ conversation, airgap }) {
  if (airgap) return "This server is airgapped: every conversation stays local.";
  return conversation?.locked ? (LOCKED_BY[conversation.locked_by ?? "detector"] ?? LOCKED_BY.detector) : null;
}
