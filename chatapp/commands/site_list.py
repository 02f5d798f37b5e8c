"""`chatapp site-list`: known names and numbers in, one a line; out a list of their salted hashes for CHATAPP_SITE_LIST.

The names themselves are neither kept nor printed.
"""

from __future__ import annotations

import secrets
import sys
from typing import BinaryIO, TextIO

from chatapp.privacy.site_list import make, written


def site_list(lines: BinaryIO, out: TextIO) -> int:
    """Write the list; returns the exit code, 1 where nothing was given that could be listed."""
    entries = [line.decode("utf-8", "replace").strip() for line in lines]
    made = make(filter(None, entries), secrets.token_bytes(16))
    if not made.hashes:
        print("chatapp: no name or number of three characters or more was given, one a line", file=sys.stderr)
        return 1
    out.write(written(made))
    return 0
