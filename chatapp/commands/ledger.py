"""`chatapp ledger verify` and `chatapp ledger report`: is the egress ledger as it was written, and what does it say.

Both read the database as it stands, while a server writes to it or not, and change nothing.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, TextIO

import orjson

from chatapp.ports import EgressRecord, Head, WrittenHead
from chatapp.privacy.departures import Departure, Report, Reporter, Span, Totals, totals_of
from chatapp.privacy.ledger import Proof, Seal, key_id_of, parse_head
from chatapp.settings import Settings, SettingsError
from chatapp.storage import database_target, head_file, known_keys
from chatapp.store.failures import HeadUnreadable, StoreError
from chatapp.store.ledgerfile import LedgerFile, read_ledger

Format = Literal["table", "csv", "json"]
_SHOWN_FAULTS: Final = 20
_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Findings:
    """The proof of every chain there is or was, and the heads a person gave that no chain has."""

    proofs: list[Proof]
    unmet: list[Head]
    head_file: str | None = None
    """What is wrong with the head file itself."""

    @property
    def altered(self) -> bool:
        """Whether anything is not as it was written."""
        return bool(self.unmet or self.head_file) or any(proof.state == "altered" for proof in self.proofs)


@contextmanager
def _mistakes() -> Iterator[None]:
    """Say in one line what cannot be read.

    Raises:
        SettingsError: that line.
    """
    try:
        yield
    except (StoreError, ValueError) as error:
        raise SettingsError(f"ledger: {error}") from None
    except OSError as error:
        raise SettingsError(f"ledger: {error.filename} cannot be read: {error.strerror}") from None


# --- verify ----------------------------------------------------------------------------------------------------------


def verify(settings: Settings, out: TextIO, *, heads: Sequence[str] = (), key_files: Sequence[str] = ()) -> int:
    """Prove every chain; returns the exit code: 1 where something was altered, 2 where a key is missing.

    Args:
        heads: as written down earlier, `COUNT:HASH`. key_files: of keys or secrets that were in use earlier.

    Raises:
        SettingsError: the ledger, a key or an argument cannot be read.
    """
    with _mistakes():
        asked = [parse_head(text) for text in heads]
        findings = examine(settings, asked, [Path(name) for name in key_files])
    for line in verdict_lines(findings):
        print(line, file=out)
    if findings.altered:
        return 1
    return 2 if any(proof.state == "unproven" for proof in findings.proofs) else 0


def examine(settings: Settings, asked: Sequence[Head] = (), key_files: Sequence[Path] = ()) -> Findings:
    """Prove every chain there is, and every one that the head file knows.

    Raises:
        StoreError, OSError: the ledger or a key cannot be read.
    """
    keys, proofs = known_keys(settings, tuple(key_files)), []
    written, problem = _written_heads(settings)  # before the records: it is never ahead of them
    with read_ledger(database_target(settings), timeout_s=settings.database_s) as ledger:
        for chain in sorted({*ledger.chains(), *written}):
            head = written.get(chain)
            proof = Proof(chain, _seal_for(chain, keys), known=[head.head] if head else [], asked=asked)
            proof.take(ledger.records(chain))
            proof.end(head)
            proofs.append(proof)
    met = {head for proof in proofs for head in proof.met}
    return Findings(proofs, [head for head in asked if head not in met], problem)


def _written_heads(settings: Settings) -> tuple[dict[str, WrittenHead], str | None]:
    try:
        return head_file(settings).read(), None
    except HeadUnreadable as error:
        return {}, str(error)


def _seal_for(chain: str, keys: Iterable[bytes]) -> Seal | None:
    node = chain.rpartition("/")[0]
    return next((seal for key in keys if (seal := Seal(key, node)).key_id == key_id_of(chain)), None)


def verdict_lines(findings: Findings) -> Iterator[str]:
    """What was found, for a person."""
    for proof in findings.proofs:
        yield from _proof_lines(proof)
    if findings.head_file:
        yield f"ALTERED: {findings.head_file}"
    for head in findings.unmet:
        yield f"ALTERED: no chain has, or still has, a record {head.count} with the hash {head.hash[:16]}…"
    if findings.altered:
        yield "The ledger is not as it was written. Keep the data folder as it is, and see docs/ledger.md."
    elif not findings.proofs:
        yield "The ledger is empty: nothing has left."


def _proof_lines(proof: Proof) -> Iterator[str]:
    count = f"{proof.head.count} record{'' if proof.head.count == 1 else 's'}"
    match proof.state:
        case "whole":
            yield f"whole: chain {proof.chain}, {count}"
        case "unproven":
            yield (
                f"unproven: chain {proof.chain}, {count}, is sealed with a key that is not here; "
                "give it with --key-file"
            )
        case "altered":
            yield f"ALTERED: chain {proof.chain}, {count}"
            yield from (f"  {fault}" for fault in proof.faults[:_SHOWN_FAULTS])
            if len(proof.faults) > _SHOWN_FAULTS:
                yield f"  and {len(proof.faults) - _SHOWN_FAULTS} more"
    if proof.head.count:
        yield f"  head {proof.head}"


# --- report ----------------------------------------------------------------------------------------------------------


def report(
    settings: Settings, out: TextIO, *, since: str | None = None, until: str | None = None, form: Format = "table"
) -> int:
    """Say what left in a time, and what became of it; returns 1 where the ledger was altered.

    Args:
        since, until: dates or ISO times, UTC where they do not say; a date as `until` is all of that day.

    Raises:
        SettingsError: the ledger, a key or an argument cannot be read.
    """
    with _mistakes():
        reporter = Reporter(span_of(since, until))
        findings = examine(settings)
        with read_ledger(database_target(settings), timeout_s=settings.database_s) as ledger:
            _read_all(ledger, reporter)
    match form:
        case "table":
            for line in table_lines(reporter.report, findings):
                print(line, file=out)
        case "csv":
            _write_csv(reporter.report, out)
        case "json":
            _write_json(reporter.report, findings, out)
    return 1 if findings.altered else 0


def _read_all(ledger: LedgerFile, reporter: Reporter) -> None:
    reporter.take_unchained(ledger.before_the_chain())
    for chain in ledger.chains():
        reporter.take(chain, ledger.records(chain))


def span_of(since: str | None, until: str | None) -> Span:
    """The time between two moments as a person writes them.

    Raises:
        ValueError: one is no date and no time.
    """
    return Span(
        _moment(since, datetime.timedelta()) if since else float("-inf"),
        _moment(until, _DAY) if until else float("inf"),
    )


def _moment(text: str, more_where_a_date: datetime.timedelta) -> float:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date or time; write 2026-07-01 or 2026-07-01T14:30") from None
    if len(text) <= len("2026-07-01"):
        moment += more_where_a_date
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()


_COLUMNS: Final = (
    "record", "time (UTC)", "user", "provider", "model", "bytes", "~tokens", "in", "out", "ended", "rule", "turn",
)  # fmt: skip
_NUMBERS: Final = frozenset(("bytes", "~tokens", "in", "out"))


def table_lines(found: Report, findings: Findings) -> Iterator[str]:
    """The report for a person: a line for each request, what they add up to, and whether it can be believed."""
    departures = sorted(found.departures, key=lambda each: each.record.at)
    if departures:
        several = len(findings.proofs) > 1
        yield from _columns([_COLUMNS, *(_row(each, with_chain=several) for each in departures)])
        yield ""
    yield from _sum_lines(totals_of(departures))
    for name, incident in found.incidents:
        yield (
            f"incident {name}, {time_of(incident.at)}: {incident.owner} marked turn {incident.turn} as patient data; "
            f"{_what_had_left(incident.requests, incident.before_chain)}"
        )
    if any(each.name is None for each in departures):
        yield "Requests that are not chained are from before the ledger was; nothing proves them."
    if found.unreadable:
        yield f"Records that cannot be read: {', '.join(found.unreadable)}"
    yield from (line for proof in findings.proofs for line in _proof_lines(proof))
    if findings.altered:
        yield "The ledger was altered, so this report is not to be relied on. See `chatapp ledger verify`."


def _row(each: Departure, *, with_chain: bool) -> tuple[str, ...]:
    record, end = each.record, each.end
    name = each.name or "–"
    shown = name if with_chain else name.rpartition("#")[2]
    return (
        shown, time_of(record.at), record.owner, record.provider, record.model,
        str(record.payload_bytes), str(record.estimated_tokens or ""), str(end.prompt_tokens) if end else "",
        str(end.completion_tokens) if end else "", each.how, record.decision, (record.turn or "")[:12],
    )  # fmt: skip


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    shown = [["".join(letter if letter.isprintable() else "?" for letter in cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for cell, width, name in zip(row, widths, _COLUMNS, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _sum_lines(totals: Totals) -> Iterator[str]:
    if totals.requests == 0:
        yield "Nothing left."
    else:
        places = ", ".join(f"{count} to {place}" for place, count in totals.by_place)
        yield f"{_many(totals.requests, 'request')} left: {places}."
        yield (
            f"{totals.bytes} bytes sent (about {totals.estimated_tokens} tokens), "
            f"{totals.received_bytes} bytes of reply; the providers counted {totals.prompt_tokens} tokens in, "
            f"{totals.completion_tokens} out."
        )
    if totals.not_closed:
        yield f"{totals.not_closed} of them not closed: still running, or the process died before they ended."
    if totals.unsent:
        yield f"{_many(totals.unsent, 'more request')} recorded and then not sent."


def _what_had_left(requests: Sequence[str], before_chain: int) -> str:
    named = ", ".join(requests) + (f", {before_chain} from before the chain" if before_chain else "")
    return f"had left: {named.removeprefix(', ')}" if named else "nothing of it had left"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def time_of(at: float) -> str:
    """A moment, to the second, in UTC."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")


_OF_RECORD: Final = tuple(field.name for field in fields(EgressRecord) if field.name != "kind")
_OF_END: Final = ("ended", "code", "prompt_tokens", "completion_tokens", "received_bytes")
_FIELDS: Final = ("record", "time", *_OF_RECORD, "closed_at", *_OF_END, "how")


def _fields(each: Departure) -> dict[str, Any]:
    """Everything that is known of a request, flat."""
    return {
        "record": each.name,
        "time": datetime.datetime.fromtimestamp(each.record.at, datetime.UTC).isoformat(),
        **{name: getattr(each.record, name) for name in _OF_RECORD},
        "closed_at": each.end.at if each.end else None,
        **{name: getattr(each.end, name, None) for name in _OF_END},
        "how": each.how,
    }


def _write_csv(found: Report, out: TextIO) -> None:
    rows = [_fields(each) for each in found.departures]
    writer = csv.DictWriter(out, _FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _write_json(found: Report, findings: Findings, out: TextIO) -> None:
    whole = {
        "requests": [_fields(each) for each in found.departures],
        "incidents": [{"record": name, **asdict(incident)} for name, incident in found.incidents],
        "totals": asdict(totals_of(found.departures)),
        "chains": [{"chain": proof.chain, "state": proof.state, "head": str(proof.head)} for proof in findings.proofs],
        "unreadable": found.unreadable,
    }
    print(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode(), file=out)
