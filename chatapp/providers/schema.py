"""JSON Schemas made small enough for model servers that keep only part of them.

Which servers those are is left to the adapters; arguments are validated against the whole schema elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEPT = ("type", "description", "enum", "required")

Schema = dict[str, Any]


def narrowed(schema: Mapping[str, Any]) -> Schema:
    """The schema with every `$ref` written out and only what Ollama keeps: anything else is lost on its way in.

    `oneOf` and `allOf` of one become `anyOf` and their content, `const` an `enum` of one. A schema that contains itself
    ends there as an object of any kind. See ollama/ollama `api/types.go` (ToolFunction, ToolProperty).
    """
    return _narrowed(schema, schema, ())


def _narrowed(schema: Mapping[str, Any], root: Mapping[str, Any], inside: tuple[str, ...]) -> Schema:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in inside:
            return {"type": "object"}
        described = {"description": schema["description"]} if "description" in schema else {}
        return _narrowed(_target(reference, root), root, (*inside, reference)) | described
    if len(schema.get("allOf", ())) == 1:
        beside = {name: value for name, value in schema.items() if name != "allOf"}
        return _narrowed({**schema["allOf"][0], **beside}, root, inside)
    kept = {name: schema[name] for name in _KEPT if name in schema}
    if "const" in schema:
        kept["enum"] = [schema["const"]]
    if isinstance(schema.get("items"), Mapping):
        kept["items"] = _narrowed(schema["items"], root, inside)
    if "properties" in schema:
        kept["properties"] = {name: _narrowed(part, root, inside) for name, part in schema["properties"].items()}
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        kept["anyOf"] = [_narrowed(choice, root, inside) for choice in choices]
    return kept


def _target(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `#/…` pointer names (RFC 6901); an object of any kind where it names nothing here."""
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return {"type": "object"}
        found = found[name]
    return found if isinstance(found, Mapping) else {"type": "object"}
