/**
 * What stands where no conversation stands yet: three real things to try, or, where no model answers, what is missing
 * and how to mend it.
 * @module welcome
 */

import { el, icon } from "./dom.js";
import { providerName } from "./words.js";

/** @typedef {import("./events.js").Health} Health */
/** @typedef {import("./events.js").ProviderHealth} ProviderHealth */
/**
 * A thing to try. `table`: a file handed in with it.
 * @typedef {{drawing: string, title: string, shows: string, text: string,
 *   table?: {name: string, content: string}}} Trial
 */

const ROSTER = [
  "resident,start,end",
  "Resident A,2026-07-06 07:00,2026-07-07 12:30",
  "Resident A,2026-07-07 19:00,2026-07-08 07:00",
  "Resident A,2026-07-09 07:00,2026-07-10 09:00",
  "Resident A,2026-07-11 07:00,2026-07-12 07:00",
  "Resident B,2026-07-06 07:00,2026-07-06 19:00",
  "Resident B,2026-07-07 01:00,2026-07-07 13:00",
  "Resident B,2026-07-08 07:00,2026-07-08 19:00",
  "Resident B,2026-07-09 07:00,2026-07-09 19:00",
  "Resident C,2026-07-06 19:00,2026-07-07 07:00",
  "Resident C,2026-07-08 19:00,2026-07-09 07:00",
  "Resident C,2026-07-10 19:00,2026-07-11 07:00",
].join("\n");

/** @type {Trial[]} */
const TRIALS = [
  {
    drawing: "tool",
    title: "Check a roster",
    shows: "A pasted table and a tool that works out each rule.",
    text: "Check this schedule against the duty-hour rules.",
    table: { name: "sample-roster.csv", content: ROSTER },
  },
  {
    drawing: "house",
    title: "Ask about a patient",
    shows: "Patient data is found, and the conversation locks to local.",
    text: "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.4. What should I check first?",
  },
  {
    drawing: "hybrid",
    title: "Weigh a hard question",
    shows: "Nothing in it is private, so in hybrid mode the strong model may answer.",
    text: "Compare night float, 24-hour call and a mix of both for 12 residents under the duty-hour rules: fatigue, continuity and fairness.",
  },
];

/**
 * @param {(trial: Trial) => void} attempt
 * @returns {HTMLElement}
 */
export function welcome(attempt) {
  return el(
    "section",
    { class: "welcome" },
    el("h2", {}, "What do you want to know?"),
    el("p", { class: "muted" },
      "Each question is checked before it goes anywhere. ",
      el("span", { class: "place local" }, icon("house"), "stays in the house"), " or ",
      el("span", { class: "place cloud" }, icon("leave"), "leaves it"), ": you see which while you type, and on every reply."),
    el("div", { class: "trials" }, TRIALS.map((trial) =>
      el("button", { type: "button", class: "trial", onclick: () => attempt(trial) },
        icon(trial.drawing),
        el("span", { class: "trial-title" }, trial.title),
        el("span", { class: "trial-text" }, trial.text),
        el("span", { class: "trial-shows" }, trial.shows)))),
  );
}

/**
 * @param {Health} health
 * @returns {HTMLElement | null} null where a model answers
 */
export function setup(health) {
  const providers = Object.entries(health.providers);
  if (providers.some(([, provider]) => provider.available)) return null;
  const mends = providers.map(([name, provider]) => mend(name, provider));
  const cloud = providers.some(([, provider]) => provider.kind === "cloud");
  if (!cloud && !health.airgap) mends.push(["For questions without patient data: set ", el("code", {}, "ANTHROPIC_API_KEY"), " and restart."]);
  return el(
    "section",
    { class: "setup card", "aria-label": "What is missing" },
    icon("warn"),
    el("div", {},
      el("h3", {}, "No model is answering yet"),
      el("p", {}, "The page works; there is nobody to ask. ", mends.length > 1 ? "Any one of these mends it:" : "This mends it:"),
      el("ul", {}, mends.map((parts) => el("li", {}, parts))),
      el("p", { class: "muted" }, "In a terminal, ", el("code", {}, "chatapp doctor"), " checks everything and names each mend. ",
        "This page notices by itself when a model is there.")),
  );
}

/** @param {string} name @param {ProviderHealth} provider @returns {(string | HTMLElement)[]} */
function mend(name, { kind, wanted_models = [] }) {
  if (kind === "cloud") return [`${providerName(name)} is not reachable: check the key and the way out in the settings.`];
  if (name !== "ollama") return [`${providerName(name)} is not reachable: start it, or check its address in the settings.`];
  const pulls = wanted_models.flatMap((model) => [" ", el("code", {}, `ollama pull ${model}`)]);
  const fetched = pulls.length > 0 ? [" Where they are missing, fetch its models:", ...pulls] : [];
  const start = ["Start Ollama on this machine: ", el("code", {}, "ollama serve")];
  return [...start, ", or set ", el("code", {}, "OLLAMA_URL"), " to where it runs.", ...fetched];
}
