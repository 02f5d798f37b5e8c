"""Somebody outside who writes down whatever arrives: connections and datagrams at one address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NO_SUCH_NAME = b"\x81\x83"
HEADER_BYTES = 12


class Recorder:
    """Listens for TCP and UDP on one port; `heard` is what came, in order.

    Args:
        port: 0 for any free one. names: whether datagrams are questions to a name server, and answered with a no.
    """

    def __init__(self, host: str, port: int = 0, *, names: bool = False) -> None:
        self.heard: list[str] = []
        self._names = names
        self._stream = socket.create_server((host, port))
        self.port = int(self._stream.getsockname()[1])
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind((host, self.port))
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._accept, self._receive)]
        for thread in self._threads:
            thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                made, _ = self._stream.accept()
                self.heard.append("connection")
                made.close()

    def _receive(self) -> None:
        with suppress(OSError):
            while True:
                asked, sender = self._datagrams.recvfrom(4096)
                if sender is None:
                    return
                self.heard.append("datagram")
                if self._names:
                    answer = asked[:2] + NO_SUCH_NAME + asked[4:6] + bytes(6) + asked[HEADER_BYTES:]
                    self._datagrams.sendto(answer, sender)

    def close(self) -> None:
        """Stop; all that had arrived is written down."""
        for listener in (self._stream, self._datagrams):
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join(timeout=5)


@contextmanager
def recording(host: str, port: int = 0, *, names: bool = False) -> Iterator[Recorder]:
    """A recorder until the block is left."""
    recorder = Recorder(host, port, names=names)
    try:
        yield recorder
    finally:
        recorder.close()
