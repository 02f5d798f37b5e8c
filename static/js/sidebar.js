/**
 * The list of conversations: by day, searched by title, renamed and deleted in place. Deleting can be taken back.
 * Which one is open and what opening means is `main.js`.
 * @module sidebar
 */

import * as api from "./api.js";
import { el, icon, iconButton, need } from "./dom.js";
import { toast } from "./dialogs.js";
import { day } from "./words.js";

/** @typedef {import("./events.js").ConversationEntry} ConversationEntry */
/** @typedef {import("./events.js").ConversationFrame} ConversationFrame */
/** @typedef {{open: (id: string) => void, fresh: () => void}} SidebarActions */

const SEARCH_AFTER_MS = 200;
const LONGEST_TITLE = 120;

export class Sidebar {
  /** @param {SidebarActions} actions */
  constructor(actions) {
    this._actions = actions;
    this._list = need("#conversations", HTMLElement);
    this._search = need("#search", HTMLInputElement);
    /** @type {ConversationEntry[]} */
    this._entries = [];
    this._more = false;
    /** @type {string | null} */
    this._open = null;
    /** @type {string | null} the entry whose title is being changed */
    this._renaming = null;
    /** @type {AbortController | null} */
    this._asking = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    this._listen();
  }

  /** Put the cursor into the search field. */
  search() {
    this._search.focus();
    this._search.select();
  }

  /** Read the list anew. @returns {Promise<void>} */
  async refresh() {
    await this._read(null);
  }

  /** @param {string | null} id the conversation that is open now */
  setOpen(id) {
    if (id === this._open) return;
    this._open = id;
    this._draw();
  }

  /** A conversation was described over the socket: show it as it is now. @param {ConversationFrame} frame */
  describe({ id, title, mode, locked, locked_by }) {
    const known = this._entries.find((entry) => entry.id === id);
    const entry = { id, title, mode, locked, locked_by, updated_at: known?.updated_at ?? Date.now() / 1000 };
    if (known) this._entries = this._entries.map((each) => (each.id === id ? entry : each));
    else if (this._search.value === "") this._entries = [entry, ...this._entries];
    this._draw();
  }

  /** Something was asked in it: it is the newest now. @param {string} id */
  touch(id) {
    const entry = this._entries.find((each) => each.id === id);
    if (!entry) return;
    this._entries = [{ ...entry, updated_at: Date.now() / 1000 }, ...this._entries.filter((each) => each.id !== id)];
    this._draw();
  }

  _listen() {
    this._search.addEventListener("input", () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => void this.refresh(), SEARCH_AFTER_MS);
    });
    this._search.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this._search.value === "") return;
      event.stopPropagation();
      this._search.value = "";
      void this.refresh();
    });
    need("#new-conversation", HTMLButtonElement).addEventListener("click", () => this._actions.fresh());
  }

  /** @param {number | null} before `updated_at` of the last one shown; null for the newest */
  async _read(before) {
    this._asking?.abort();
    this._asking = new AbortController();
    try {
      const page = await api.conversations(this._search.value.trim(), before, this._asking.signal);
      this._entries = before === null ? page : [...this._entries, ...page];
      this._more = page.length === api.PAGE_SIZE;
      this._draw();
    } catch {
      // A newer search has taken over, or the server is away: what is shown stays, and the banner says the rest.
    }
  }

  _draw() {
    if (this._renaming !== null) return;
    const today = new Date();
    const groups = ["Today", "Yesterday", "Earlier"].map((name) => this._group(name, today)).filter((group) => group !== null);
    const none = this._search.value ? "No title matches." : "Nothing here yet. What you ask is kept on this server.";
    const empty = groups.length === 0 ? [el("p", { class: "muted empty" }, none)] : [];
    const focused = document.activeElement?.id;
    this._list.replaceChildren(...groups, ...empty, ...this._moreButton());
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  /** @param {string} name @param {Date} today @returns {HTMLElement | null} */
  _group(name, today) {
    const entries = this._entries.filter((entry) => day(entry.updated_at, today) === name);
    if (entries.length === 0) return null;
    return el("section", {}, el("h2", {}, name), el("ul", {}, entries.map((entry) => this._item(entry))));
  }

  /** @param {ConversationEntry} entry */
  _item(entry) {
    const current = entry.id === this._open;
    const go = () => this._actions.open(entry.id);
    const open = el("button", { type: "button", class: "entry", id: `open-${entry.id}`, title: entry.title, "aria-current": current ? "page" : null, onclick: go },
      entry.locked ? icon("lock", "Locked to local") : null,
      el("span", { class: "entry-title" }, entry.title));
    const item = el("li", { class: current ? "current" : "" }, open);
    const rename = iconButton("edit", `Rename ${entry.title}`, () => this._rename(item, entry));
    rename.id = `rename-${entry.id}`;
    item.append(el("span", { class: "entry-tools" }, rename,
      iconButton("trash", `Delete ${entry.title}`, () => void this._delete(entry))));
    return item;
  }

  _moreButton() {
    const last = this._entries.at(-1);
    if (!this._more || !last) return [];
    return [el("button", { type: "button", class: "quiet-button", onclick: () => void this._read(last.updated_at) }, "Show earlier ones")];
  }

  /** @param {HTMLLIElement} item @param {ConversationEntry} entry */
  _rename(item, entry) {
    const field = el("input", { class: "rename", value: entry.title, maxLength: LONGEST_TITLE, "aria-label": "New title", autocomplete: "off" });
    this._renaming = entry.id;
    /** @param {boolean} keep */
    const end = (keep) => {
      if (this._renaming !== entry.id) return;
      this._renaming = null;
      const here = document.activeElement === field;
      if (keep) void this._retitle(entry, field.value.trim());
      this._draw();
      if (here) document.getElementById(`rename-${entry.id}`)?.focus();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        end(true);
      }
      if (event.key !== "Escape") return;
      event.stopPropagation();
      end(false);
    });
    field.addEventListener("blur", () => end(true));
    item.replaceChildren(field);
    field.select();
  }

  /** @param {ConversationEntry} entry @param {string} title */
  async _retitle(entry, title) {
    if (title === "" || title === entry.title) return;
    this._entries = this._entries.map((each) => (each.id === entry.id ? { ...each, title } : each));
    await this._attempt(api.changeConversation(entry.id, { title }));
  }

  /** @param {ConversationEntry} entry */
  async _delete(entry) {
    this._entries = this._entries.filter((each) => each.id !== entry.id);
    this._draw();
    if (!(await this._attempt(api.deleteConversation(entry.id)))) return;
    if (entry.id === this._open) this._actions.fresh();
    const undo = async () => {
      await this._attempt(api.changeConversation(entry.id, { deleted: false }));
      await this.refresh();
    };
    toast("The conversation is deleted.", { label: "Undo", run: () => void undo() });
  }

  /** @param {Promise<unknown>} request @returns {Promise<boolean>} whether it went well; if not, the list is read anew */
  async _attempt(request) {
    try {
      await request;
      return true;
    } catch (failure) {
      toast(failure instanceof api.RequestFailed ? failure.message : "That did not work. Try again.");
      await this.refresh();
      return false;
    }
  }
}
