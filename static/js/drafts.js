/**
 * Drafts: what is being written in each conversation, kept in memory for as long as the page lives and stored nowhere.
 * @module drafts
 */

import { Uploads } from "./attachments.js";

/** @typedef {import("./events.js").AttachmentInfo} AttachmentInfo */
/** What is to be sent. @typedef {{text: string, attachments: AttachmentInfo[], replaces: string | null}} Message */

/** One message being written. */
export class Draft {
  /** @param {(draft: Draft) => void} changed called when a file of it has arrived or failed */
  constructor(changed) {
    this._changed = changed;
    this.text = "";
    /** @type {string | null} the turn it would stand in place of */
    this.replaces = null;
    this.uploads = this._noFiles();
  }

  /** @returns {boolean} whether there is nothing to send */
  get empty() {
    return this.text.trim() === "" && this.uploads.ready.length === 0;
  }

  /** @returns {Message} the draft as a message; the draft is blank afterwards */
  take() {
    const message = { text: this.text, attachments: this.uploads.ready, replaces: this.replaces };
    this.text = "";
    this.replaces = null;
    this.uploads = this._noFiles();
    return message;
  }

  _noFiles() {
    return new Uploads(() => this._changed(this));
  }
}

/** The drafts of all conversations; that of a new one goes by the name "". */
export class Drafts {
  /** @param {(draft: Draft) => void} changed */
  constructor(changed) {
    this._changed = changed;
    /** @type {Map<string, Draft>} */
    this._byConversation = new Map();
  }

  /** @param {string} conversation @returns {Draft} */
  of(conversation) {
    const draft = this._byConversation.get(conversation) ?? new Draft(this._changed);
    this._byConversation.set(conversation, draft);
    return draft;
  }

  /** A new conversation has got its id: what is being typed belongs to it. @param {string} conversation */
  settle(conversation) {
    this._byConversation.set(conversation, this.of(""));
    this._byConversation.delete("");
  }
}
