"""Days and times as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.tools.when import Day, Time, names_a_day, read_when

JULY_14 = Day(2026, 7, 14)


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-14",
        "2026/7/14",
        "20260714",
        "7/14/2026",
        "07/14/26",
        "07-14-2026",
        "14/7/2026",
        "14.07.2026",
        "14 Jul 2026",
        "14-Jul-26",
        "14th July, 2026",
        "Jul 14, 2026",
        "July 14th 2026",
        "JULY 14 2026",
    ],
)
def test_a_day_has_many_spellings(text: str) -> None:
    assert read_when(text).days == (JULY_14,)
    assert names_a_day(text)


@pytest.mark.parametrize("text", ["Tue 7/14", "tuesday, Jul 14", "7/14 (Tue)", "Tue (14 Jul)"])
def test_a_day_may_leave_the_year_out_and_name_the_weekday(text: str) -> None:
    reading = read_when(text)
    assert (reading.days, reading.words) == ((Day(None, 7, 14, 1),), "")


@pytest.mark.parametrize(
    "text", ["24/7", "7/45", "13/13/2026", "PGY-2", "80-hour", "room 12", "10.2.1", "may 7am", "120/80"]
)
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert read_when(text).days == ()
    assert not names_a_day(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("07:00-19:00", (7, 19)),
        ("0700-1900", (7, 19)),
        ("0700h – 1900h", (7, 19)),
        ("7am to 7pm", (7, 19)),
        ("7a-7p", (7, 19)),
        ("7:00 a.m. until 7:00 PM", (7, 19)),
        ("07:00:00 19:00:00", (7, 19)),
        ("19:00-24:00", (19, 24)),
        ("noon-midnight", (12, 24)),
        ("12am-12pm", (0, 12)),
        ("07-19", (7, 19)),
        ("7-19", (7, 19)),
        ("25:00", ()),
        ("13pm", ()),
        ("2460", ()),
    ],
)
def test_a_time_has_many_spellings(text: str, hours: tuple[int, ...]) -> None:
    assert read_when(text).times == tuple(Time(60 * hour) for hour in hours)


def test_bare_hours_that_fit_day_and_night_are_not_guessed() -> None:
    assert (read_when("Lee 7/14 7-3").times, read_when("Lee 7/14 7-3").ambiguous) == ((), True)


def test_an_evening_is_not_taken_for_a_year() -> None:
    assert read_when("Jul 14 2000-0800") == read_when("Jul 14 20:00-08:00")
    assert read_when("Jul 14, 2026 - 0700-1900").days == (JULY_14,)


def test_an_offset_from_utc_is_kept() -> None:
    reading = read_when("2026-07-14T07:00:00Z 2026-07-14T19:00-04:00")
    assert reading.days == (JULY_14, JULY_14)
    assert reading.times == (Time(420, timedelta(0)), Time(1140, timedelta(hours=-4)))


def test_the_words_around_are_kept_in_their_places() -> None:
    reading = read_when("- Dr. Lee: Tue 7/14 from 07:00 to 19:00 (on call)")
    assert (reading.before, reading.after, reading.words) == ("Dr. Lee", ("on call",), "Dr. Lee on call")


@given(st.text(alphabet="0123456789/-:. apmJulTue\x00", max_size=60))
def test_any_text_is_read(text: str) -> None:
    reading = read_when(text)
    assert all(1 <= day.month <= 12 and 1 <= day.day <= 31 for day in reading.days)
    assert all(0 <= time.minutes <= 1440 for time in reading.times)
