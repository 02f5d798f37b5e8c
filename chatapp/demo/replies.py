"""Which scripted reply the demo's stand-ins give: a question in, a `Reply` out. Pure; no model is anywhere near.

How a reply looks on the wire is left to each stand-in, the words of the topics to `topics.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chatapp.demo.topics import CLOUD_NOTE, KEPT_HERE, LOCAL_NOTE, TOPICS, TOUR, Topic

Side = Literal["local", "cloud"]

SCHEDULE_TOOL = "validate_schedule"
MOST_PIECES = 20_000
_MOST_ROWS_SHOWN = 12
_STEERING = re.compile(r"\bn=(\d{1,6})\b(?:.*?\bgap=(\d{1,5})\b)?", re.DOTALL)
_PIECE = re.compile(r"\s*\S{1,12}|\s+\Z")
_ABOUT_A_SCHEDULE = re.compile(
    r"\b(schedules?|rosters?|rotas?|shifts?|validate|violations?|duty hours|acgme|residents?|blocks?|legal)\b",
    re.IGNORECASE,
)
_ALIAS = re.compile(r"\bAttachment (a\d{1,3})\b")
_ROW = re.compile(r".*\d.*[,;\t|].*\d|.*\d\s*([ap]m?)?\s*(-|–|to)\s*\d")
_SHIFT = re.compile(r"\d{1,2}:\d\d\D.*\d{1,2}:\d\d")
_HEADING = re.compile(r"^[^\n,;\t|]+([,;\t|][^\n,;\t|]+)+$")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a stand-in says.

    Args:
        tool: a tool it calls after the text, with its arguments.
        thinking: what it thinks aloud first, where its API can.
        gap_s: seconds between two pieces; None leaves the pace to the stand-in.
    """

    text: str
    tool: tuple[str, Mapping[str, Any]] | None = None
    thinking: str = ""
    gap_s: float | None = None

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text cut about as models cut it; joined again it is the text."""
        return pieces(self.text)


def pieces(text: str) -> tuple[str, ...]:
    """A text cut into words with the space before them; joined again it is the text."""
    return tuple(_PIECE.findall(text))


def reply(question: str, *, side: Side, tools: Sequence[str] = (), tool_results: Sequence[str] = ()) -> Reply:
    """The reply to a question.

    Args:
        question: the last thing the person said, summaries of attachments included.
        tools: names of the tools on offer.
        tool_results: what tools have answered since then, oldest first.
    """
    if steering := _STEERING.search(question):
        return _steered(int(steering[1]), int(steering[2] or 0))
    if tool_results:
        return Reply(
            _noted(_explain(tool_results[-1]), side), thinking=_thought("Say what was found, worst first.", side)
        )
    schedule = schedule_in(question)
    if SCHEDULE_TOOL in tools and schedule is not None:
        return Reply(
            "The schedule is checked first, so that the figures are exact.",
            tool=(SCHEDULE_TOOL, {"schedule": schedule}),
            thinking=_thought("This is a schedule. The rules are arithmetic: the tool does that better.", side),
        )
    topic = _topic(question, side)
    return Reply(_noted(topic.text, side), thinking=_thought(topic.thinking, side))


def schedule_in(question: str) -> str | None:
    """What to hand to the schedule tool: an attachment's short name, the rows that were pasted, or None."""
    rows = _pasted_rows(question)
    if not _ABOUT_A_SCHEDULE.search(question):
        return rows if rows and _SHIFT.search(rows) else None
    if attached := _ALIAS.findall(question):
        return str(attached[-1])
    return rows


def _pasted_rows(question: str) -> str | None:
    """The longest run of lines that look like a table's rows, with the line above where that looks like a heading."""
    lines = question.splitlines()
    best: list[str] = []
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _ROW.match(lines[end]):
            end += 1
        if end - start > len(best):
            headed = start > 0 and _HEADING.match(lines[start - 1].strip())
            best = lines[start - 1 if headed else start : end]
        start = max(end, start + 1)
    return "\n".join(best) + "\n" if len(best) >= 2 or any(map(_SHIFT.search, best)) else None


def _steered(count: int, gap_ms: int) -> Reply:
    """So many pieces, one each `gap_ms`: for load tests, which want no words."""
    return Reply(" token" * min(count, MOST_PIECES), gap_s=gap_ms / 1000)


def _topic(question: str, side: Side) -> Topic:
    asked = question.lower()
    for topic in TOPICS:
        if topic is KEPT_HERE and side == "cloud":
            continue
        if any(re.search(rf"\b{re.escape(cue)}", asked) for cue in topic.cues):
            return topic
    return TOUR


def _noted(text: str, side: Side) -> str:
    return f"{LOCAL_NOTE if side == 'local' else CLOUD_NOTE}\n\n{text}"


def _thought(thinking: str, side: Side) -> str:
    """Only the cloud stand-in thinks aloud: the small local models it stands beside do not."""
    return thinking if side == "cloud" else ""


# --- a schedule's findings, in words ---


def _explain(result: str) -> str:
    """The result of the schedule tool in words; of any other tool, or of one that failed, as it is."""
    try:
        found = json.loads(result)
    except ValueError:
        return f"The tool answered, but not with figures:\n\n{_quoted(result)}\n"
    if not isinstance(found, dict) or not isinstance(found.get("violations"), list):
        return f"The tool answered:\n\n```json\n{json.dumps(found, indent=2, ensure_ascii=False)[:4000]}\n```\n"
    violations = [violation for violation in found["violations"] if isinstance(violation, dict)]
    total = _count(found.get("violations_total"), len(violations))
    parts = [_verdict(total), _summary(found), _table(violations, total), _rows_left_out(found), _advice(total)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _count(given: object, at_least: int) -> int:
    return given if isinstance(given, int) and given > at_least else at_least


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text[:1000].splitlines())


def _verdict(total: int) -> str:
    if total == 0:
        return "## No rule is broken"
    return f"## The schedule breaks the rules in {_counted(total, 'place')}"


def _summary(found: Mapping[str, Any]) -> str:
    summary = found.get("summary")
    return _cell(summary) if isinstance(summary, str) else ""


def _table(violations: Sequence[Mapping[str, Any]], total: int) -> str:
    if not violations:
        return ""
    rows = [_row(violation) for violation in violations[:_MOST_ROWS_SHOWN]]
    table = "\n".join(["| Resident | Rule | Found | Limit | From |", "|---|---|---:|---:|---|", *rows])
    more = total - len(rows)
    return f"{table}\n\nAnd {more} more: the tool's card above has them." if more else table


def _row(violation: Mapping[str, Any]) -> str:
    unit = violation.get("unit", "")
    cells = (
        violation.get("resident", ""),
        str(violation.get("rule", "")).replace("_", " "),
        f"{violation.get('measured', '')} {unit}",
        f"{violation.get('limit', '')} {unit}",
        str(violation.get("from", "")).replace("T", " ")[:16],
    )
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "/").split())


def _rows_left_out(found: Mapping[str, Any]) -> str:
    unread = found.get("unreadable")
    if not isinstance(unread, list) or not unread:
        return ""
    total = _count(found.get("unreadable_total"), len(unread))
    return f"**Left out: {_counted(total, 'row')}** that could not be read. The tool's card names each."


def _advice(total: int) -> str:
    if total == 0:
        return "A schedule cannot show everything: moonlighting and hours worked from home count too."
    return (
        "**What to do next**\n\n"
        "- [ ] Begin with the worst line: moving one shift often mends several\n"
        "- [ ] Look at the weeks around it: averages run over four weeks\n"
        "- [ ] Paste the changed rows and have them checked again\n\n"
        "Moonlighting and hours worked from home count too, where the schedule does not show them."
    )
