/**
 * The side panel: how each provider is, in words, colour and shape; the breaker with its countdown; what stayed and
 * what left. It polls, it never makes the server wait for a provider, and it says when the server itself is silent.
 * @module status
 */

import * as api from "./api.js";
import { toast } from "./dialogs.js";
import { el, icon, need } from "./dom.js";
import { ticking } from "./ticking.js";
import { airgapWords, breakerWords, clock, count, counted, latency, probeWords, providerName, timeOfDay } from "./words.js";

/** @typedef {import("./events.js").Health} Health */
/** @typedef {import("./events.js").ProviderHealth} ProviderHealth */
/** @typedef {import("./events.js").LedgerHealth} LedgerHealth */
/** @typedef {import("./events.js").Stats} Stats */
/** Good, with a caveat, not at all. @typedef {"well" | "caution" | "failure" | "unseen"} Level */

const POLL_SEEN_MS = 2000;
const POLL_FOLDED_MS = 5000;
const MODELS_SHOWN = 6;
const SILENT = "The server is not answering. How the providers are is not known.";

/** Numbers that differ with each answer and say nothing new. */
const MOVING = new Set(["checked_at", "retry_in_s"]);

/** @type {Record<Level, number>} */
const GRAVITY = { well: 0, unseen: 1, caution: 2, failure: 3 };

export class StatusPanel {
  /** @param {{changed: (health: Health | null) => void, seen: () => boolean}} page */
  constructor(page) {
    this._page = page;
    this._place = need("#health", HTMLElement);
    this._worst = need("#worst", HTMLElement);
    this._operator = false;
    this._drawn = "";
    /** @type {Health | null} */
    this.health = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    document.addEventListener("visibilitychange", () => this.poll());
    this.poll();
  }

  /** @param {string[]} roles those of the user: operators may reset a breaker */
  setRoles(roles) {
    this._operator = roles.includes("operator");
    this._draw();
  }

  /** Ask now, and again later as long as somebody can see the answer. */
  async poll() {
    clearTimeout(this._timer);
    if (document.hidden) return;
    try {
      this.health = await api.health();
    } catch {
      this.health = null;
    }
    this._draw();
    this._page.changed(this.health);
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this.poll(), this._page.seen() ? POLL_SEEN_MS : POLL_FOLDED_MS);
  }

  /** Drawn anew only where the facts differ; the countdown moves by itself. */
  _draw() {
    const facts = JSON.stringify([this.health, this._operator], (key, value) => (MOVING.has(key) ? value === null : value));
    if (facts === this._drawn) return;
    this._drawn = facts;
    const focused = this._place.contains(document.activeElement) ? (document.activeElement?.id ?? "") : null;
    const silent = [el("p", { class: "card broken" }, icon("warn"), el("span", {}, SILENT))];
    const parts = this.health ? this._parts(this.health) : silent;
    this._place.replaceChildren(...parts);
    if (focused !== null) (document.getElementById(focused) ?? this._place).focus({ preventScroll: true });
    this._drawWorst();
  }

  /** @param {Health} health */
  _parts(health) {
    const providers = Object.entries(health.providers);
    const rows = providers.map(([name, provider]) => this._provider(name, provider, health.stats ?? null));
    const none = providers.length === 0 ? [el("p", { class: "muted" }, "No provider is set up.")] : [];
    return [...(health.airgap ? [airgapBadge(health.airgap_proof)] : []), ...rows, ...none,
      ...(health.stats ? [tally(health.stats)] : []), ...(health.ledger ? [this._ledger(health.ledger)] : [])];
  }

  _drawWorst() {
    const providers = Object.values(this.health?.providers ?? {});
    const seen = this.health ? [...providers.map(describe), ...(this.health.ledger ? [describeLedger(this.health.ledger)] : [])] : [];
    /** @type {Level} */
    const proof = this.health?.airgap_proof?.holds === false ? "failure" : "well";
    /** @type {Level[]} */
    const levels = this.health ? [proof, ...seen.map(({ level }) => level)] : ["failure"];
    const worst = levels.reduce((one, other) => (GRAVITY[one] >= GRAVITY[other] ? one : other));
    const words = { well: "all well", unseen: "not looked at yet", caution: "needs a look", failure: "trouble" }[worst];
    this._worst.className = `worst mark ${worst}`;
    this._worst.setAttribute("title", `Providers: ${words}`);
    need("#toggle-panel", HTMLElement).setAttribute("aria-label", `Providers: ${words}`);
  }

  /** Whether the record of what left is as it was written, and when that was seen. @param {LedgerHealth} ledger */
  _ledger(ledger) {
    const { level, words } = describeLedger(ledger);
    const seen = ticking(el("span", { class: "muted" }), () => {
      const at = this.health?.ledger?.checked_at ?? null;
      return at === null ? "" : timeOfDay(at);
    });
    const left = `${counted(ledger.left, "request")} on record`;
    return el("section", { class: `ledger ${level}`, "aria-label": "Ledger" },
      el("p", {}, icon(level === "well" ? "check" : "warn"), "Ledger ", el("strong", {}, words), seen),
      level === "failure" ? el("p", { class: "provider-error" }, ledger.fault ? `${ledger.fault}. ` : null, "Tell your operator. ", el("code", {}, "chatapp ledger verify")) : null,
      level === "well" ? el("p", { class: "muted" }, left) : null);
  }

  /** @param {string} name @param {ProviderHealth} provider @param {Stats | null} stats */
  _provider(name, provider, stats) {
    const { level, words } = describe(provider);
    return el("section", { class: `provider ${provider.kind} ${level}`, "aria-label": providerName(name) },
      el("header", {},
        icon(provider.kind === "cloud" ? "leave" : "house", provider.kind === "cloud" ? "Cloud" : "Local"),
        el("h3", {}, providerName(name)),
        el("span", { class: "state" }, el("span", { class: `mark ${level}`, "aria-hidden": "true" }), words)),
      provider.error ? el("p", { class: "provider-error" }, probeWords(provider.error), " ", el("code", {}, provider.error)) : null,
      el("dl", { class: "readings" }, readings(name, provider, stats)),
      models(name, provider),
      this._breaker(name, provider));
  }

  /** @param {string} name @param {ProviderHealth} provider */
  _breaker(name, { breaker }) {
    const [state, meaning] = breakerWords(breaker.state);
    const asked = performance.now();
    const left = breaker.retry_in_s;
    const counted = ` ${breaker.failures} of ${breaker.threshold} failures`;
    const countdown = left === null ? null : el("span", { class: "countdown" });
    if (countdown && left !== null) ticking(countdown, () => clock(left - (performance.now() - asked) / 1000));
    return el("div", { class: `breaker ${breaker.state}` },
      el("p", {}, el("span", { class: "breaker-name" }, "Breaker "), el("strong", {}, state),
        breaker.state === "closed" && breaker.failures > 0 ? el("span", { class: "muted" }, counted) : null,
        countdown ? [" next try in ", countdown] : null),
      breaker.state === "closed" ? null : el("p", { class: "muted" }, `${meaning}.`),
      breaker.state === "closed" || !this._operator ? null : this._resetButton(name));
  }

  /** @param {string} name */
  _resetButton(name) {
    const reset = async () => {
      try {
        await api.resetBreaker(name);
        toast(`The breaker of ${providerName(name)} is closed again.`);
      } catch (failure) {
        toast(failure instanceof api.RequestFailed ? failure.message : "That did not work. Try again.");
      }
      await this.poll();
    };
    return el("button", { type: "button", class: "button", id: `reset-${name}`, onclick: () => void reset() }, icon("again"), "Reset");
  }
}

/**
 * How a provider is, in two words.
 * @param {ProviderHealth} provider
 * @returns {{level: Level, words: string}}
 */
export function describe({ available, checked_at, breaker, missing_models, models }) {
  if (breaker.state === "misconfigured") return { level: "failure", words: "misconfigured" };
  if (breaker.state === "open") return { level: "failure", words: "resting" };
  if (breaker.state === "held") return { level: "caution", words: "on hold" };
  if (!available && checked_at === null) return { level: "unseen", words: "not looked at yet" };
  if (!available) return { level: "failure", words: "not answering" };
  if (breaker.state === "half_open") return { level: "caution", words: "on trial" };
  if (missing_models.length > 0) return { level: "caution", words: models.length > 0 ? "a model is missing" : "no model" };
  return { level: "well", words: "healthy" };
}

/**
 * @param {LedgerHealth} ledger
 * @returns {{level: Level, words: string}}
 */
export function describeLedger({ state }) {
  if (state === "whole") return { level: "well", words: "whole" };
  if (state === "altered") return { level: "failure", words: "altered" };
  if (state === "unseen") return { level: "unseen", words: "not looked at yet" };
  return { level: "caution", words: state === "silent" ? "cannot be read" : "not proven" };
}

/** @param {string} name @param {ProviderHealth} provider @param {Stats | null} stats @returns {HTMLElement[]} always four: nothing below moves */
function readings(name, { latency_ms, active, queued }, stats) {
  const busiest = stats?.models.filter((model) => model.provider === name).sort((a, b) => b.calls - a.calls)[0];
  /** @type {[string, string | null][]} */
  const rows = [
    ["Probe", latency_ms === null ? null : latency(latency_ms)],
    ["First word", busiest?.first_token_ms ? latency(busiest.first_token_ms.p50) : null],
    ["Speed", busiest?.tokens_per_s ? `${count(Math.round(busiest.tokens_per_s))} tok/s` : null],
    ["Running", `${active}${queued > 0 ? ` + ${queued}` : ""}`],
  ];
  return rows.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value ?? "–")));
}

/** @param {string} name @param {ProviderHealth} provider @returns {HTMLElement | null} */
function models(name, { models, missing_models, loaded, wanted_models = [], not_local_models = [] }) {
  if (models.length + missing_models.length === 0) return null;
  const has = [...new Set([...wanted_models.filter((model) => !missing_models.includes(model)), ...models.map(plain)])];
  const more = has.length - MODELS_SHOWN;
  const awake = new Set(loaded.map(plain));
  const there = has.slice(0, MODELS_SHOWN).map((model) =>
    el("li", {}, el("code", {}, model), awake.has(plain(model)) ? el("span", { class: "muted" }, "in memory") : null));
  const gone = missing_models.map((model) =>
    el("li", { class: "missing" }, icon("warn"), el("code", {}, model), ...lacking(name, model, not_local_models)));
  return el("ul", { class: "models" }, gone, there, more > 0 ? el("li", { class: "muted" }, `and ${more} more`) : null);
}

/** Why a model cannot be used, and the mend. @param {string} name @param {string} model @param {string[]} elsewhere @returns {(string | HTMLElement | null)[]} */
function lacking(name, model, elsewhere) {
  if (elsewhere.map(plain).includes(plain(model))) return ["runs elsewhere, so it is never used"];
  return ["missing", name === "ollama" ? el("code", { class: "mend" }, `ollama pull ${model}`) : null];
}

/** Ollama's own name for "no tag" says nothing to a reader. @param {string} model */
function plain(model) {
  return model.replace(/:latest$/, "");
}

/** @param {import("./events.js").AirgapProof | null | undefined} proof */
function airgapBadge(proof) {
  const [claim, proven] = airgapWords(proof, new Date());
  const broken = proof?.holds === false;
  const detail = proof?.hole ?? proof?.last_refused;
  return el("div", { class: `airgap${broken ? " broken" : ""}`, id: "airgap" }, icon(broken ? "warn" : "lock"),
    el("p", {}, claim, proven ? el("span", { class: "proof" }, proven) : null,
      detail ? el("code", { class: "proof" }, detail) : null));
}

/** @param {Stats} stats */
function tally(stats) {
  return el("dl", { class: "tally" },
    el("div", { class: "local" }, el("dt", {}, icon("house"), "Kept local"), el("dd", {}, count(stats.kept_local))),
    el("div", { class: "cloud" }, el("dt", {}, icon("leave"), "Left the house"), el("dd", {}, count(stats.left_house))),
    el("div", {}, el("dt", {}, "Fallbacks"), el("dd", {}, count(stats.fallbacks))),
    el("div", {}, el("dt", {}, "Answered"), el("dd", {}, count(stats.requests - stats.failures))));
}
