from __future__ import annotations

from typing import Any

import pytest

from chatapp.providers.schema import narrowed

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {"type": "object", "properties": {"a": TEXT | {"minLength": 1}}, "required": ["a"], "title": "T"},
            {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
        ),
        (
            {"properties": {"a": {"$ref": "#/$defs/A", "description": "mine"}}, "$defs": {"A": TEXT | {"title": "A"}}},
            {"properties": {"a": TEXT | {"description": "mine"}}},
        ),
        (
            {"items": {"allOf": [{"$ref": "#/$defs/A"}], "description": "mine"}, "$defs": {"A": TEXT}},
            {"items": TEXT | {"description": "mine"}},
        ),
        ({"oneOf": [TEXT, {"type": "null"}]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"anyOf": [TEXT | {"pattern": "x"}]}, {"anyOf": [TEXT]}),
        ({"const": 3}, {"enum": [3]}),
        ({"enum": ["a", "b"], "default": "a"}, {"enum": ["a", "b"]}),
        ({"properties": {"default": TEXT}}, {"properties": {"default": TEXT}}),
        ({"$ref": "#/$defs/nobody"}, {"type": "object"}),
        ({"$ref": "https://elsewhere.example/schema"}, {"type": "object"}),
        ({"items": {"$ref": "#/$defs/a~1b"}, "$defs": {"a/b": TEXT}}, {"items": TEXT}),
    ],
    ids=[
        "only what is kept",
        "a reference is written out",
        "a reference in an allOf of one",
        "oneOf",
        "anyOf",
        "const",
        "enum",
        "a property may have any name",
        "a reference to nothing",
        "a reference to elsewhere",
        "an escaped reference",
    ],
)
def test_a_schema_is_narrowed(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert narrowed(schema) == expected


def test_a_schema_that_contains_itself_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    inner = {"type": "object", "properties": {"next": {"type": "object"}}}
    assert narrowed({"$ref": "#/$defs/Node", "$defs": {"Node": node}}) == inner
