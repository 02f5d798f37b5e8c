"""The one way text that somebody typed or a model wrote goes into a column and comes out again.

Plain for now. Encryption at rest is another `Codec`, and no query changes for it: none looks into coded text.
"""

from __future__ import annotations

from typing import Protocol


class Codec(Protocol):
    """Text as it is read, and as it stands in the file. `decode(encode(text)) == text` for every text."""

    def encode(self, text: str) -> str:
        """The form that is stored."""

    def decode(self, stored: str) -> str:
        """The text again."""


class PlainCodec:
    """Text stands in the file as it is."""

    def encode(self, text: str) -> str:
        """The text itself."""
        return text

    def decode(self, stored: str) -> str:
        """The text itself."""
        return stored
