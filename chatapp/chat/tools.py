"""The table of tools a turn may call, and running one within its limits.

A name matches exactly or not at all; arguments fit the schema or the tool does not run; a result is data. What a tool
does is its own affair (`tools/`); when it is called is `turn.py`.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chatapp import events
from chatapp.errors import ToolFailed
from chatapp.messages import ToolCall, ToolSpec
from chatapp.ports import Clock, Tool, ToolOutput

logger = logging.getLogger(__name__)
_JSON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
}
_NOT_FOR_DISPLAY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CUT_HERE = "\n[cut here]"
_MOST_NESTED = 32
BAD_ARGUMENTS = "The arguments do not fit this tool"


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """Seconds and bytes of one call, and how many may run at once."""

    seconds: float = 30.0
    argument_bytes: int = 16_384
    result_bytes: int = 65_536
    at_once: int = 4


class ToolTable:
    """The tools of the house."""

    def __init__(
        self, tools: Sequence[Tool], *, limits: ToolLimits | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._tools = {tool.spec.name: tool for tool in tools}
        self._limits = limits or ToolLimits()
        self._clock = clock
        self._places = asyncio.Semaphore(self._limits.at_once)

    def __repr__(self) -> str:
        return f"<ToolTable {', '.join(self._tools) or 'empty'}>"

    def for_turn(self, *, offered: bool) -> ToolTable:
        """A turn's own table: it holds what the turn is offered, and one turn's calls take nobody else's places."""
        return ToolTable(tuple(self._tools.values()) if offered else (), limits=self._limits, clock=self._clock)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """As models see them."""
        return tuple(tool.spec for tool in self._tools.values())

    def announce(self, call: ToolCall) -> events.ToolCall:
        """The call as an event. Arguments that are no JSON object are shown as none."""
        tool = self._tools.get(call.name)
        try:
            arguments = _arguments_of(call)
        except ValueError:
            arguments = {}
        if tool is None:
            return events.ToolCall(call.id, call.name, arguments)
        return events.ToolCall(call.id, call.name, arguments, tool.egress, tool.approval)

    async def run(self, call: ToolCall, files: Mapping[str, str]) -> events.ToolResult:
        """Answer a call. Whatever goes wrong is an answer with `ok` false; only cancelling gets out.

        Args:
            files: whole texts by short name (`a1`), for arguments that name an attachment.
        """
        started = self._clock()
        try:
            async with self._places, asyncio.timeout(self._limits.seconds):
                output = await self._run(call, files)
        except TimeoutError:
            output = ToolOutput(f"{call.name} took longer than {self._limits.seconds:g} s and was stopped.", ok=False)
        except ToolFailed as failure:
            output = ToolOutput(str(failure), ok=False)
        except (Exception, SystemExit, asyncio.CancelledError) as bug:  # a tool's bug is not the turn's end
            if _is_cancelled():
                raise
            logger.error("a tool raised %s", type(bug).__name__)  # name and text may be what a model wrote
            output = ToolOutput(f"{call.name} failed. The answer goes on without it.", ok=False)
        content, truncated = cut(output.content, self._limits.result_bytes)
        return events.ToolResult(
            call.id, output.ok, content, ms=round((self._clock() - started) * 1000, 1), truncated=truncated
        )

    async def _run(self, call: ToolCall, files: Mapping[str, str]) -> ToolOutput:
        tool = self._tools.get(call.name)
        if tool is None:
            raise ToolFailed("There is no tool of this name here.", tool=call.name)
        if len(call.arguments_json.encode("utf-8", "replace")) > self._limits.argument_bytes:
            raise ToolFailed(f"{BAD_ARGUMENTS}: they are too long.", tool=call.name)
        try:
            arguments = _arguments_of(call)
        except ValueError:
            raise ToolFailed(f"{BAD_ARGUMENTS}: they are not a JSON object.", tool=call.name) from None
        complaint = misfit(arguments, tool.spec.parameters)
        if complaint:
            raise ToolFailed(f"{BAD_ARGUMENTS}: {complaint}.", tool=call.name)
        return await tool.run(_filled_in(arguments, tool.file_arguments, files))


def _is_cancelled() -> bool:
    """Whether somebody cancelled the call: a tool may raise the same error by itself."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _arguments_of(call: ToolCall) -> dict[str, Any]:
    """The arguments as an object that can be shown, stored and sent on.

    Raises:
        ValueError: they are not a JSON object, or one that no reader of ours takes.
    """
    try:
        arguments: dict[str, Any] = orjson.loads(call.arguments_json or "{}")
    except orjson.JSONDecodeError:
        raise ValueError("tool arguments are not JSON") from None
    if not isinstance(arguments, dict) or _nested(arguments, _MOST_NESTED):
        raise ValueError("tool arguments are not an object of ordinary depth")
    return arguments


def _nested(value: object, deeper_than: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return deeper_than == 0 or any(_nested(one, deeper_than - 1) for one in inner if isinstance(one, dict | list))


def misfit(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> str | None:
    """Why an object does not fit a flat JSON Schema, or None. Names arguments, never quotes them."""
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in arguments:
            return f"{name} is missing"
    for name, value in arguments.items():
        if name not in properties:
            return "there is one it does not know"
        expected = _JSON_TYPES.get(str(properties[name].get("type")), object)
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            return f"{name} is not of type {properties[name].get('type')}"
        if "enum" in properties[name] and value not in properties[name]["enum"]:
            return f"{name} is none of the values it may take"
    return None


def cut(content: str, most_bytes: int) -> tuple[str, bool]:
    """Text without control and direction marks, of at most `most_bytes` in UTF-8, and whether something is missing."""
    clean = _NOT_FOR_DISPLAY.sub("", content)
    encoded = clean.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return encoded.decode(), False
    mark = _CUT_HERE if most_bytes > len(_CUT_HERE) else ""
    return encoded[: most_bytes - len(mark)].decode("utf-8", "ignore") + mark, True


def _filled_in(arguments: Mapping[str, Any], names: Sequence[str], files: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: files.get(value.strip(), value) if name in names and isinstance(value, str) else value
        for name, value in arguments.items()
    }
