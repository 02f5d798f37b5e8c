"""Measures the detector on the held-out sets and writes the table into docs/privacy.md, misses and all.

Every line goes through what `chatapp classify` runs, conversations whole. A set is a file of `held_out/` in the form of
`texts/`; nothing here may learn from it. Run: `python -m scripts.phi.measure`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from chatapp.commands.classify import Classifier
from chatapp.privacy.detect import DETECTOR_VERSION
from chatapp.settings import Settings
from scripts.phi.texts import Item, read, unmarked

HELD_OUT: Final = Path(__file__).parent / "held_out"
DOCUMENT: Final = Path(__file__).parent.parent.parent / "docs" / "privacy.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->\n"
COMMAND: Final = "python -m scripts.phi.measure"
SMALLEST_GROUP: Final = 10
"""Sorts with fewer lines get no row of their own; they count in the totals."""
QUASI: Final = frozenset(("date", "geo", "zip", "age", "room"))
"""Marks that single somebody out only together with what else is known."""
NAMES: Final = frozenset(("patient", "relative"))
_ROLES: Final = {"u": "user", "a": "assistant", "t": "tool"}
_95_PERCENT: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Judged:
    """A line of a set, and what the gate said. `kinds`: of what was found."""

    item: Item
    stays: bool
    kinds: tuple[str, ...]

    @property
    def is_wrong(self) -> bool:
        """It holds an identifier and may leave, or holds none and stays."""
        return self.stays != self.item.phi


def judged(items: Iterable[Item]) -> list[Judged]:
    """Every item as `chatapp classify` judges it without any setting."""
    classifier = Classifier(Settings.from_environ({}))
    return [_judged(classifier, item) for item in items]


def _judged(classifier: Classifier, item: Item) -> Judged:
    turns = [{"role": _ROLES[speaker], "content": unmarked(marked)[0]} for speaker, marked in item.turns]
    answer = classifier.answer(orjson.dumps({"id": 0, "turns": turns}))
    return Judged(item, answer["verdict"] != "clear", tuple(answer["kinds"]))


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, as shares. E. B. Wilson, JASA 22 (1927), p. 209."""
    share, z = found / of, _95_PERCENT
    middle = share + z * z / (2 * of)
    reach = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


# --- groups ----------------------------------------------------------------------------------------------------------


def is_conversation(item: Item) -> bool:
    """Whether it has more than one turn."""
    return len(item.turns) > 1


def is_direct(item: Item) -> bool:
    """Whether it holds what names or numbers one person."""
    return bool(item.kinds - QUASI)


def _is_vignette(item: Item) -> bool:
    return "vignette" in item.sort


WITH_AN_IDENTIFIER: Final[tuple[tuple[str, Callable[[Item], bool]], ...]] = (
    ("a direct identifier", is_direct),
    ("of these, names and nothing else direct", lambda item: is_direct(item) and item.kinds - QUASI <= NAMES),
    ("of these, a number, address or contact", lambda item: bool(item.kinds - QUASI - NAMES)),
    ("only a date, age over 89, place or bed", lambda item: not is_direct(item)),
    ("conversations", is_conversation),
    ("all", lambda item: True),
)
WITHOUT: Final[tuple[tuple[str, Callable[[Item], bool]], ...]] = (
    ("ordinary messages", lambda item: not _is_vignette(item)),
    ("vignettes of a patient, without an identifier", _is_vignette),
    ("conversations", is_conversation),
    ("all", lambda item: True),
)


# --- the words of the table ------------------------------------------------------------------------------------------


def block(sets: Sequence[Path]) -> str:
    """What stands between the marks of docs/privacy.md, with the marks."""
    results = judged(read(sets))
    lines = list(_report(results)) if results else ["There is no held-out set yet."]
    return BEGIN + "\n".join(lines) + "\n" + END


def _report(results: Sequence[Judged]) -> Iterator[str]:
    of_set = Counter(result.item.source for result in results)
    held = ", ".join(f"`{name}` {count:,}" for name, count in of_set.items())
    yield f"Drawn by `{COMMAND}`"
    yield f"from `scripts/phi/held_out/` ({held} messages); detector {DETECTOR_VERSION}, no settings."
    yield from _sharing("### Messages that hold an identifier", "Kept local", results, WITH_AN_IDENTIFIER, phi=True)
    yield from _sharing("### Messages that hold none", "Kept local all the same", results, WITHOUT, phi=False)
    yield from _listing("### Every miss", [result for result in results if result.is_wrong and result.item.phi])
    yield from _listing("### Every false alarm", [result for result in results if result.is_wrong and result.stays])


def _sharing(
    title: str,
    heading: str,
    results: Sequence[Judged],
    groups: Sequence[tuple[str, Callable[[Item], bool]]],
    *,
    phi: bool,
) -> Iterator[str]:
    """A table: each group over all sets, then each sort of each set."""
    chosen = [result for result in results if result.item.phi == phi]
    yield from ("", title, "", f"| Messages | {heading} | Share | 95 % interval |", "|---|---|---|---|")
    for name, belongs in groups:
        yield from _row(name, [result for result in chosen if belongs(result.item)], smallest=1)
    sorts = sorted({(result.item.source, result.item.sort) for result in chosen})
    for source, sort in sorts:
        of_sort = [result for result in chosen if (result.item.source, result.item.sort) == (source, sort)]
        yield from _row(f"{source}: {sort}", of_sort, SMALLEST_GROUP)


def _row(name: str, results: Sequence[Judged], smallest: int) -> Iterator[str]:
    if len(results) >= smallest:
        stay = sum(result.stays for result in results)
        low, high = wilson(stay, len(results))
        share = "all" if stay == len(results) else f"{stay / len(results):.1%}"
        yield f"| {name} | {stay:,} of {len(results):,} | {share} | {low:.1%} to {high:.1%} |"


def _listing(title: str, results: Sequence[Judged]) -> Iterator[str]:
    """The texts word for word, with their marks; `\\n` is a line break, and at the end stands what was found."""
    yield from ("", title, "", f"{len(results):,} messages, all of them invented.", "")
    if results:
        yield from ("```text", *map(_line, results), "```")


def _line(result: Judged) -> str:
    marked = result.item.marked.replace("\n", "\\n")
    found = f"  [{', '.join(result.kinds)}]" if result.kinds else ""
    return f"{result.item.source}/{result.item.sort}: {marked}{found}"


def with_table(document: str, sets: Sequence[Path]) -> str:
    """docs/privacy.md with its table made anew."""
    before, rest = document.split(BEGIN)
    return before + block(sets) + rest.split(END)[1]


def held_out() -> list[Path]:
    """The files of the sets, in order."""
    return sorted(HELD_OUT.glob("*.txt"))


def main() -> None:
    """Write the table, and print it."""
    document = with_table(DOCUMENT.read_text(encoding="utf-8"), held_out())
    DOCUMENT.write_text(document, encoding="utf-8")
    print(document.split(BEGIN)[1].split(END)[0])


if __name__ == "__main__":
    main()
