"""A turn's log: every event has its number, in memory, merged, in the store and back, however it is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp import events
from chatapp.chat.log import LetGo, Numbered, TurnLog, events_of, rows_of
from chatapp.events import Event
from chatapp.messages import Usage

words = st.text(max_size=8)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
some_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(events.Delta, words),
    st.builds(events.Delta, words),
    st.builds(events.Thinking, words),
    st.builds(events.Turn, words, words),
    st.builds(events.Status, st.sampled_from(["queued", "loading_model"]), st.none() | st.integers(1, 5)),
    st.builds(events.ToolCall, words, words, st.dictionaries(words, plain_json, max_size=3)),
    st.builds(events.ToolResult, words, st.booleans(), words, st.floats(0, 1e6)),
    st.builds(events.Fallback, words, words, words),
    st.builds(events.Error, words, words, st.booleans(), st.none() | st.floats(0, 300)),
    st.builds(events.Done, st.sampled_from(["stop", "stopped"]), words, words, st.builds(Usage, st.integers(0, 9))),
)
tellings = st.lists(some_events, max_size=30)


def log_of(told: list[Event], **limits: int) -> TurnLog:
    log = TurnLog("t1", "c1", "ann", **limits)
    for event in told:
        log.add(event)
    return log


def flat(read: list[Numbered]) -> list[object]:
    """What a reader has in the end: words as they run on, and everything else by itself."""
    runs = itertools.groupby((event for _, _, event in read), key=type)
    return [
        (kind, "".join(event.text for event in run if isinstance(event, events.Delta | events.Thinking)))
        if kind in (events.Delta, events.Thinking)
        else list(run)
        for kind, run in runs
    ]


@given(tellings, st.lists(st.integers(0, 30)))
def test_any_events_come_back_from_the_store_however_they_were_split_into_saves(
    told: list[Event], cuts: list[int]
) -> None:
    log = log_of([])
    rows = []
    for start, end in itertools.pairwise(sorted({0, len(told), *(cut for cut in cuts if cut < len(told))})):
        for event in told[start:end]:
            log.add(event)
        rows += log.unsaved()
        log.mark_saved(log.seq)
    restored = TurnLog.restored("t1", "c1", "ann", rows)

    assert restored.events_after(0) == told
    assert (restored.seq, restored.saved) == (len(told), len(told))
    assert [row.first for row in rows] == [1, *(row.seq + 1 for row in rows)][: len(rows)]


@given(tellings, st.data())
def test_a_merged_reading_tells_the_same_from_any_place_to_any_other(told: list[Event], data: st.DataObject) -> None:
    after = data.draw(st.integers(0, len(told)))
    until = data.draw(st.integers(after, len(told)))
    read = list(log_of(told).read(after, until))

    assert flat(read) == flat([(seq, seq, event) for seq, event in enumerate(told[after:until], after + 1)])
    assert [first for first, _, _ in read] == [after + 1, *(seq + 1 for _, seq, _ in read)][: len(read)]
    assert (read[-1][1] if read else after) == until


@given(tellings, st.lists(st.integers(0, 30)))
def test_readers_at_any_pace_hear_the_same(told: list[Event], stops: list[int]) -> None:
    log, at, read = log_of([]), 0, []
    for number, event in enumerate(told, 1):
        log.add(event)
        if number in stops or number == len(told):
            read += list(log.read(at))
            at = log.seq
    assert flat(read) == flat([(seq, seq, event) for seq, event in enumerate(told, 1)])


@given(tellings, st.integers(0, 400), st.lists(st.integers(0, 30), max_size=5))
def test_what_memory_lets_go_was_saved_and_the_rest_keeps_its_numbers(
    told: list[Event], keep_bytes: int, saves: list[int]
) -> None:
    log = log_of([], keep_bytes=keep_bytes)
    for number, event in enumerate(told, 1):
        log.add(event)
        if number in saves:
            log.mark_saved(number)
    assert log.base <= log.saved
    assert log.seq == len(told)
    assert log.events_after(log.base) == told[log.base :]
    assert [event for row in log.unsaved() for event in events_of(row)] == told[log.saved :]


def test_memory_is_bounded_by_what_is_not_saved_yet() -> None:
    log = log_of([], keep_bytes=10_000)
    for number in range(1, 5001):
        log.add(events.Delta("word "))
        if number % 50 == 0:
            log.mark_saved(number)
    assert log.seq - log.base < 200


@pytest.mark.parametrize("after", [0, 1])
def test_a_reader_that_is_too_far_behind_is_told_so_instead_of_something_else(after: int) -> None:
    log = log_of([events.Delta("abc"), events.Delta("def"), events.Done("stop")], keep_bytes=1)
    log.mark_saved(2)
    assert log.base == 2
    for reading in (log.read, log.events_after):
        with pytest.raises(LetGo):
            reading(after)
    assert log.events_after(2) == [events.Done("stop")]


def test_readers_are_woken_by_each_event_until_they_leave() -> None:
    log, woken = log_of([]), []
    wake = lambda: woken.append(log.seq)  # noqa: E731 - the same object twice
    log.watchers.add(wake)
    log.add(events.Delta("a"))
    log.add(events.Done("stop"))
    log.watchers.discard(wake)
    log.add(events.Delta("b"))
    assert woken == [1, 2]


def test_a_run_of_words_is_one_row() -> None:
    told: list[Event] = [events.Delta("Hé"), events.Delta(""), events.Delta("llo"), events.Thinking("x")]
    first, second = rows_of("t1", told, 7)
    assert (first.first, first.seq, first.type) == (8, 10, "delta")
    assert (second.first, second.seq, second.type) == (11, 11, "thinking")
    assert events_of(first) == told[:3]


def test_a_log_says_how_it_stands() -> None:
    assert repr(log_of([events.Done("stop")])) == "<TurnLog t1: 1 events, 0 saved, ended>"
