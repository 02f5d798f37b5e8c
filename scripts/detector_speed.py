"""Measures how fast the detector is: short messages, long texts, repetitive ones, and its import.

Figures are CPU time of this process, so that a busy machine changes them little. No message is read twice, and half of
the texts are read before the clock starts. Run: `python -m scripts.detector_speed`.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

from chatapp.privacy.detect import detect
from scripts.phi.texts import TEXTS, read, unmarked

SHORT: Final = 500
"""Characters of the longest message that counts as a short one."""
SIZES_KB: Final = (2, 20, 200)
REPETITIVE_KB: Final = (10, 250)
IMPORTS: Final = 7
_FRESH: Final = """
import sys, time
begun = time.process_time()
{}
print(time.process_time() - begun)
"""
_IMPORT: Final = "import chatapp.privacy.detect"
_FIRST: Final = (
    "from chatapp.privacy.detect import detect; begun = time.process_time(); "
    "detect('pt Okonkwo in bed 4, MRN 4471902, K 6.1, call her son at 415-555-0132 before 3/14')"
)
PIECES: Final = (
    *("1", "a", "a.", " ", "\n", "\t", "\r\n", "a ", "1 ", "1-", "1.", "A", "Aa ", "aA", "-", "'", "a-", "a'", "@"),
    *("a@", "a@a.", "a@a@", ".", "..a", ",", "a,", "/", "1/", "a/b", "_", "a_", "*", "x", "X-", "#", "(", "((", "()"),
    *("\u200b", "а", "аa", "王", "é", "e\u0301", "\u0301", "🙂", "ﬁ", "１", "१", "\ud800", "\x00", "Zqx ", "zqx "),
    *("one ", "one-", "oh ", "five six ", "J3nn", "a1", "1a ", "0o", "mrn ", "mrn 1 ", "ms zqx ", "patient ", "1/2 "),
    *(
        "http://",
        "http://a.b/patient=",
        '{"a":"',
        '"patient":{',
        "PID|",
        "PID|a\n",
        "mrn,b\n",
        "mrn,",
        "a\tb\n",
        "name|",
    ),
    *(
        "a dot ",
        "a at b dot ",
        "12 Aa ",
        "%41",
        "%25",
        "%2541",
        "&#1;",
        "&amp;",
        "&amp;amp;",
        "\\u0041",
        "\\x41",
        "\\\\",
    ),
    *("41" * 12 + " ", "QWJj" * 6 + " ", "QWJj" * 6, "zqx 1F ", "(01)", "May ", "9 May ", "fax ", "phone 1", "phone "),
    *(
        "Zqx K 2 ",
        "Zqx's ",
        "病人王",
        "المريض ",
        "in 9 ",
        "his on ",
        "is ",
        "is: ",
        "on a ",
        "K is ",
        "k 4 ",
        "bed ",
        "bed 4 ",
    ),
    *(
        "Dr. ",
        "Mrs. ",
        "de ",
        "Van ",
        "Aa, ",
        "A. ",
        "A.A.",
        "Aa-",
        "Aa'a ",
        "J. Zqx ",
        "born ",
        "born on the ",
        "dob: ",
    ),
    *(
        "member id ",
        "1 Aa St ",
        "1 Aa ",
        "from Aa ",
        "lives in Aa ",
        "he is 9",
        "a? ",
        "a. ",
        "A! ",
        "a\n\n",
        ";",
        "a;\n",
    ),
    *("my patient ", "the the patient ", "got aa ", "aspirin ", "got aspirin ", "90 ", "90yo ", "10.0.0.1 ", "1:1:1:"),
    *("ABC-", "AB1-", "1A1", "call on him her them ", "note for ", "note for Aa ", "Aa and ", "last name ", "zip 1"),
)
"""What repeated text is made of: whatever a pattern might stumble over."""


def messages() -> list[str]:
    """All texts of this project as they were typed, in an order of no meaning."""
    found = [unmarked(text)[0] for item in read(sorted(TEXTS.glob("*.txt"))) for _, text in item.turns]
    random.Random(1).shuffle(found)
    return found


def seconds(text: str) -> float:
    """CPU time that reading `text` takes."""
    begun = time.process_time()
    detect(text)
    return time.process_time() - begun


def joined(texts: Iterator[str], kilobytes: int) -> str:
    """Text of a size, from the next of `texts`."""
    pieces: list[str] = []
    missing = kilobytes * 1000
    while missing > 0:
        pieces.append(next(texts))
        missing -= len(pieces[-1]) + 1
    return "\n".join(pieces)[: kilobytes * 1000]


def repetitive(kilobytes: int) -> list[tuple[float, str]]:
    """Milliseconds per kB of each repeated piece, the slowest first."""
    return sorted(
        ((seconds(piece * (kilobytes * 1000 // len(piece))) * 1e3 / kilobytes, piece) for piece in PIECES), reverse=True
    )


def fresh(statement: str) -> float:
    """Milliseconds that a new interpreter needs for `statement`: the median of some."""
    command = [sys.executable, "-c", _FRESH.format(statement)]
    taken = [float(subprocess.check_output(command, text=True)) for _ in range(IMPORTS)]
    return statistics.median(taken) * 1e3


def report_short(texts: Sequence[str]) -> None:
    """Print how long short messages take."""
    taken = sorted(seconds(text) * 1e3 for text in texts if len(text) <= SHORT)
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    print(
        f"{len(taken)} messages of up to {SHORT} characters: p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {taken[-1]:.2f} ms"
    )


def main() -> None:
    """Print all figures."""
    texts = messages()
    half = len(texts) // 2
    for text in texts[:half]:
        detect(text)
    report_short(texts[half:])
    long_ones = iter(texts[half:] + texts[:half])
    for size in SIZES_KB:
        text = joined(long_ones, size)
        print(f"text of {size} kB: {seconds(text) * 1e3 / size:.2f} ms per kB")
    for size in REPETITIVE_KB:
        slowest = ", ".join(f"{piece!r} {taken:.2f}" for taken, piece in repetitive(size)[:8])
        print(f"slowest repetitive text of {size} kB, ms per kB: {slowest}")
    print(f"import: {fresh(_IMPORT):.0f} ms; first message after it: {fresh(_FIRST):.0f} ms")


if __name__ == "__main__":
    main()
