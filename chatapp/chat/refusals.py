"""Why nobody answered, in the words the user reads: where privacy kept a request here, that is what is said first.

Pure. The sentence names the cause, so that the user knows whether to wait, and the operator what to mend.
"""

from __future__ import annotations

from chatapp.errors import (
    BreakerOpen,
    ChatError,
    ContextTooLong,
    EgressDenied,
    ModelMissing,
    ModelNotLocal,
    NoCandidateLeft,
    PolicyUnavailable,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderMisconfigured,
    ProviderTimeout,
    RequestRejected,
)
from chatapp.router.router import Routing


def refusal(nobody: NoCandidateLeft, routing: Routing) -> ChatError:
    """The error that ends the turn. `phi_local_only` wins over everything that says "the local model is down"."""
    cause = nobody.tried[0] if nobody.tried else None
    if cause is None or not routing.stays or isinstance(cause, ContextTooLong | ModelNotLocal):
        return nobody
    because = _because(cause)
    if routing.choice.rule == "unknown":
        return PolicyUnavailable(
            f"The privacy check could not rule out patient data, and {because}, so nothing was sent. "
            "Send again when the local model is back, or ask your operator.",
            retry_after_s=cause.retry_after_s,
        )
    return EgressDenied(
        f"{because[0].upper()}{because[1:]}, and this conversation holds patient data, so nothing was sent. "
        "Send again when it is back, or ask your operator.",
        kinds=routing.judgement.kinds,
        retry_after_s=cause.retry_after_s,
    )


def _because(cause: ProviderError) -> str:
    match cause:
        case BreakerOpen(retry_after_s=None):
            return "the local model is held back by an operator"
        case BreakerOpen():
            return "the local model failed repeatedly and is being left alone for a while"
        case ProviderTimeout():
            return "the local model did not answer in time"
        case ModelMissing(model=model):
            return f"the local model {model} is not on this machine (`ollama pull {model}` adds it)"
        case ProviderMisconfigured():
            return "the local model server refuses this server"
        case ProviderBusy():
            return "the local model takes no more work right now"
        case ProviderGarbled():
            return "the local model gave an answer that could not be read"
        case RequestRejected():
            return "the local model did not accept the request"
        case _:
            return "the local model is not answering"
