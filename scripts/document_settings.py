"""Writes every setting, with its default and its meaning, into `.env.example` and the table in README.md.

The words stand in `chatapp/settings.py`, once; a test holds both files to them.
Run: `python -m scripts.document_settings`.
"""

from __future__ import annotations

import typing
from pathlib import Path

from pydantic.fields import FieldInfo

from chatapp.settings import Settings, as_text

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- settings -->\n", "<!-- end of settings -->\n"
_HEAD = """\
# Every setting with its default. Copy this file to .env and change what differs; empty means unset.
# What stands in the environment itself wins over .env. `chatapp doctor` prints which value came from where.
"""


def env_example() -> str:
    """The text of `.env.example`."""
    entries = (f"\n# {_meaning(field)}\n{field.alias}={as_text(field.default)}\n" for field in _fields())
    return _HEAD + "".join(entries)


def table() -> str:
    """The table of README.md, with the marks around it."""
    rows = (f"| `{field.alias}` | {_default(field)} | {_meaning(field)} |\n" for field in _fields())
    return BEGIN + "| Name | Default | Meaning |\n|---|---|---|\n" + "".join(rows) + END


def with_table(readme: str) -> str:
    """README.md with its table made anew."""
    before, rest = readme.split(BEGIN)
    return before + table() + rest.split(END)[1]


def _fields() -> list[FieldInfo]:
    return list(Settings.model_fields.values())


def _meaning(field: FieldInfo) -> str:
    """What a setting means; its choices, where it has some."""
    choices = typing.get_args(field.annotation) if typing.get_origin(field.annotation) is typing.Literal else ()
    listed = f" (one of {', '.join(choices)})" if choices else ""
    return f"{field.description}{listed}"


def _default(field: FieldInfo) -> str:
    return f"`{as_text(field.default)}`" if field.default is not None else "unset"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
