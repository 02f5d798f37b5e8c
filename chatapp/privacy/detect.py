"""Text ─▶ findings: where it holds what identifies a patient, of which of the Safe Harbor kinds, seen by which rule.

Folding is `normalise.py`; the rules stand in their families. What a finding means for a request is the gate's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatapp.ports import Finding
from chatapp.privacy import beds, contacts, cues, dates, identifiers, places, records, scripts, weighing
from chatapp.privacy.normalise import Normalised, normalise
from chatapp.privacy.rules import Hit, Reading, RuleBook

DETECTOR_VERSION = "2"
"""Part of every stored verdict: another version judges anew."""

_RULES = RuleBook((*identifiers.RULES, *contacts.RULES, *dates.RULES, *places.RULES, *beds.RULES, *cues.CUES))

_RULES_OF_OTHER_SCRIPTS = RuleBook(scripts.RULES)


def detect(text: str) -> tuple[Finding, ...]:
    """What identifies a patient in `text` (45 CFR 164.514(b)(2)).

    Returns:
        Findings in code points of `text`, sorted by their start, none touching another's characters.
    """
    folded = normalise(text)
    reading = Reading(folded.text)
    return tuple(_disjoint(_in_original(_hits(reading), folded)))


def _hits(reading: Reading) -> Iterator[Hit]:
    yield from _RULES.hits(reading)
    yield from records.hits(reading)
    yield from weighing.hits(reading)
    if not reading.text.isascii():
        yield from _RULES_OF_OTHER_SCRIPTS.hits(reading)


def _in_original(hits: Iterable[Hit], folded: Normalised) -> list[Finding]:
    return [Finding(*folded.back(hit.start, hit.end), hit.kind, hit.rule) for hit in hits]


def _disjoint(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The longest of those that begin together; of one that begins inside another, what stands out of it."""
    end = 0
    for finding in sorted(findings, key=lambda found: (found.start, -found.end)):
        if finding.end > end:
            yield Finding(max(finding.start, end), finding.end, finding.kind, finding.rule)
            end = finding.end
