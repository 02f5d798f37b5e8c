"""JSON from strangers: what parsers disagree about is refused, everything else means what it says."""

from __future__ import annotations

import json
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.web.strict import MOST_DEPTH, MOST_NUMBER, NotStrict, read_json

NUMBERS = st.integers(-MOST_NUMBER, MOST_NUMBER) | st.floats(-1e15, 1e15)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_what_is_well_formed_and_flat_enough_is_read_as_it_was_written(value: object) -> None:
    if depth_of(value) <= MOST_DEPTH:
        assert read_json(orjson.dumps(value)) == value
    else:
        with pytest.raises(NotStrict):
            read_json(orjson.dumps(value))


@given(st.text(max_size=40) | st.binary(max_size=40))
def test_whatever_comes_there_is_one_kind_of_refusal(text: str | bytes) -> None:
    with suppress(NotStrict):
        assert read_json(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        '{"a": 1',
        '{"a": 1}}',
        "{'a': 1}",
        '{"a": 1,}',
        "\ufeff{}",
        '{"a": "\n"}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e400}',
        '{"a": 1e16}',
        '{"a": 01}',
        '{"a": 0x1}',
        '{"a": 9007199254740993}',
        '{"a": -9007199254740993}',
        f'{{"a": {"9" * 100_000}}}',
        '{"a": 1, "a": 1}',
        '{"a": 1, "\\u0061": 2}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": "\\ud800"}',
        '{"a": "\\udc00\\ud800"}',
        '{"\\ud800": 1}',
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[[[[[[[[[]]]]]]]]]",
        "[[[[[[[[{}]]]]]]]]",
    ],
)
def test_c06_what_is_not_strict_is_refused(text: str) -> None:
    with pytest.raises(NotStrict):
        read_json(text)


@pytest.mark.parametrize(
    "text",
    ["[[[[[[[[1]]]]]]]]", '{"a": 9007199254740992}', '"\\ud83d\\ude42"', '"\\u0000"', '{"a": 1.5e3}', "-0", "null"],
)
def test_what_only_looks_odd_is_taken(text: str) -> None:
    assert read_json(text) == json.loads(text)


def test_a_refusal_holds_nothing_of_the_text() -> None:
    with pytest.raises(NotStrict) as refused:
        read_json('{"Okonkwo": 1, "Okonkwo": 2}')
    assert "Okonkwo" not in repr(refused.value)
