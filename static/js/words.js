/**
 * What the page says: names for the wire's words, and numbers as people read them. Pure; all languages but English
 * would begin here.
 * @module words
 */

/** @typedef {import("./events.js").RouteFields} RouteFields */
/** @typedef {import("./events.js").DoneFields} DoneFields */
/** @typedef {import("./events.js").AirgapProof} AirgapProof */
/** @typedef {"local" | "cloud"} Place */

/** @type {Record<string, string>} */
const PROVIDERS = { ollama: "Ollama", anthropic: "Anthropic", openai: "Local engine" };

/** Providers in the house; any other name is taken to leave it, which errs on the side of saying so. */
const LOCAL = new Set(["ollama", "openai"]);

/** @type {Record<string, string>} */
const KINDS = {
  NAME: "patient name", MRN: "record number", SSN: "social security number", PHONE: "phone number", FAX: "fax number",
  EMAIL: "e-mail address", DATE: "date tied to a person", DOB: "date of birth", AGE_90PLUS: "age over 89",
  ADDRESS: "address", GEO: "place of residence", ZIP: "postal code", ACCOUNT: "account number",
  BENEFICIARY: "insurance number", LICENSE: "licence number", VEHICLE: "vehicle number", DEVICE: "device number",
  URL: "personal web address", IP: "internet address", OTHER_ID: "identifying number", ROOM_BED: "bed or room",
  PHOTO: "picture of a patient", SITE_LIST: "on the hospital's own list",
  STATEMENT: "statement about one patient",
};

/** What the verdict `unknown` means: it is kept like patient data. */
export const UNSURE = "could not be read with certainty";

/** @type {Record<string, string>} */
const TASKS = {
  privacy: "patient data", tools: "schedule work", simple: "short question", code: "code", complex: "complex question",
  general: "general question",
};

/** @type {Record<string, string>} */
const RULES = {
  locked: "locked to local", unknown: `kept local: ${UNSURE}`, airgap: "airgapped",
  wish: "as you asked", no_cloud: "no cloud is set up",
};

/** @type {Record<string, string>} */
const TOOLS = { validate_schedule: "Check duty hours" };

/** @type {Record<string, string>} */
const CAUSES = {
  provider_unavailable: "did not answer", provider_timeout: "took too long", provider_rate_limited: "is limiting requests",
  provider_misconfigured: "refused our key or settings", provider_bad_response: "sent an answer we could not read",
  breaker_open: "takes no calls right now", model_missing: "does not have the model",
  model_not_local: "offered a model that runs elsewhere", overloaded: "is too busy", context_too_long: "cannot read this much",
};

/** @type {Record<string, [string, string]>} name, and what it means */
const BREAKERS = {
  closed: ["closed", "calls pass"],
  open: ["open", "calls are refused for now"],
  half_open: ["half-open", "the next question is the trial"],
  misconfigured: ["misconfigured", "the key or the settings are wrong"],
  held: ["held open", "an operator lets no call through"],
};

/** @param {string} provider */
export function providerName(provider) {
  return PROVIDERS[provider] ?? provider;
}

/** Where a provider answers from. @param {string} provider @returns {Place} */
export function placeOf(provider) {
  return LOCAL.has(provider) ? "local" : "cloud";
}

/** @param {string[]} kinds @returns {string} */
export function kindWords(kinds) {
  return [...new Set(kinds.map((kind) => KINDS[kind] ?? "identifier"))].join(", ");
}

/** Why it went where it went, in a few words. @param {RouteFields} route @returns {string} */
export function why(route) {
  const { verdict, kinds } = route.privacy;
  if (verdict === "sensitive") return kinds.length > 0 ? `kept local: ${kindWords(kinds)}` : "kept local: patient data";
  if (route.rule === "mode") return placeOf(route.provider) === "cloud" ? "cloud mode" : "local mode";
  return RULES[route.rule] ?? taskWord(route.task);
}

/** @param {string} task */
export function taskWord(task) {
  return TASKS[task] ?? task;
}

/** `validate_schedule` → Check duty hours. @param {string} name */
export function toolName(name) {
  return TOOLS[name] ?? capital(name.replaceAll("_", " "));
}

/** @param {string} cause an error code */
export function causeWords(cause) {
  return CAUSES[cause] ?? "could not answer";
}

/**
 * What an operator's line of a failed probe means; the line itself stands small behind it.
 * @param {string} detail
 * @returns {string} empty where the line speaks for itself
 */
export function probeWords(detail) {
  if (/CHATAPP_LOCAL_HOSTS/.test(detail)) return "Its address is not in the house, so nothing was sent to it.";
  if (/^the airgap refused/.test(detail)) return "The airgap lets nothing out there, so nothing was sent.";
  if (/Connect/.test(detail)) return "No connection. Is it running, and is its address right?";
  if (/\b40[13]\b|authentication|permission/.test(detail)) return "It refuses the key. Put the right one into the settings and restart.";
  if (/Timeout|no answer in time/.test(detail)) return "No answer in time.";
  return /\b5\d\d\b/.test(detail) ? "It answers with an error of its own." : "";
}

/**
 * What marking a message as patient data came to.
 * @param {number} requests how many had left by then
 */
export function incidentWords(requests) {
  const what = requests === 1 ? "an incident record lists it" : "an incident record lists them";
  const left = requests === 0 ? "Nothing of it had left" : `${counted(requests, "request")} had already left; ${what}`;
  return `Marked as patient data and locked to local. ${left}.`;
}

/** @param {number} at seconds since 1970 @returns {string} `02:40` */
export function timeOfDay(at) {
  const date = new Date(at * 1000);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** @param {string} state @returns {[string, string]} name and meaning */
export function breakerWords(state) {
  return BREAKERS[state] ?? [state, ""];
}

/**
 * What an airgap's badge says: that it is one, and how well that is proven.
 * @param {AirgapProof | null | undefined} proof
 * @param {Date} today
 * @returns {[string, string]} the claim, and its proof
 */
export function airgapWords(proof, today) {
  if (!proof) return ["Airgapped: no cloud provider exists here", ""];
  if (!proof.holds || proof.since === null) return ["The airgap does not hold", `The proof failed at ${moment(proof.at, today)}. Stop the server and tell your operator.`];
  const turnedAway = proof.refused > 0 ? ` ${counted(proof.refused, "way out", "ways out")} refused.` : "";
  return ["Airgapped: nothing gets out", `Proven since ${moment(proof.since, today)}, last at ${moment(proof.at, today)}.${turnedAway}`];
}

/**
 * @param {number} at seconds since 1970
 * @param {Date} today
 * @returns {string} `02:40`, on another day `23 Nov 02:40`
 */
export function moment(at, today) {
  const then = new Date(at * 1000);
  const time = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === today.toDateString()) return time;
  return `${then.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

/** `max_hours_per_week` → Max hours per week. @param {string} key */
export function fieldName(key) {
  return capital(key.replaceAll("_", " "));
}

/** @param {number} ms @returns {string} `0.4 s`, `12 s`, `2:05 min` */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 0.0995) return `${(Math.round(seconds * 100) / 100).toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  return `${clock(seconds)} min`;
}

/** @param {number} ms @returns {string} `3 ms`, from a second on as `duration` */
export function latency(ms) {
  return ms < 999.5 ? `${Math.max(1, Math.round(ms))} ms` : duration(ms);
}

/** @param {number} seconds @returns {string} `0:41` */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {number} number @returns {string} `12,480` */
export function count(number) {
  return number.toLocaleString("en");
}

/** @param {number} number @param {string} one @param {string} [many] @returns {string} `1 row`, `24 rows` */
export function counted(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/**
 * @param {number} at seconds since 1970
 * @param {Date} today
 * @returns {"Today" | "Yesterday" | "Earlier"}
 */
export function day(at, today) {
  const start = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime();
  const ms = at * 1000;
  if (ms >= start) return "Today";
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1).getTime();
  return ms >= yesterday ? "Yesterday" : "Earlier";
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
