"""Text ─▶ findings: where it holds what identifies a patient, of which of the Safe Harbor kinds, seen by which rule.

Folding is `normalise.py`; the rules stand in their families. What a finding means for a request is the gate's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatapp.messages import Finding
from chatapp.privacy import beds, contacts, cues, dates, identifiers, places, records, scripts, weighing
from chatapp.privacy.normalise import Normalised, normalise
from chatapp.privacy.rules import Hit, Reading, RuleBook
from chatapp.privacy.site_list import SiteList

DETECTOR_VERSION = "2"
"""Part of every stored verdict: another version judges anew."""

_RULES = RuleBook((*identifiers.RULES, *contacts.RULES, *dates.RULES, *places.RULES, *beds.RULES, *cues.CUES))

_RULES_OF_OTHER_SCRIPTS = RuleBook(scripts.RULES)


@dataclass(frozen=True, slots=True)
class Detector:
    """A way of reading texts, as a site has chosen it. It can only be made stricter than the default.

    Args:
        strict: every statement about one patient counts, with an identifier or without.
        every_name: the name of anybody counts, of staff on a roster too. site_list: what else counts here.
        reply: for what a model wrote, who had read nothing that was not judged. It makes up names and dates as
            examples, so what only its surroundings speak for needs more of them.
    """

    strict: bool = False
    every_name: bool = False
    site_list: SiteList | None = None
    reply: bool = False

    @property
    def version(self) -> str:
        """Part of every stored verdict and record: another version, or other settings, judge anew."""
        listed = (f"list:{self.site_list.fingerprint}",) if self.site_list else ()
        chosen = ("strict",) * self.strict + ("every-name",) * self.every_name + listed
        return "+".join((DETECTOR_VERSION, *chosen))

    def __call__(self, text: str) -> tuple[Finding, ...]:
        """What identifies a patient in `text` (45 CFR 164.514(b)(2)).

        Returns:
            Findings in code points of `text`, sorted by their start, none touching another's characters.
        """
        folded = normalise(text)
        reading = Reading(folded.text)
        return tuple(_disjoint(_in_original(self._hits(reading), folded)))

    def _hits(self, reading: Reading) -> Iterator[Hit]:
        yield from _RULES.hits(reading)
        yield from records.hits(reading)
        threshold = weighing.IN_REPLY if self.reply else weighing.THRESHOLD
        yield from weighing.hits(reading, threshold, every_name=self.every_name and not self.reply)
        if not reading.text.isascii():
            yield from _RULES_OF_OTHER_SCRIPTS.hits(reading)
        if self.site_list:
            yield from self.site_list.hits(reading)
        if self.strict and not self.reply:
            yield from statements(reading)


detect = Detector()
"""The detector as it is without settings."""


def statements(reading: Reading) -> Iterator[Hit]:
    """Sentences that say something of one patient."""
    start = 0
    for end in reading.ends:
        evidence = reading.evidence(start) if reading.text[start:end].strip() else None
        if evidence and (evidence.tells_of_one or evidence.person):
            yield Hit(start, end, "STATEMENT", "statement-about-one-patient")
        start = end


def _in_original(hits: Iterable[Hit], folded: Normalised) -> list[Finding]:
    return [Finding(*folded.back(hit.start, hit.end), hit.kind, hit.rule) for hit in hits]


def _disjoint(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The longest of those that begin together; of one that begins inside another, what stands out of it."""
    end = 0
    for finding in sorted(findings, key=lambda found: (found.start, -found.end)):
        if finding.end > end:
            yield Finding(max(finding.start, end), finding.end, finding.kind, finding.rule)
            end = finding.end
