"""Which addresses in a reply may be followed, and what a reader has to see of them.

Only http, https and mailto, with a host that a browser reads exactly as it is shown. Everything else is no
link. Building the node is left to markdown.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatapp.web.nodes import clean

_LONGEST = 2_000
_LONGEST_HOST = 253
_WEB = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE)
_MAIL = re.compile(r"(?:mailto:)?([\w.+-]+@[a-z0-9.-]+)(?:\?.*)?", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"((?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_FORBIDDEN = re.compile(r"[\s\\\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be followed. `shown`: its host in ASCII, or the mail address."""

    href: str
    shown: str

    def is_named_by(self, text: str) -> bool:
        """Whether the visible text already says where the link goes."""
        bare = re.sub(r"^(https?://|mailto:)", "", text.strip().lower())
        return bare == self.shown or re.split(r"[/?#:]", bare, maxsplit=1)[0] == self.shown


def read_link(address: str) -> Link | None:
    """Read an address as a browser would; None where it is of another scheme or could be misread.

    A host in other letters is given in its ASCII form (RFC 3490), so that look-alikes show. The query of a
    mail address (subject, body, copies) is dropped: it would be filled in by whoever wrote the reply.
    """
    if len(address) > _LONGEST or _FORBIDDEN.search(address) or clean(address) != address:
        return None
    if web := _WEB.fullmatch(address):
        return _web_link(web[1].lower(), web[2], web[3])
    if mail := _MAIL.fullmatch(address):
        return Link(f"mailto:{mail[1]}", mail[1].lower())
    return None


def _web_link(scheme: str, authority: str, rest: str) -> Link | None:
    if len(authority) > _LONGEST_HOST:
        return None
    try:
        plain = authority if authority.isascii() else authority.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    host = _HOST.fullmatch(plain.lower())
    if host is None:
        return None
    return Link(f"{scheme}://{host[0]}{rest}", host[1])
