"""Words: the tree of everything that can go wrong, with facts on it and a sentence for a person.

ChatError                     .code: stable word for the wire; .retryable; .retry_after_s
├─ BadInput                   the client's frame, argument or setting
│  ├─ TooLarge, UnknownType, ModeLocked, AirgapActive, BusyTurn, RateLimited
├─ NotFound, NotAllowed       foreign ids are NotFound
├─ EgressDenied               .kinds of finding: the answer may only come from here, and here nobody answers
├─ PolicyUnavailable          the gate could not decide, and here nobody answers
├─ NoCandidateLeft            .tried: the ProviderErrors, in order
├─ StreamInterrupted          .cause: the provider failed after words were shown
├─ EmptyAnswer, RefusedByModel
├─ ToolFailed                 .tool
├─ StorageUnavailable, StorageFull, Draining, Overloaded
└─ ProviderError              .provider, .outcome for the breaker
   ├─ ProviderUnavailable     failed
   ├─ ProviderTimeout         failed
   ├─ ProviderGarbled         failed
   ├─ ProviderBusy            released; .retry_after_s holds new calls back
   ├─ BreakerOpen             released: refused without a call
   ├─ ProviderMisconfigured   misconfigured: key, rights, spend limit
   └─ RequestRejected         answered: the request's fault, not the provider's
      ├─ ContextTooLong
      └─ ModelMissing, ModelNotLocal

No message holds text that a person, a model or a tool wrote: names, ids, sizes and codes only.
"""

from __future__ import annotations

from typing import Literal

Outcome = Literal["succeeded", "failed", "answered", "misconfigured", "released"]


class ChatError(Exception):
    """Something a person is told about. `str(error)` is the sentence."""

    code: str = "internal"
    retryable: bool = False
    sentence: str = "Something failed on our side. Send it again; if it stays, tell your operator."

    def __init__(self, message: str | None = None, *, retry_after_s: float | None = None) -> None:
        super().__init__(message or self.sentence)
        self.retry_after_s = retry_after_s


class BadInput(ChatError):
    """The client's frame, argument or setting is malformed."""

    code = "bad_message"
    sentence = "This message could not be read. Reload the page and send it again."


class UnknownType(BadInput):
    """A frame of a type this server does not know."""

    code = "unknown_type"
    sentence = "This server does not know that kind of message. Reload the page."


class TooLarge(BadInput):
    """Over a size limit."""

    code = "too_large"
    sentence = "This is too large. Shorten it, or attach it as a file."


class ModeLocked(BadInput):
    """A latched conversation was asked to leave local mode."""

    code = "mode_locked"
    sentence = "This conversation is locked to local because it holds patient data. Start a new one for other modes."


class AirgapActive(BadInput):
    """A cloud mode was asked for on a server with no way out."""

    code = "airgap"
    sentence = "This server is airgapped: every conversation stays local."


class BusyTurn(BadInput):
    """Too many questions wait in one conversation."""

    code = "busy_turn"
    retryable = True
    sentence = "An answer is still running and the queue is full. Wait for it or stop it, then send again."


class RateLimited(BadInput):
    """Too many messages in too short a time."""

    code = "rate_limited"
    retryable = True
    sentence = "Too many messages in a short time. Wait a moment, then send again."


class NotFound(ChatError):
    """No such thing, or not yours: the two are not told apart."""

    code = "not_found"
    sentence = "This is not here (any more). Reload the list."


class NotAllowed(ChatError):
    """The thing is yours, the action is not."""

    code = "forbidden"
    sentence = "Your role does not allow this. Ask your operator."


class EgressDenied(ChatError):
    """The request may not leave the house, and the local model gave no answer.

    Args:
        kinds: of identifiers that kept it, never the text.
    """

    code = "phi_local_only"
    retryable = True
    sentence = (
        "The local model is not answering, and this conversation holds patient data, so nothing was sent. "
        "Send again when it is back, or ask your operator."
    )

    def __init__(self, message: str | None = None, *, kinds: tuple[str, ...] = (), retry_after_s: float | None = None):
        super().__init__(message, retry_after_s=retry_after_s)
        self.kinds = kinds


class PolicyUnavailable(ChatError):
    """The gate could not decide, so the request stays; and here nobody answers."""

    code = "policy_unavailable"
    retryable = True
    sentence = "The privacy check could not be completed and the local model is not answering, so nothing was sent."


class StreamInterrupted(ChatError):
    """A provider failed after words were shown. The text stands."""

    code = "stream_interrupted"
    retryable = True
    sentence = "The answer broke off here. What stands is kept; send again for a whole one."


class EmptyAnswer(ChatError):
    """A model ended well and said nothing."""

    code = "empty_answer"
    retryable = True
    sentence = "The model ended without saying anything. Send again, or put it in other words."


class RefusedByModel(ChatError):
    """A model declined to answer."""

    code = "refused_by_model"
    sentence = "The model declined to answer this. Put it in other words, or ask the other model."


class ToolFailed(ChatError):
    """A tool could not do its work. The reply goes on without it."""

    code = "tool_failed"
    sentence = "The tool failed."

    def __init__(self, message: str | None = None, *, tool: str) -> None:
        super().__init__(message)
        self.tool = tool


class StorageUnavailable(ChatError):
    """The database did not take it in time; nothing was acknowledged."""

    code = "storage_unavailable"
    retryable = True
    sentence = "The message could not be stored, so it was not sent. Try again in a moment."


class StorageFull(ChatError):
    """The disk is full; reading still works."""

    code = "storage_full"
    sentence = "The disk is full, so nothing new can be stored. Reading still works. Tell your operator."


class Draining(ChatError):
    """The server is about to restart."""

    code = "draining"
    retryable = True
    sentence = "The server is restarting. Your text is kept here; send it again in a moment."


class Overloaded(ChatError):
    """More work than the house has room for."""

    code = "overloaded"
    retryable = True
    sentence = "Too many answers are running. Send again in a moment."


class ProviderError(ChatError):
    """A call to a provider gave no answer.

    Args:
        provider: its name (`ollama`). detail: for operators only: a class name, a status, an error type.
    """

    outcome: Outcome = "failed"
    code = "provider_unavailable"
    retryable = True
    sentence = "{provider} is not answering. Send again in a moment."

    def __init__(
        self, provider: str, message: str | None = None, *, detail: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message or self.sentence.format(provider=provider.capitalize()), retry_after_s=retry_after_s)
        self.provider = provider
        self.detail = detail


class ProviderUnavailable(ProviderError):
    """Refused, reset, no such host, 5xx."""


class ProviderTimeout(ProviderError):
    """Silence: while connecting, before the first token, or between two."""

    code = "provider_timeout"
    sentence = "{provider} did not answer in time. Send again in a moment."


class ProviderGarbled(ProviderError):
    """A broken or cut stream; an answer that is not the protocol."""

    code = "provider_bad_response"
    sentence = "{provider} gave an answer that could not be read. Send again; if it stays, tell your operator."


class ProviderBusy(ProviderError):
    """429, or a queue that is full. `retry_after_s`: no call before it is over."""

    outcome = "released"
    code = "provider_rate_limited"
    sentence = "{provider} takes no more work right now. Send again in a moment."


class BreakerOpen(ProviderError):
    """Not called: it failed too often. `retry_after_s`: until the next trial."""

    outcome = "released"
    code = "breaker_open"
    sentence = "{provider} failed repeatedly and is being left alone for a while. Send again after the countdown."


class ProviderMisconfigured(ProviderError):
    """401, 402, 403, a retired model, a spend limit: only an operator can mend it."""

    outcome = "misconfigured"
    code = "provider_misconfigured"
    retryable = False
    sentence = "{provider} refuses this server's key or rights. Tell your operator."


class RequestRejected(ProviderError):
    """The provider is well and will not take this request."""

    outcome = "answered"
    code = "provider_bad_response"
    retryable = False
    sentence = "{provider} did not accept the request. Start a new conversation, or tell your operator."


class ContextTooLong(RequestRejected):
    """The request does not fit the model's context window."""

    code = "context_too_long"
    sentence = "This conversation no longer fits the model of {provider}. Start a new one, or shorten the message."


class ModelMissing(RequestRejected):
    """The model is not pulled, or gone. `model`: its name."""

    code = "model_missing"
    sentence = "{provider} does not have the model."

    def __init__(self, provider: str, message: str | None = None, *, model: str, detail: str = "") -> None:
        super().__init__(provider, message, detail=detail)
        self.model = model


class ModelNotLocal(RequestRejected):
    """A model of the local server that is really somewhere else. Nothing was sent to it."""

    code = "model_not_local"
    sentence = "The model that {provider} offers runs elsewhere, so nothing was sent to it. Tell your operator."


class NoCandidateLeft(ChatError):
    """Every candidate failed before a word was shown. The code is that of the first that was tried."""

    retryable = True

    def __init__(self, tried: tuple[ProviderError, ...]) -> None:
        super().__init__(_said_of(tried), retry_after_s=tried[0].retry_after_s if tried else None)
        self.tried = tried
        if tried:
            self.code, self.retryable = tried[0].code, tried[0].retryable


def _said_of(tried: tuple[ProviderError, ...]) -> str | None:
    """One failure speaks for itself; of several the user wants to know that nobody is left to ask."""
    names = list(dict.fromkeys(failure.provider.capitalize() for failure in tried))
    if len(names) < 2:
        return str(tried[0]) if tried else None
    return f"Neither {' nor '.join(names)} can answer now. Send again in a moment, or ask your operator."
