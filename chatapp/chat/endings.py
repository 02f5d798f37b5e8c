"""The last event of a turn, and where the turn stands after it. Pure."""

from __future__ import annotations

from chatapp import events
from chatapp.errors import ChatError
from chatapp.ports import TurnState


def error_event(error: ChatError) -> events.Error:
    """An exception as the event that ends a turn."""
    return events.Error(error.code, str(error), error.retryable, error.retry_after_s)


def state_after(end: events.Done | events.Error) -> TurnState:
    """Where a turn stands after its last event."""
    match end:
        case events.Error():
            return "error"
        case events.Done(finish="stopped"):
            return "stopped"
        case events.Done(finish="interrupted"):
            return "interrupted"
        case _:
            return "done"
