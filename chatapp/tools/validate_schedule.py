"""The tool `validate_schedule`: a schedule's text in, its duty-hour violations out, as compact JSON.

Reads with `schedules.py`, judges with `acgme.py`, both in a thread; what is here is only the answer's shape and size.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chatapp.errors import ToolFailed
from chatapp.events import Egress
from chatapp.messages import ToolSpec
from chatapp.ports import Clock, ToolOutput
from chatapp.tools.acgme import Violation, judge, transition_periods
from chatapp.tools.schedules import Schedule, read_schedule

NAME = "validate_schedule"
MOST_VIOLATIONS = 60
MOST_UNREADABLE = 20

SPEC = ToolSpec(
    name=NAME,
    description=(
        "Check residents' shifts against the ACGME duty-hour rules: 80 hours a week averaged over 4 weeks, one day in "
        "seven free, at most 24 + 4 hours in a row, 14 hours off after 24 hours in the house, 8 hours between shifts, "
        "in-house call at most every third night. Exact; use it instead of counting hours yourself."
    ),
    parameters_json=json.dumps(
        {
            "type": "object",
            "properties": {
                "schedule": {
                    "type": "string",
                    "description": "an attachment's short name such as a1, or the shifts as text or CSV rows",
                }
            },
            "required": ["schedule"],
        }
    ),
)


@dataclass(frozen=True, slots=True)
class ValidateSchedule:
    """Judges a schedule. Nothing leaves the house and nothing is written, so nobody is asked first.

    Args:
        timezone: where the schedule's clocks hang, as an IANA name.
        clock: seconds since 1970; dates without a year are understood as near to it.
    """

    timezone: str = "UTC"
    clock: Clock = time.time
    spec: ToolSpec = field(default=SPEC, init=False)
    egress: Egress = field(default="none", init=False)
    writes: bool = field(default=False, init=False)
    approval: bool = field(default=False, init=False)
    file_arguments: tuple[str, ...] = field(default=("schedule",), init=False)

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutput:
        """Judge the schedule in `arguments["schedule"]`: its text, not the name of an attachment.

        Raises:
            ToolFailed: no shift could be read in it.
        """
        given = arguments.get("schedule")
        text = given if isinstance(given, str) else json.dumps(given)
        today = datetime.fromtimestamp(self.clock(), UTC).astimezone(ZoneInfo(self.timezone)).date()
        return await asyncio.to_thread(_validate, text, self.timezone, today)


def _validate(text: str, timezone: str, today: date) -> ToolOutput:
    schedule = read_schedule(text, timezone=timezone, today=today)
    if not schedule.shifts:
        raise ToolFailed(_nothing_read(schedule), tool=NAME)
    answer = _answer(schedule, judge(schedule.shifts))
    return ToolOutput(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def _nothing_read(schedule: Schedule) -> str:
    needed = "Give one row for each shift with the columns resident, date, start and end, and type for call."
    if not schedule.unreadable:
        return f"No shift was found. {needed}"
    first = schedule.unreadable[0]
    return f"No shift could be read: in line {first.line}, {first.reason}. {needed}"


def _answer(schedule: Schedule, violations: Sequence[Violation]) -> dict[str, Any]:
    """What the model and the page see; long lists are cut, and the counts say so."""
    return {
        "summary": _summary(schedule, violations),
        "residents": len(schedule.residents),
        "shifts": len(schedule.shifts),
        "first_day": min(shift.start for shift in schedule.shifts).date().isoformat(),
        "last_day": (max(shift.end for shift in schedule.shifts) - timedelta(minutes=1)).date().isoformat(),
        "violations_total": len(violations),
        "violations": [_as_json(violation) for violation in _shown(violations)],
        "transition_periods": transition_periods(schedule.shifts),
        "unreadable_total": len(schedule.unreadable),
        "unreadable": [{"line": row.line, "reason": row.reason} for row in schedule.unreadable[:MOST_UNREADABLE]],
    }


def _summary(schedule: Schedule, violations: Sequence[Violation]) -> str:
    """Everything that matters, for a person who reads nothing else."""
    judged = f"{_counted(len(schedule.shifts), 'shift')} of {_counted(len(schedule.residents), 'resident')}"
    sentences = [f"{judged}: no ACGME duty-hour violation."]
    if violations:
        concerned = _counted(len({violation.resident for violation in violations}), "resident")
        sentences = [f"{judged}: {_counted(len(violations), 'ACGME duty-hour violation')}, {concerned} concerned."]
        rules = Counter(violation.rule.replace("_", " ") for violation in violations)
        sentences.append("By rule: " + ", ".join(f"{rule} {count}" for rule, count in rules.most_common()) + ".")
    if len(violations) > MOST_VIOLATIONS:
        sentences.append(f"The worst {MOST_VIOLATIONS} are listed.")
    if handing_over := transition_periods(schedule.shifts):
        sentences.append(
            f"{_counted(handing_over, 'period')} of more than 24 hours, at most 28: allowed only if the time past 24 "
            "is for handing over or teaching."
        )
    if schedule.unreadable:
        sentences.append(f"Not judged, because it could not be read: {_counted(len(schedule.unreadable), 'row')}.")
    return " ".join(sentences)


def _shown(violations: Sequence[Violation]) -> list[Violation]:
    """The worst of every resident and rule first, until the list is full; in the order of `violations`."""
    ranks: defaultdict[tuple[str, str], list[Violation]] = defaultdict(list)
    for violation in sorted(violations, key=lambda it: -abs(it.measured - it.limit)):
        ranks[violation.resident, violation.rule].append(violation)
    by_rank = sorted(
        ((rank, violation) for group in ranks.values() for rank, violation in enumerate(group)), key=lambda it: it[0]
    )
    kept = {id(violation) for _, violation in by_rank[:MOST_VIOLATIONS]}
    return [violation for violation in violations if id(violation) in kept]


def _as_json(violation: Violation) -> dict[str, Any]:
    return {
        "resident": violation.resident,
        "rule": violation.rule,
        "paragraph": violation.paragraph,
        "from": violation.start.isoformat(timespec="minutes"),
        "to": violation.end.isoformat(timespec="minutes"),
        "measured": violation.measured,
        "limit": violation.limit,
        "unit": violation.unit,
        "message": violation.message,
    }


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
