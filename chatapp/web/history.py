"""A stored conversation as the page reads it: each turn with its route, its segments and its end (contract, section 3).

Pure: stored rows in, JSON-ready values out. The live form of the same events is `frames.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatapp import events
from chatapp.chat.log import events_of
from chatapp.events import Event
from chatapp.messages import Conversation
from chatapp.ports import LogRow, StoredAttachment, StoredTurn
from chatapp.web.frames import conversation_fields, event_fields
from chatapp.web.markdown import render

Segment = dict[str, Any]


def conversation_view(
    conversation: Conversation,
    turns: Sequence[StoredTurn],
    logs: dict[str, list[LogRow]],
    files: dict[str, StoredAttachment],
    *,
    blocks: bool,
) -> dict[str, Any]:
    """The whole conversation, turns in order of arrival."""
    views = [turn_view(turn, logs.get(turn.turn, []), files, blocks=blocks) for turn in turns]
    return {**conversation_fields(conversation), "turns": views}


def turn_view(
    turn: StoredTurn, rows: Sequence[LogRow], files: dict[str, StoredAttachment], *, blocks: bool
) -> dict[str, Any]:
    """One turn. `blocks`: text segments come as block trees beside their text."""
    said = [event for row in rows for event in events_of(row)]
    view: dict[str, Any] = {
        "turn": turn.turn,
        "parent": turn.parent,
        "id": turn.client_id,
        "text": turn.text,
        "state": turn.state,
        "last_seq": turn.last_seq,
        "route": None,
        "segments": segments_of(said),
        "attachments": [attachment_view(files[id]) for id in turn.attachments if id in files],
    }
    for event in said:
        if isinstance(event, events.Route):
            view["route"] = _without_type(event)
        elif isinstance(event, events.Done | events.Error):
            view[event.type] = _without_type(event)
    if blocks:
        for segment in view["segments"]:
            if segment["type"] == "text":
                segment["blocks"] = render(segment["text"])
    return view


def segments_of(said: Sequence[Event]) -> list[Segment]:
    """What a turn said, in order: runs of text and thinking, tool calls with their results, later routes."""
    segments: list[Segment] = []
    calls: dict[str, Segment] = {}
    routed = False
    for event in said:
        match event:
            case events.Delta(text=text) | events.Thinking(text=text):
                _open_segment(segments, "text" if isinstance(event, events.Delta) else "thinking")["text"] += text
            case events.ToolCall(call=call):
                calls[call] = {**event_fields(event), "type": "tool", "result": None}
                segments.append(calls[call])
            case events.ToolResult(call=call):
                if call in calls:
                    calls[call]["result"] = _without_type(event)
            case events.Fallback():
                segments.append(event_fields(event))
            case events.Route():
                if routed:
                    segments.append(event_fields(event))
                routed = True
            case _:
                pass
    return segments


def _open_segment(segments: list[Segment], kind: str) -> Segment:
    """The text or thinking begun since the last tool call or change of model, whatever came between; or a new one."""
    for segment in reversed(segments):
        if segment["type"] == kind:
            return segment
        if segment["type"] not in ("text", "thinking"):
            break
    segments.append({"type": kind, "text": ""})
    return segments[-1]


def attachment_view(file: StoredAttachment) -> dict[str, Any]:
    """A file as the page lists it: never its text."""
    return {"id": file.id, "name": file.name, "kind": file.kind, "rows": file.rows, "verdict": file.verdict}


def _without_type(event: Event) -> dict[str, Any]:
    fields = event_fields(event)
    del fields["type"]
    return fields
