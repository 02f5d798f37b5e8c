"""What a conversation is called: the first words of its first message, or a neutral name where patient data may stand.

Pure, and no model is asked.
"""

from __future__ import annotations

import time

_WORDS_CHARS = 60


def title_from(text: str) -> str:
    """The first words of a message: of its first line, where a pasted table may follow."""
    first_line = text.lstrip()[: 4 * _WORDS_CHARS].partition("\n")[0]
    words = " ".join(first_line.split())
    if len(words) <= _WORDS_CHARS:
        return words
    return words[:_WORDS_CHARS].rsplit(" ", 1)[0].rstrip(",;:.-") + "…"


def neutral_title(created_at: float) -> str:
    """`Conversation 12:40`, by the server's clock. `created_at`: seconds since 1970."""
    return time.strftime("Conversation %H:%M", time.localtime(created_at))
