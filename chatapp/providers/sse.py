"""Server-sent events: blocks of bytes in, the data of whole events out, however the network cut them.

What the data means is left to each API's file. Split on bytes, never on text: a JSON string may hold any line separator
that Unicode has.
"""

from __future__ import annotations


class EventTooLong(ValueError):
    """More bytes without an end than an event may have."""


class EventReader:
    """Cuts a stream into events.

    See the HTML standard, section 9.2.6, "Interpreting an event stream". Event names, ids and comments are dropped:
    the APIs spoken here say everything in the data.

    Args:
        most_bytes: of one event.
    """

    def __init__(self, *, most_bytes: int = 1_048_576) -> None:
        self._most_bytes = most_bytes
        self._unfinished = b""
        self._data: list[bytes] = []

    def read(self, block: bytes) -> list[bytes]:
        """The data of the events that this block ends. What it only begins is kept.

        Raises:
            EventTooLong: an event goes over the limit.
        """
        *lines, self._unfinished = (self._unfinished + block).split(b"\n")
        ended = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].strip())
                self._watch(b"")
            elif self._data and not line.rstrip(b"\r"):
                ended.append(b"\n".join(self._data))
                self._data.clear()
        self._watch(self._unfinished)
        return ended

    def _watch(self, unfinished: bytes) -> None:
        if len(unfinished) + sum(map(len, self._data)) > self._most_bytes:
            raise EventTooLong(f"an event of more than {self._most_bytes} bytes")
