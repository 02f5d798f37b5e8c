/**
 * The HTTP side: JSON out, JSON in, and one kind of failure with a sentence a person can read.
 * Knows addresses; knows nothing of what is shown.
 * @module api
 */

/** @typedef {import("./events.js").Health} Health */
/** @typedef {import("./events.js").ConversationEntry} ConversationEntry */
/** @typedef {import("./events.js").StoredConversation} StoredConversation */
/** @typedef {import("./events.js").AttachmentInfo} AttachmentInfo */
/** @typedef {import("./events.js").ErrorFields} ErrorFields */

export const PAGE_SIZE = 50;

/** Why a request failed. `status` is 0 where no answer came. */
export class RequestFailed extends Error {
  /** @param {number} status @param {string} sentence */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** @param {AbortSignal} [signal] @returns {Promise<Health>} */
export function health(signal) {
  return request("GET", "/api/health", { signal });
}

/**
 * @param {string} query words of the title
 * @param {number | null} before `updated_at` of the last one shown
 * @param {AbortSignal} [signal]
 * @returns {Promise<ConversationEntry[]>} newest first
 */
export async function conversations(query, before, signal) {
  const parameters = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (query) parameters.set("q", query);
  if (before !== null) parameters.set("before", String(before));
  const answer = await request("GET", `/api/conversations?${parameters}`, { signal });
  return Array.isArray(answer) ? answer : answer.conversations;
}

/** @param {string} id @returns {Promise<StoredConversation>} */
export function conversation(id) {
  return request("GET", `/api/conversations/${encodeURIComponent(id)}?render=blocks`);
}

/** @param {string} id @param {{title?: string, deleted?: boolean}} change @returns {Promise<unknown>} */
export function changeConversation(id, change) {
  return request("PATCH", `/api/conversations/${encodeURIComponent(id)}`, { json: change });
}

/** @param {string} id @returns {Promise<unknown>} */
export function deleteConversation(id) {
  return request("DELETE", `/api/conversations/${encodeURIComponent(id)}`, { json: {} });
}

/** @param {string} name @param {Blob} content @returns {Promise<AttachmentInfo>} */
export function attach(name, content) {
  const body = { body: content, type: "application/octet-stream" };
  return request("POST", `/api/attachments?name=${encodeURIComponent(name)}`, body);
}

/** @param {string} provider @returns {Promise<unknown>} */
export function resetBreaker(provider) {
  return request("POST", `/api/breakers/${encodeURIComponent(provider)}/reset`, { json: {} });
}

/** @param {string} provider @returns {Promise<unknown>} */
export function holdBreaker(provider) {
  return request("POST", `/api/breakers/${encodeURIComponent(provider)}/hold`, { json: {} });
}

/** @returns {Promise<Record<string, string>>} by stand-in, how it fails; `none` where it works */
export async function failures() {
  const answer = await request("GET", "/api/demo/failures");
  return answer.failures ?? answer;
}

/** @param {string} provider @param {string} failure @returns {Promise<unknown>} */
export function setFailure(provider, failure) {
  return request("POST", "/api/demo/failures", { json: { provider, failure } });
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{json?: unknown, body?: Blob, type?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
async function request(method, path, options = {}) {
  /** @type {Record<string, string>} */
  const headers = method === "GET" ? {} : { "X-Requested-With": "chatapp", "Content-Type": options.type ?? "application/json" };
  const body = options.body ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const answer = await fetch(path, { method, headers, body, signal: options.signal, cache: "no-store" }).catch((cause) => {
    if (options.signal?.aborted) throw cause;
    throw new RequestFailed(0, "The server is not answering. Check the connection and try again.");
  });
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new RequestFailed(answer.status, sentence(value) ?? `The server answered with ${answer.status}. Try again.`);
  return value;
}

/** @param {any} value @returns {string | undefined} the sentence of an error's JSON */
function sentence(value) {
  const message = value?.error?.message ?? value?.message;
  return typeof message === "string" ? message : undefined;
}
