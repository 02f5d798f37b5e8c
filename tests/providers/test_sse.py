from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.providers.sse import EventReader, EventTooLong

TEXTS = st.lists(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1)
    .map(str.strip)
    .filter(bool),
    max_size=8,
)
LINE_ENDS = st.sampled_from([b"\n", b"\r\n"])


def chunked(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    return [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]


@given(TEXTS, LINE_ENDS, st.lists(st.integers(0, 10_000), max_size=20))
def test_events_are_the_same_for_every_chunking(texts: list[str], line_end: bytes, cuts: list[int]) -> None:
    events = [text.encode().strip() for text in texts]
    stream = b"".join(b"event: e" + line_end + b"data: " + event + line_end * 2 for event in events)
    reader = EventReader()
    assert [event for block in chunked(stream, cuts) for event in reader.read(block)] == [e for e in events if e]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\n", [b"one"]),
        (b"data:one\n\n", [b"one"]),
        (b"data: one\ndata: two\n\n", [b"one\ntwo"]),
        (b": ping\n\nid: 7\n\nevent: e\n\n", []),
        (b"\n\n\ndata: one\n\n\n\n", [b"one"]),
        (b"data: one\n\ndata: not ended\n", [b"one"]),
        ("data: a\u0085b\u2028c\n\n".encode(), ["a\u0085b\u2028c".encode()]),
    ],
)
def test_a_stream_is_cut_into_the_data_of_whole_events(stream: bytes, events: list[bytes]) -> None:
    assert EventReader().read(stream) == events


@pytest.mark.parametrize("block", [b"x" * 11, b"data: 12345678901\n", b"data: 123456\ndata: 123456\n"])
def test_an_event_over_the_limit_is_refused(block: bytes) -> None:
    with pytest.raises(EventTooLong):
        EventReader(most_bytes=10).read(block)
