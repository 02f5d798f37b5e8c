"""Words of the stand-ins: what a server was sent, and the steps of a scene.

Plain values; playing them is left to `stage.py`, choosing among them to `standin.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in. `headers`: names in lower case. `path`: without the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; an empty object where there is none.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body or b"{}")


@dataclass(frozen=True, slots=True)
class Status:
    """The head of an answer, and the first bytes of its body. Only as a scene's first step; without it 200."""

    code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes of the body, as one chunk and one write."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes on the socket past all framing, as a first step in the place of the head. Such an answer ends with FIN."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds; ends early when the client closes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Silence until the event is set or the client closes: how a test holds a stream without sleeping."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Hang:
    """Silence until the client closes."""


@dataclass(frozen=True, slots=True)
class Cut:
    """FIN inside a chunk."""


@dataclass(frozen=True, slots=True)
class Reset:
    """RST."""


Step = Status | Send | Raw | Pause | Until | Hang | Cut | Reset
Scene = tuple[Step, ...]
"""One answer, step by step. A scene that runs out ends the body cleanly and keeps the connection."""


def json_answer(value: object, code: int = 200, headers: Mapping[str, str] | None = None) -> Scene:
    """An answer that is one JSON document."""
    head = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    return (Status(code, head, json.dumps(value, ensure_ascii=False).encode()),)


def first_half(scene: Scene) -> Scene:
    """The scene up to half of what it sends (at least once), then a cut."""
    sends = sum(isinstance(step, Send) for step in scene)
    kept, left = [], max(1, sends // 2)
    for step in scene:
        kept.append(step)
        left -= isinstance(step, Send)
        if left == 0:
            break
    return (*kept, Cut())
