"""Duty-hour rules: each just legal and just illegal, by hand; then the laws that hold for any schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.tools.acgme import Shift, Violation, judge, transition_periods

MONDAY = datetime(2026, 7, 6, tzinfo=UTC)


def shift(day: int, begin: float, hours: float, *, call: bool = False, home: bool = False, who: str = "Lee") -> Shift:
    """`day` 0 is a Monday; `begin` in hours after midnight."""
    start = MONDAY + timedelta(days=day, hours=begin)
    return Shift(who, start, start + timedelta(hours=hours), in_house_call=call, at_home_call=home)


def days(numbers: Sequence[int], hours: float, *, begin: float = 6) -> list[Shift]:
    return [shift(number, begin, hours) for number in numbers]


def workdays(weeks: int, per_week: int) -> list[int]:
    return [7 * week + day for week in range(weeks) for day in range(per_week)]


def broken(shifts: Sequence[Shift], rule: str) -> list[Violation]:
    return [violation for violation in judge(shifts) if violation.rule == rule]


# --- 6.20: 80 hours a week, averaged over four weeks


def test_eighty_hours_in_each_of_four_weeks_are_allowed() -> None:
    assert judge(days(workdays(4, 5), 16)) == ()


def test_one_minute_more_in_four_weeks_is_not() -> None:
    shifts = [*days(workdays(4, 5), 16), shift(5, 6, 1 / 60)]
    [found] = broken(shifts, "weekly_hours")
    assert (found.measured, found.limit, found.unit) == (80.004, 80, "hours a week")
    assert found.paragraph == "6.20 (VI.F.1)"


def test_a_week_of_ninety_hours_is_made_up_for_by_a_week_of_seventy() -> None:
    shifts = [*days(range(5), 15), shift(5, 6, 15), *days([day for day in workdays(4, 5) if day > 6], 15)]
    assert broken(shifts, "weekly_hours") == []  # 90 + 75 + 75 + 75 = 315


def test_one_week_of_ninety_hours_alone_is_reported() -> None:
    [found] = broken(days(range(6), 15), "weekly_hours")
    assert found.measured == 90
    assert found.message == "90 hours a week over 1 week; at most 80 are allowed."


def test_two_weeks_are_averaged_over_two() -> None:
    assert broken([*days(range(6), 15), *days(range(7, 12), 14)], "weekly_hours") == []  # 90 + 70
    assert broken([*days(range(6), 15), *days(range(7, 12), 14.2)], "weekly_hours") != []  # 90 + 71


def test_a_bad_month_between_two_good_blocks_is_found_once() -> None:
    """Two light weeks, four of 84 hours, two light ones: either aligned block averages 77."""
    light, heavy = 70 / 6, 84 / 6
    weeks = [light, light, heavy, heavy, heavy, heavy, light, light]
    shifts = [shift(7 * week + day, 6, hours) for week, hours in enumerate(weeks) for day in range(6)]
    [found] = broken(shifts, "weekly_hours")
    assert found.measured == 84
    assert (found.start.date() - MONDAY.date()).days == 14


def test_a_whole_year_of_ninety_hours_gives_a_line_a_month_at_most() -> None:
    assert len(broken(days(workdays(52, 6), 15), "weekly_hours")) <= 13


# --- 6.21.b: one day in seven free


def test_six_days_a_week_leave_the_seventh_free() -> None:
    assert judge(days(workdays(8, 6), 12)) == ()


def test_free_days_may_be_saved_up_within_four_weeks() -> None:
    assert broken([*days(range(24), 8), shift(27, 6, 8, who="Kim")], "free_days") == []  # 24 days in a row, four off


def test_twenty_five_days_in_a_row_leave_only_three() -> None:
    [found] = broken([*days(range(25), 8), shift(28, 6, 8)], "free_days")
    assert (found.measured, found.limit, found.unit) == (3, 4, "free days")


def test_seven_days_of_a_one_week_schedule_leave_none() -> None:
    [found] = broken(days(range(7), 8), "free_days")
    assert found.message == "0 free days in 1 week; at least 1 needed."


@pytest.mark.parametrize(("begin", "free"), [(6, True), (5.99, False)])
def test_a_free_day_is_twenty_four_hours_at_whatever_hour_it_begins(begin: float, free: bool) -> None:
    """Call from Saturday 06:00 to Sunday 06:00, back on Monday at `begin`, every week."""
    week = [*days(range(5), 8, begin=begin), shift(5, 6, 24, call=True)]
    shifts = [
        replace(it, start=it.start + timedelta(weeks=n), end=it.end + timedelta(weeks=n))
        for n in range(6)
        for it in week
    ]
    assert (broken(shifts, "free_days") == []) is free


def test_sundays_off_are_enough_whenever_saturday_ends() -> None:
    shifts = [shift(day, 6, 8 + day % 5) for day in workdays(10, 6)]
    assert broken(shifts, "free_days") == []


def test_call_at_home_is_no_work_but_makes_no_free_day() -> None:
    shifts = [*days(workdays(4, 6), 12), *(shift(7 * week + 6, 6, 24, home=True) for week in range(4))]
    assert {violation.rule for violation in judge(shifts)} == {"free_days"}


# --- 6.22: 24 hours in a row, and 4 for transitions


@pytest.mark.parametrize(("hours", "violations", "transitions"), [(24, 0, 0), (28, 0, 1), (28 + 1 / 60, 1, 0)])
def test_work_in_a_row_may_take_twenty_four_hours_and_four_more(
    hours: float, violations: int, transitions: int
) -> None:
    shifts = [shift(0, 7, hours, call=True)]
    assert len(broken(shifts, "continuous_hours")) == violations
    assert transition_periods(shifts) == transitions


def test_shifts_that_touch_or_overlap_are_one_piece_of_work() -> None:
    shifts = [shift(0, 7, 12), shift(0, 19, 12), shift(1, 6, 6)]
    [found] = broken(shifts, "continuous_hours")
    assert (found.measured, found.start, found.end) == (29, shifts[0].start, shifts[2].end)


def test_the_night_the_clocks_go_back_has_an_hour_more() -> None:
    zone = ZoneInfo("America/New_York")
    call = Shift("Lee", datetime(2026, 10, 31, 7, tzinfo=zone), datetime(2026, 11, 1, 11, tzinfo=zone))
    [found] = judge([call])
    assert (found.rule, found.measured) == ("continuous_hours", 29)


def test_a_month_in_which_the_clocks_go_forward_is_four_weeks_all_the_same() -> None:
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 2, 16, 5, tzinfo=zone)
    starts = [first + timedelta(days=day) for day in workdays(6, 5)]
    assert judge([Shift("Lee", start, start + timedelta(hours=16)) for start in starts]) == ()


# --- 6.21.a and 6.21: rest


@pytest.mark.parametrize(("off", "violations"), [(14, 0), (13.75, 1)])
def test_fourteen_hours_off_follow_twenty_four_in_the_house(off: float, violations: int) -> None:
    shifts = [shift(0, 7, 24, call=True), shift(1, 7 + off, 8)]
    assert len(broken(shifts, "rest_after_call")) == violations
    assert broken(shifts, "rest_between_shifts") == []


@pytest.mark.parametrize(("off", "violations"), [(8, 0), (7.75, 1)])
def test_eight_hours_off_lie_between_shifts(off: float, violations: int) -> None:
    shifts = [shift(0, 7, 12), shift(0, 19 + off, 8)]
    assert len(broken(shifts, "rest_between_shifts")) == violations
    assert broken(shifts, "rest_after_call") == []


# --- 6.27: in-house call


def calls(nights: Sequence[int]) -> list[Shift]:
    return [shift(night, 17, 14, call=True) for night in nights]


def test_call_every_third_night_is_allowed_for_ever() -> None:
    assert broken(calls(range(0, 365, 3)), "call_frequency") == []


def test_every_second_night_is_not() -> None:
    found = broken(calls(range(0, 28, 2)), "call_frequency")
    assert [(it.measured, it.limit, it.unit) for it in found] == [(14, 9, "nights of 27")]


@pytest.mark.parametrize(("nights", "violations"), [(9, 0), (10, 1)])
def test_nights_of_call_may_be_bunched_within_four_weeks(nights: int, violations: int) -> None:
    found = broken([*calls(range(nights)), shift(27, 8, 8)], "call_frequency")
    assert len(found) == violations


def test_call_that_ends_in_the_evening_is_no_night() -> None:
    assert broken([shift(day, 8, 13, call=True) for day in range(28)], "call_frequency") == []


def test_call_at_home_is_not_counted() -> None:
    shifts = [shift(day, 17, 14, call=True, home=True) for day in range(28)]
    assert broken(shifts, "call_frequency") == []


# --- the whole


def test_residents_are_judged_apart_and_reported_in_order() -> None:
    shifts = [shift(0, 7, 29, who="Zed"), shift(0, 7, 29, who="Amy"), shift(1, 12, 8, who="Bo")]
    assert [violation.resident for violation in judge(shifts)] == ["Amy", "Zed"]


def test_no_shifts_break_no_rule() -> None:
    assert judge([]) == ()


def test_a_shift_needs_a_zone_and_an_end_after_its_start() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Shift("Lee", datetime(2026, 7, 6), datetime(2026, 7, 7))
    with pytest.raises(ValueError, match="ends after"):
        Shift("Lee", MONDAY, MONDAY)


def test_a_year_of_sixty_residents_is_judged_within_a_second() -> None:
    year = [shift(day, 6, 15, who=f"R{number}") for number in range(60) for day in workdays(52, 6)]
    begin = thread_time()
    assert judge(year)
    assert thread_time() - begin < 2  # under one on an idle machine


moments = st.integers(0, 45 * 24 * 4).map(lambda quarters: MONDAY + timedelta(minutes=15 * quarters))
shifts_of_two = st.lists(
    st.builds(
        lambda who, start, quarters, call: Shift(who, start, start + timedelta(minutes=15 * quarters), call),
        st.sampled_from(["Lee", "Kim"]),
        moments,
        st.integers(1, 30 * 4),
        st.booleans(),
    ),
    max_size=40,
)


@given(shifts_of_two, st.integers(-400, 400))
def test_days_later_the_same_is_found_days_later(shifts: list[Shift], number: int) -> None:
    later = timedelta(days=number)
    moved = [replace(it, start=it.start + later, end=it.end + later) for it in shifts]
    expected = [replace(it, start=it.start + later, end=it.end + later) for it in judge(shifts)]
    assert list(judge(moved)) == expected


def split_at_midnight(it: Shift) -> list[Shift]:
    midnight = it.start.replace(hour=0, minute=0) + timedelta(days=1)
    if it.end <= midnight:
        return [it]
    return [replace(it, end=midnight), *split_at_midnight(replace(it, start=midnight))]


@given(shifts_of_two)
def test_splitting_shifts_at_midnight_changes_nothing(shifts: list[Shift]) -> None:
    assert judge([part for it in shifts for part in split_at_midnight(it)]) == judge(shifts)


@given(shifts_of_two.flatmap(lambda shifts: st.tuples(st.just(shifts), st.permutations(shifts))))
def test_the_order_of_rows_changes_nothing(pair: tuple[list[Shift], list[Shift]]) -> None:
    shifts, shuffled = pair
    assert judge(shuffled) == judge(shifts)


@settings(max_examples=30)
@given(shifts_of_two)
def test_the_worst_window_of_hours_is_as_bad_as_trying_every_quarter_of_an_hour(shifts: list[Shift]) -> None:
    mine = [it for it in shifts if it.resident == "Lee"]
    anchor = Shift("Bo", MONDAY, MONDAY + timedelta(days=46))  # four weeks to average over, whatever was drawn
    busy = {
        it.start + timedelta(minutes=15 * n)
        for it in mine
        for n in range(int((it.end - it.start).total_seconds() / 900))
    }
    hours = [quarter in busy for quarter in (MONDAY + timedelta(minutes=15 * n) for n in range(-28 * 96, 75 * 96))]
    total = worst = sum(hours[: 28 * 96])
    for place in range(28 * 96, len(hours)):
        total += hours[place] - hours[place - 28 * 96]
        worst = max(worst, total)
    found = [it.measured for it in judge([*mine, anchor]) if it.resident == "Lee" and it.rule == "weekly_hours"]
    assert max(found, default=0) == (round(worst / 16, 3) if worst / 16 > 80 else 0)
