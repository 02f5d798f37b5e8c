"""The table of docs/privacy.md: counts, intervals, misses word for word; and that what is printed there is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.phi.measure import BEGIN, COMMAND, END, block, judged, wilson, with_table
from scripts.phi.texts import Item, read

LINES = """\
label\tMRN <<mrn:4471902>> needs a recheck
label\tMrs. <<patient:Okafor>> is confused
label\tDOB <<date:03/09/1961>>, colonoscopy due?
hidden\tthe mayor's only child, <<patient:of whom all speak>>
multi\tu: who is on call || a: Dr. <<staff:Lee>> || u: tell her that MRN <<mrn:4471902>> fell
ask\tWhat is the dose of aspirin?
vignette\t62M with COPD, what is the next step?
ask\tMrs. Okafor is nobody's name here
"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


def test_every_line_is_judged_as_classify_judges_it(sample: Path) -> None:
    assert [result.stays for result in judged(read([sample]))] == [True, True, True, False, True, False, False, True]


@pytest.mark.parametrize(
    "row",
    [
        "| a direct identifier | 3 of 4 | 75.0% | 30.1% to 95.4% |",
        "| of these, names and nothing else direct | 1 of 2 |",
        "| of these, a number, address or contact | 2 of 2 | all |",
        "| only a date, age over 89, place or bed | 1 of 1 | all |",
        "| conversations | 1 of 1 | all |",
        "| ordinary messages | 1 of 2 | 50.0% |",
        "| vignettes of a patient, without an identifier | 0 of 1 | 0.0% |",
    ],
)
def test_a_group_has_its_counts_and_its_interval(sample: Path, row: str) -> None:
    assert row in block([sample])


def test_a_sort_has_a_row_from_ten_lines_on(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_text("label\tMRN <<mrn:4471902>> again\n" * 10 + "few\tMRN <<mrn:4471902>>\n" * 9, encoding="utf-8")
    table = block([path])
    assert "| big: label | 10 of 10 |" in table
    assert "big: few" not in table


def test_misses_and_false_alarms_stand_there_word_for_word(sample: Path) -> None:
    misses, alarms = block([sample]).split("### Every miss")[1].split("### Every false alarm")
    assert "sample/hidden: the mayor's only child, <<patient:of whom all speak>>\n" in misses
    assert "sample/ask: Mrs. Okafor is nobody's name here  [NAME]\n" in alarms
    assert misses.count("sample/") == alarms.count("sample/") == 1


def test_the_command_stands_above_the_table(sample: Path) -> None:
    assert f"`{COMMAND}`" in block([sample]).splitlines()[1]


def test_only_what_is_between_the_marks_is_written_anew(sample: Path) -> None:
    made = with_table(f"before\n{BEGIN}stale\n{END}after\n", [sample])
    assert made.startswith(f"before\n{BEGIN}Drawn by ")
    assert made.endswith(f"{END}after\n")
    assert "stale" not in made
    assert with_table(made, [sample]) == made


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(95, 100, 0.888, 0.978), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (1, 2, 0.095, 0.905)],
)
def test_the_interval_is_wilsons(found: int, of: int, low: float, high: float) -> None:
    assert wilson(found, of) == pytest.approx((low, high), abs=0.001)


def test_a_turn_of_the_model_or_a_tool_counts_as_much_as_a_persons() -> None:
    said = "MRN <<mrn:4471902>> is anaemic"
    items = [Item("set", "multi", f"u: and? || {speaker}: {said} || u: thanks") for speaker in "uat"]
    assert all(result.stays and result.kinds == ("MRN",) for result in judged(items))
