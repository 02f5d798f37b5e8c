"""What every turn is given: its collaborators, and what it may take. Built once, in `app.py`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chatapp.chat.feeds import Feeds
from chatapp.chat.latch import Latches
from chatapp.chat.tools import ToolTable
from chatapp.ports import Clock, Store
from chatapp.router.router import Router


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """What one turn may take."""

    seconds: float = 600.0
    rounds: int = 8
    calls: int = 16
    repeats: int = 3
    result_bytes: int = 32_768


@dataclass(frozen=True, slots=True)
class House:
    """The collaborators of every turn. `looks_like_schedule`: whether a text is, or holds, a roster."""

    store: Store
    router: Router
    tools: ToolTable
    feeds: Feeds
    latches: Latches
    looks_like_schedule: Callable[[str], bool]
    limits: TurnLimits = field(default_factory=TurnLimits)
    clock: Clock = time.monotonic
