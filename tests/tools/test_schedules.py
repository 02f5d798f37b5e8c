"""Schedules as people paste them: what becomes a shift, what is named as unreadable, what is left alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.tools.acgme import Shift
from chatapp.tools.schedules import looks_like_schedule, read_schedule

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "roster.csv"


def told(shift: Shift) -> str:
    kind = " call" if shift.in_house_call else " home call" if shift.at_home_call else ""
    return f"{shift.resident} {shift.start:%m-%d %H:%M} {shift.end:%m-%d %H:%M}{kind}"


def read(text: str) -> list[str]:
    schedule = read_schedule(text, today=date(2026, 3, 1))
    assert schedule.unreadable == ()
    return [told(shift) for shift in schedule.shifts]


def reasons(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in read_schedule(text, today=date(2026, 3, 1)).unreadable]


@pytest.mark.parametrize(
    "text",
    [
        "resident,date,start,end\nLee,2026-07-14,19:00,07:00",
        "Date;Physician;Shift\n7/14/2026;Lee;19:00-07:00",
        "Name\tStart\tEnd\nLee\t2026-07-14 19:00\t2026-07-15 07:00",
        "who,day,start date,start time,end time\nLee,Tue,7/14/2026,7 PM,7 AM",
        "date,end date,start,end,name\n2026-07-14,2026-07-15,1900,0700,Lee",
        "| Resident | Date | Time |\n|---|:-:|---|\n| Lee | 14 Jul 2026 | 7pm-7am |",
        "resident,date,start,end\nLee,2026-07-14,19,7",
        "first name,date,in,out\nLee,2026-07-14,19:00,07:00",
        "Lee,2026-07-14,1900,0700",
        "2026-07-14\tLee\t19:00-07:00",
        "Lee 2026-07-14 1900-0700",
        "Lee: Tue 7/14 19:00-07:00",
        "Tue 7/14: Lee 7pm-7am",
        "Jul 14, 2026 - 7pm to 7am - Lee",
        "1. Lee, Jul 14, 2026, 19:00-07:00",
        "Tue 7/14:\n- Lee 19:00-07:00",
        "Lee works 7/14/2026 19:00 - 7/15/2026 07:00",
        "Please validate this: Lee 2026-07-14 1900-0700",
        "Resident,Mon 7/13/2026,Tue 7/14/2026\nLee,off,19:00-07:00",
        "\ufeffresident,date,start,end\nLee,2026-07-14,19:00,07:00",
        '[{"resident": "Lee", "start": "2026-07-14T19:00", "end": "2026-07-15T07:00"}]',
        '{"shifts": [{"name": "Lee", "startTime": "2026-07-14T19:00Z", "endTime": "2026-07-15T07:00Z"}]}',
    ],
)
def test_one_night_shift_can_be_written_in_many_ways(text: str) -> None:
    assert read(text) == ["Lee 07-14 19:00 07-15 07:00"]
    assert looks_like_schedule(text)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("call", " call"),
        ("On-call ICU", " call"),
        ("overnight call", " call"),
        ("24h call", " call"),
        ("in-house call", " call"),
        ("home call", " home call"),
        ("call from home", " home call"),
        ("backup call", " home call"),
        ("post-call clinic", ""),
        ("no call", ""),
        ("day", ""),
        ("recall clinic", ""),
    ],
)
def test_call_is_seen_from_the_words(words: str, kind: str) -> None:
    assert read(f"resident,date,start,end,type\nLee,2026-07-14,07:00,19:00,{words}") == [
        f"Lee 07-14 07:00 07-14 19:00{kind}"
    ]
    assert read(f"Lee 2026-07-14 0700-1900 {words}") == [f"Lee 07-14 07:00 07-14 19:00{kind}"]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("yes", " call"), ("x", " call"), ("overnight", " call"), ("home", " home call"), ("no", ""), ("", "")],
)
def test_a_column_named_call_holds_yes_and_no(cell: str, kind: str) -> None:
    assert read(f"resident,date,start,end,call\nLee,2026-07-14,07:00,19:00,{cell}") == [
        f"Lee 07-14 07:00 07-14 19:00{kind}"
    ]


def test_names_may_hold_commas_and_change_their_capitals() -> None:
    text = 'resident,date,start,end\n"Lee, Anna",2026-07-14,07:00,19:00\n"LEE,  Anna",2026-07-15,07:00,19:00'
    assert read_schedule(text).residents == ("Lee, Anna",)


def test_a_line_may_hold_several_shifts() -> None:
    text = "Check the roster: Lee 7/14 0700-1900, 7/15 0700-1900, Kim 7/14 1900-0700"
    assert read(text) == ["Lee 07-14 07:00 07-14 19:00", "Lee 07-15 07:00 07-15 19:00", "Kim 07-14 19:00 07-15 07:00"]


def test_a_table_may_have_a_column_for_each_day() -> None:
    text = "Name\t7/13/2026\t7/14/2026\nLee\t0700-1900 call\t\nKim\t-\tnights\n"
    assert [told(shift) for shift in read_schedule(text).shifts] == ["Lee 07-13 07:00 07-13 19:00 call"]
    assert reasons(text) == [(3, "there is no start and end time")]


def test_end_equal_to_start_is_a_day_later() -> None:
    assert read("Lee 2026-07-14 07:00-07:00 call") == ["Lee 07-14 07:00 07-15 07:00 call"]


def test_prose_around_a_table_is_left_alone() -> None:
    text = (
        "Hello, can you check this roster, please? We start on July 13.\n\n"
        "resident,date,start,end\nLee,2026-07-14,07:00,19:00\n\n"
        "Thanks, and note that Kim, Bo, and I\nwould like to swap, if the 80-hour rule allows it.\n"
    )
    assert read(text) == ["Lee 07-14 07:00 07-14 19:00"]


def test_days_off_are_no_shifts_and_no_mistakes() -> None:
    away = "Lee,2026-07-14,,,off\nLee,2026-07-15,00:00,24:00,vacation\n"
    text = f"resident,date,start,end,type\n{away}Lee,2026-07-16,07:00,19:00,"
    assert read(text) == ["Lee 07-16 07:00 07-16 19:00"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Lee,tomorrow,07:00,19:00", "there is no date"),
        ("Lee,2026-02-30,07:00,19:00", "there is no such date"),
        ("Lee,Mon 2026-07-14,07:00,19:00", "the weekday does not fit the date"),
        ("Lee,2026-07-14,07:00,", "there is only one time; a start and an end are needed"),
        ("Lee,2026-07-14,day,", "there is no start and end time"),
        ("Lee,2026-07-14,7,3", "the times may mean day or night; write them like 07:00-19:00"),
        ("Lee,2026-07-14,07:00-11:00,13:00-19:00", "there are more than two times; write one row for each shift"),
        ("Lee,2026-07-14,07:00,2026-07-14 06:00", "it ends before it starts"),
        ("Lee,2026-07-14,07:00,2026-07-20 19:00", "it is longer than three days; write one row for each shift"),
        (",2026-07-14,07:00,19:00", "there is no resident's name"),
    ],
)
def test_a_row_that_is_no_shift_is_named_and_the_rest_is_read(row: str, reason: str) -> None:
    text = f"My roster:\nresident,date,start,end\nLee,2026-07-13,07:00,19:00\n{row}\nLee,2026-07-16,07:00,19:00"
    assert reasons(text) == [(4, reason)]
    assert len(read_schedule(text).shifts) == 2


def test_a_bad_row_is_known_by_its_neighbours_without_a_header() -> None:
    assert reasons("Lee,2026-07-14,0700,1900\nKim,next week,soon,later\n") == [(2, "there is no date")]


def test_free_text_that_says_half_is_named() -> None:
    text = "Lee 7/14 0700-1900\nKim 7/14 nights\nBo 0700-1900\nAmy: Thu 7/16 ???"
    assert [line for line, _ in reasons(text)] == [2, 3, 4]


def test_a_reason_never_repeats_the_row() -> None:
    assert "Okonkwo" not in str(reasons("resident,date,start,end\nOkonkwo,Okonkwo,Okonkwo,Okonkwo"))


def test_the_weekdays_decide_which_year_is_meant() -> None:
    [shift] = read_schedule("Lee: Mon 7/14 07:00-19:00", today=date(2026, 3, 1)).shifts
    assert shift.start.year == 2025


def test_a_schedule_without_years_may_cross_into_a_new_one() -> None:
    schedule = read_schedule("Lee 12/31 19:00-07:00\nLee 1/1 19:00-07:00", today=date(2026, 12, 1))
    assert [shift.start.year for shift in schedule.shifts] == [2026, 2027]


def test_the_clocks_of_the_schedule_hang_in_its_time_zone() -> None:
    [shift] = read_schedule("Lee 2026-11-01 00:00-12:00", timezone="America/New_York").shifts
    assert shift.start.utcoffset() == timedelta(hours=-4)
    assert shift.end.utcoffset() == timedelta(hours=-5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Explain the ACGME 80-hour rule",
        "Can a resident work 24+4 hours, then be back after 14 hours, e.g. from 07:00 on 7/15?",
        "I was on shift on 7/14 from 07:00-19:00, is that ok?",
        "The patient was admitted 7/14/2026 08:00 and discharged 7/15/2026 10:00",
        "BP 120/80 at 07:00 and 130/85 at 19:00",
        "resident,date,start,end",
        "Please move the 7/14 07:00-19:00 shift to Kim",
        "What does `df[1:3]` do in Python 3.11?",
        "{'a': 1}",
    ],
)
def test_ordinary_questions_are_no_schedules(text: str) -> None:
    assert not looks_like_schedule(text)


def test_a_message_with_a_pasted_table_is_a_schedule() -> None:
    assert looks_like_schedule("Is this allowed?\n\n" + EXAMPLE.read_text())


def test_the_example_has_one_row_that_is_no_shift() -> None:
    schedule = read_schedule(EXAMPLE.read_text())
    assert schedule.residents == ("Alvarez", "Brandt", "Chen")
    assert len(schedule.unreadable) == 1


def test_rows_beyond_what_is_read_are_owned_up_to() -> None:
    text = "resident,date,start,end\n" + "Lee,2026-07-14,07:00,19:00\n" * 20_001
    begin = thread_time()
    assert reasons(text) == [(20_002, "only the first 20,000 rows are read")]
    assert thread_time() - begin < 15  # three on an idle machine


@pytest.mark.parametrize("word", ["check ", "to ", "call ", "1 ", "mon ", "7/14 ", "name,", "12:", "[", " "])
def test_a_hostile_line_takes_no_time(word: str) -> None:
    begin = thread_time()
    read_schedule(word * 30_000 + "1 x")
    read_schedule(f"name,date,start,type\nLee,7/14,7-19,{word * 30_000}x")
    assert thread_time() - begin < 5


@given(st.text(alphabet="Lee,;\t|\n 0123456789:-/{}[]\"'call?", max_size=120))
def test_any_text_is_read(text: str) -> None:
    schedule = read_schedule(text)
    assert all(shift.end - shift.start <= timedelta(days=3) for shift in schedule.shifts)
    assert all(1 <= row.line <= text.count("\n") + 1 for row in schedule.unreadable)
    looks_like_schedule(text)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Lee", "Kim", "O'Hara"]), st.integers(0, 300), st.integers(0, 23), st.integers(1, 30)
        )
    )
)
def test_what_is_written_as_a_table_is_read_back(shifts: list[tuple[str, int, int, int]]) -> None:
    rows, expected = ["resident,start,end"], []
    for who, day, hour, hours in shifts:
        start = date(2026, 1, 1) + timedelta(days=day)
        end_day, end_hour = start + timedelta(days=(hour + hours) // 24), (hour + hours) % 24
        rows.append(f"{who},{start} {hour:02}:00,{end_day:%m/%d/%Y} {end_hour:02}:00")
        expected.append(f"{who} {start:%m-%d} {hour:02}:00 {end_day:%m-%d} {end_hour:02}:00")
    assert read("\n".join(rows)) == expected
