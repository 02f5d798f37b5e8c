/**
 * Words: every frame of the socket as a type, and the shapes the HTTP side answers with. No code.
 * Names are the wire's own (contract, sections 2 and 3); whoever reads a frame narrows it by its `type`.
 * @module events
 */

/** @typedef {"local" | "hybrid" | "cloud"} Mode */
/** @typedef {"detector" | "user" | "tool"} LockedBy */
/** @typedef {"clear" | "sensitive" | "unknown"} Verdict */
/** @typedef {"none" | "intranet" | "internet"} Egress */
/** @typedef {"up" | "down" | "wrong_place"} FeedbackKind */
/** @typedef {"queued" | "running" | "done" | "stopped" | "interrupted" | "error"} TurnState */

/**
 * A block of Markdown as the server parsed it: tag, attributes, children.
 * @typedef {[string, Record<string, string | number | boolean>, ...(string | Node)[]]} Node
 */
/** A block that changed; null takes it away. @typedef {[number, Node | null]} BlockChange */

/* --- browser to server ------------------------------------------------------------------------------------------- */

/**
 * @typedef {{type: "chat", id: string, text: string, conversation?: string, mode?: Mode, parent?: string,
 *   replaces?: string, attachments?: string[], provider?: string}} ChatCommand
 */
/** @typedef {{type: "open", conversation: string}} OpenCommand */
/** @typedef {{type: "close", conversation: string}} CloseCommand */
/** @typedef {{type: "mode", conversation: string, mode: Mode}} ModeCommand */
/** @typedef {{type: "lock", conversation: string, turn?: string}} LockCommand */
/** @typedef {{type: "check", id: string, text: string, conversation?: string, mode?: Mode}} CheckCommand */
/** @typedef {{type: "stop", turn: string}} StopCommand */
/** @typedef {{type: "resume", turn: string, after: number}} ResumeCommand */
/** @typedef {{type: "approve", turn: string, call: string, allow: boolean}} ApproveCommand */
/** @typedef {{type: "feedback", turn: string, kind: FeedbackKind}} FeedbackCommand */
/** @typedef {{type: "ping"}} PingCommand */
/**
 * @typedef {ChatCommand | OpenCommand | CloseCommand | ModeCommand | LockCommand | CheckCommand | StopCommand |
 *   ResumeCommand | ApproveCommand | FeedbackCommand | PingCommand} Command
 */

/* --- server to browser: of a connection or a conversation --------------------------------------------------------- */

/**
 * @typedef {{type: "hello", protocol: number, user: {name: string, roles: string[]}, modes: Mode[], mode: Mode,
 *   airgap: boolean, demo: boolean}} HelloFrame
 */
/**
 * @typedef {{type: "conversation", id: string, title: string, mode: Mode, locked: boolean,
 *   locked_by: LockedBy | null, incident?: Incident}} ConversationFrame
 */
/** To whoever marked a turn as patient data: how many requests had left. @typedef {{turn: string, requests: number}} Incident */
/** @typedef {{type: "running", conversation?: string, running: {turn: string, seq: number}[]}} RunningFrame */
/** `start` and `end` in UTF-16 units. @typedef {{kind: string, start: number, end: number}} Finding */
/**
 * @typedef {{type: "checked", id: string, verdict: Verdict, findings: Finding[], route: RouteFields | null}} CheckedFrame
 */
/** @typedef {{type: "pong"}} PongFrame */

/* --- server to browser: of a turn --------------------------------------------------------------------------------- */

/** @typedef {{turn: string, seq: number}} Numbered */
/** What ends a text may carry the last changes of its blocks. @typedef {{blocks?: BlockChange[]}} Closing */
/** @typedef {Numbered & {type: "turn", conversation: string, id: string, parent?: string | null, text?: string}} TurnEvent */
/**
 * @typedef {{provider: string, model: string, task: string, rule: string, reason: string,
 *   privacy: {verdict: Verdict, kinds: string[]}, otherwise: string | null,
 *   context: {limit_tokens: number, used_tokens: number, dropped_messages: number}}} RouteFields
 */
/** @typedef {Numbered & Closing & RouteFields & {type: "route"}} RouteEvent */
/**
 * @typedef {Numbered & {type: "status", state: "queued" | "loading_model" | "waiting_approval",
 *   position?: number | null}} StatusEvent
 */
/** `first`: the number of the first event this frame stands for. */
/** @typedef {Numbered & {type: "thinking", text: string, first?: number}} ThinkingEvent */
/** @typedef {Numbered & {type: "delta", text: string, first?: number, blocks?: BlockChange[]}} DeltaEvent */
/**
 * @typedef {Numbered & Closing & {type: "tool_call", call: string, name: string, arguments: Record<string, unknown>,
 *   egress: Egress, approval: boolean}} ToolCallEvent
 */
/**
 * @typedef {Numbered & {type: "tool_result", call: string, ok: boolean, content: string, ms: number,
 *   truncated: boolean}} ToolResultEvent
 */
/** @typedef {Numbered & {type: "fallback", from: string, to: string, cause: string}} FallbackEvent */
/** @typedef {Numbered & {type: "reset", text: string, blocks?: (Node | BlockChange)[]}} ResetEvent */
/** @typedef {"stop" | "length" | "stopped" | "tool_limit" | "interrupted"} Finish */
/**
 * @typedef {{finish: Finish, provider: string | null, model: string | null,
 *   usage: {prompt_tokens: number, completion_tokens: number}, context_tokens: number,
 *   timing: {first_token_ms: number | null, total_ms: number}}} DoneFields
 */
/** @typedef {Numbered & Closing & DoneFields & {type: "done"}} DoneEvent */
/** @typedef {{code: string, message: string, retryable: boolean, retry_after_s?: number | null}} ErrorFields */
/**
 * With `turn` it ends that turn; otherwise `re` says which command was refused.
 * @typedef {ErrorFields & {type: "error", turn?: string, seq?: number, blocks?: BlockChange[],
 *   re?: {type: string, id?: string, turn?: string}}} ErrorEvent
 */

/**
 * @typedef {TurnEvent | RouteEvent | StatusEvent | ThinkingEvent | DeltaEvent | ToolCallEvent | ToolResultEvent |
 *   FallbackEvent | ResetEvent | DoneEvent} TurnFrame
 */
/**
 * @typedef {HelloFrame | ConversationFrame | RunningFrame | CheckedFrame | PongFrame | TurnFrame | ErrorEvent} Frame
 */

/* --- HTTP ---------------------------------------------------------------------------------------------------------- */

/** @typedef {{type: "text", text: string, blocks?: Node[]}} StoredText */
/** @typedef {{type: "thinking", text: string}} StoredThinking */
/** @typedef {{ok: boolean, content: string, ms: number, truncated: boolean}} ToolOutcome */
/**
 * @typedef {{type: "tool", call: string, name: string, arguments: Record<string, unknown>, egress: Egress,
 *   approval?: boolean, result: ToolOutcome | null}} StoredTool
 */
/** @typedef {RouteFields & {type: "route"}} StoredRoute */
/** @typedef {{type: "fallback", from: string, to: string, cause: string}} StoredFallback */
/** @typedef {StoredText | StoredThinking | StoredTool | StoredRoute | StoredFallback} StoredSegment */
/** @typedef {{id: string, name: string, kind: string, rows: number | null, verdict: Verdict}} AttachmentInfo */
/**
 * @typedef {{turn: string, parent: string | null, id: string, text: string, state: TurnState, last_seq: number,
 *   route: RouteFields | null, segments: StoredSegment[], done?: DoneFields | null, error?: ErrorFields | null,
 *   attachments?: AttachmentInfo[]}} StoredTurn
 */
/**
 * @typedef {{id: string, title: string, mode: Mode, locked: boolean, locked_by: LockedBy | null,
 *   turns: StoredTurn[]}} StoredConversation
 */
/** @typedef {{p50: number, p95: number}} Percentiles */
/**
 * @typedef {{provider: string, model: string, calls: number, failures: number, tokens_per_s: number | null,
 *   first_token_ms: Percentiles | null, total_ms: Percentiles | null}} ModelStats
 */
/**
 * @typedef {{requests: number, failures: number, fallbacks: number, kept_local: number, left_house: number,
 *   models: ModelStats[]}} Stats
 */
/**
 * `updated_at` in seconds since 1970.
 * @typedef {{id: string, title: string, mode: Mode, locked: boolean, locked_by?: LockedBy | null,
 *   updated_at: number}} ConversationEntry
 */
/**
 * @typedef {{state: "closed" | "open" | "half_open" | "misconfigured" | "held", failures: number, threshold: number,
 *   retry_in_s: number | null}} Breaker
 */
/**
 * @typedef {{kind: "local" | "cloud", available: boolean, latency_ms: number | null, models: string[],
 *   missing_models: string[], wanted_models?: string[], not_local_models?: string[], loaded: string[], error: string | null, checked_at: number | null, breaker: Breaker,
 *   endpoints?: unknown[], active: number, queued: number}} ProviderHealth
 */
/**
 * The last try to get out of an airgapped server; times in seconds since 1970, `hole` and `last_refused` for operators.
 * @typedef {{holds: boolean, at: number, since: number | null, refused: number, hole?: string | null,
 *   last_refused?: string | null}} AirgapProof
 */
/**
 * `left`: requests on record. `fault`: what is wrong, for operators.
 * @typedef {{state: "unseen" | "silent" | "whole" | "altered" | "unproven", records: number, left: number,
 *   checked_at: number | null, fault: string | null}} LedgerHealth
 */
/**
 * @typedef {{status: "ok" | "degraded" | "down", airgap: boolean, airgap_proof?: AirgapProof | null,
 *   providers: Record<string, ProviderHealth>, ledger?: LedgerHealth, stats?: Stats}} Health
 */
/** @typedef {{demo: boolean, airgap: boolean, mode: Mode, version: string}} Boot */

export {};
