"""JSON as we take it from strangers: one meaning for every reader, or none at all.

Refuses what parsers disagree about (duplicate names, NaN, lone surrogates, huge numbers) and what only hurts (depth).
What the values mean is left to `frames.py` and `api.py`.
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

MOST_DEPTH: Final = 8
MOST_NUMBER: Final = 2**53
_MOST_DIGITS: Final = 17


class NotStrict(ValueError):
    """The text is no JSON, or none that we take. Holds nothing of it."""


def read_json(text: str | bytes) -> Any:
    """Parse a text.

    Raises:
        NotStrict: it is malformed, names a field twice, is nested deeper than 8, or holds a number beyond ±2⁵³,
            a NaN, an infinity or half a surrogate pair.
    """
    try:
        orjson.loads(text)  # the grammar and the surrogates: the other one is lenient there, this one about names
        value = _DECODER.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError):
        raise NotStrict("not JSON as it is taken here") from None
    if _is_deeper_than(value, MOST_DEPTH):
        raise NotStrict("nested too deeply")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NotStrict("a name stands there twice")
    return fields


def _int(digits: str) -> int:
    if len(digits) > _MOST_DIGITS or abs(int(digits)) > MOST_NUMBER:
        raise NotStrict("a number is too large")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if abs(value) > MOST_NUMBER:
        raise NotStrict("a number is too large")
    return value


def _is_deeper_than(value: object, most: int) -> bool:
    """Level by level, so that no depth can exhaust the stack."""
    level = [value]
    for _ in range(most):
        level = [inner for each in level for inner in _inside(each) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_int=_int, parse_float=_float)
