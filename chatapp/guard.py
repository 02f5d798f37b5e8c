"""The airgap inside one process: connections, datagrams and look-ups beyond the configured hosts are refused unsent.

Python tells an audit hook of each of them, and a hook cannot be taken off again. What has a network code of its own
and tells nobody (uvloop) may not be imported. What other processes do is left to the operator: see docs/airgap.md.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import logging
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from chatapp.airgap import Endpoint
from chatapp.ports import AirgapProof, Clock
from chatapp.privacy.locality import Address, LocalNetwork, bare, is_host_name, numeric

logger = logging.getLogger(__name__)

PROOF_ADDRESS: Final = "192.0.2.1"
"""Of a range nobody may use (RFC 5737): even a packet that got out would arrive nowhere."""
PROOF_NAME: Final = "airgap-proof.invalid"
"""A name that nobody may have (RFC 6761)."""
KEPT_OUT: Final = frozenset({"anthropic", "uvloop"})
"""Top-level packages that are not imported here: the cloud's SDK, and network code that tells no audit hook."""

_PROOF_SECONDS: Final = 5.0
_PROOF_PORT: Final = 443
_ROLL_CALL: Final = "chatapp.guard.roll_call"
_PROGRAMS: Final = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")
_FAMILIES: Final = frozenset({-1, socket.AF_INET, socket.AF_INET6, socket.AF_UNIX})
_KINDS: Final = frozenset({-1, socket.SOCK_STREAM, socket.SOCK_DGRAM})
_MOST_REMEMBERED: Final = 100
_WRAPPED: Final = ("connect", "connect_ex", "sendto", "sendmsg", "bind")

Check = Callable[[tuple[object, ...]], None]
Attempt = Callable[[], Awaitable[object]]


class WayOut(PermissionError):
    """Something tried to leave the airgapped process and was refused. Names host and port, never text."""

    def __init__(self, what: str) -> None:
        super().__init__(errno.EACCES, f"the airgap refused {what}")


class _Present(Exception):
    """The hook's answer to the roll call."""


class Guard:
    """Keeps a process inside the house. It stands where `install` was called, and nothing takes it off again.

    Args:
        endpoints: the hosts and ports that may be talked to, as far as they are in the house. A name among them is
            connected to at those addresses that it was found at and that `network` has in the house.
        now: seconds since 1970.
    """

    def __init__(self, endpoints: Sequence[Endpoint], network: LocalNetwork, *, now: Clock = time.time) -> None:
        self._network = network
        self._now = now
        self._ports: dict[str, set[int]] = {}
        self._found: dict[str, set[Address]] = {}
        for endpoint in endpoints:
            if network.why_not_host(endpoint.host) is not None:
                continue
            self._ports.setdefault(endpoint.host, set()).add(endpoint.port)
            self._found[endpoint.host] = {a for a in [numeric(endpoint.host)] if a and self._is_here(endpoint.host, a)}
        self._token = object()
        self._wrappers: dict[str, object] = {}
        self._refused = 0
        self._last_refused: str | None = None
        self._named: set[str] = set()
        self._proof: AirgapProof | None = None

    def __repr__(self) -> str:
        held = "not proven" if self._proof is None else "holds" if self._proof.holds else "DOES NOT HOLD"
        return f"<Guard of {', '.join(self._ports) or 'nobody'}: {held}, {self._refused} refused>"

    def install(self) -> None:
        """Stand guard over this process from now on.

        Raises:
            RuntimeError: what it cannot watch is loaded already.
        """
        if loaded := KEPT_OUT & sys.modules.keys():
            raise RuntimeError(f"{', '.join(sorted(loaded))} is loaded, and an airgapped process may not have it")
        self._wrap_what_looks_up_by_itself()
        sys.addaudithook(self._hook())

    # --- what is refused ---

    def _hook(self) -> Callable[[str, tuple[object, ...]], None]:
        checks: Mapping[str, Check] = {
            "socket.__new__": self._on_socket,
            "socket.connect": self._on_address,
            "socket.sendto": self._on_address,
            "socket.sendmsg": self._on_address,
            "socket.getaddrinfo": self._on_name,
            "socket.gethostbyname": self._on_name,
            "socket.gethostbyaddr": self._on_reverse,
            "socket.getnameinfo": self._on_reverse,
            "import": self._on_import,
            _ROLL_CALL: self._on_roll_call,
            **dict.fromkeys(_PROGRAMS, self._on_program),
        }

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            check = checks.get(event)  # every `open` and `import` of the process comes by: nothing else here
            if check is not None:
                check(arguments)

        return hook

    def _on_socket(self, arguments: tuple[object, ...]) -> None:
        """Sockets that speak past TCP and UDP, and bare ones, which look names up before anybody is asked."""
        made, family, kind, *_ = arguments
        flags = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        plain = isinstance(kind, int) and (kind == -1 or kind & ~flags in _KINDS)
        if type(made) is socket.SocketType or family not in _FAMILIES or not plain:
            raise self._refusal("a raw socket")

    def _on_address(self, arguments: tuple[object, ...]) -> None:
        address = arguments[1]
        match address:
            case None:
                return  # a socket that is connected, and was asked about then
            case (str(host), int(port), *_):
                found = numeric(host)
                if found is None or not self._admits(found, port):
                    raise self._refusal(f"a connection to {_shown(host)} port {port}", to=bare(host))
            case _:
                raise self._refusal("a connection that is none of TCP or UDP")

    def _admits(self, address: Address, port: int) -> bool:
        return any(port in ports and address in self._found[host] for host, ports in self._ports.items())

    def _on_name(self, arguments: tuple[object, ...]) -> None:
        host = arguments[0]
        written = host.decode("latin-1") if isinstance(host, bytes | bytearray) else host
        if written is None or written == "":
            return
        if not isinstance(written, str) or (numeric(written) is None and bare(written) not in self._ports):
            raise self._refusal(f"a look-up of {_shown(str(written))}", to=bare(str(written)))

    def _on_reverse(self, arguments: tuple[object, ...]) -> None:
        raise self._refusal("the look-up of an address's name")

    def _on_program(self, arguments: tuple[object, ...]) -> None:
        raise self._refusal("to start a program: nothing would watch it")

    def _on_import(self, arguments: tuple[object, ...]) -> None:
        name = str(arguments[0])
        if name.partition(".")[0] in KEPT_OUT:
            raise ImportError(f"the airgap keeps {name} out", name=name)

    def _on_roll_call(self, arguments: tuple[object, ...]) -> None:
        if arguments[0] is self._token:
            raise _Present

    def _refusal(self, what: str, *, to: str = "") -> WayOut:
        """The error, counted; said once in the log for each thing that is tried. Our own proof does not count."""
        refusal = WayOut(what)
        if to not in (PROOF_ADDRESS, PROOF_NAME):
            self._refused += 1
            self._last_refused = what
            if what not in self._named and len(self._named) < _MOST_REMEMBERED:
                self._named.add(what)
                logger.warning("%s", refusal.strerror)
        return refusal

    # --- names ---

    def _wrap_what_looks_up_by_itself(self) -> None:
        """Ask before a socket does: given a name, `connect` and its like look it up first and audit afterwards."""
        for name in _WRAPPED:
            wrapper = self._asking_first(name)
            self._wrappers[name] = wrapper
            setattr(socket.socket, name, wrapper)
        look_up = socket.getaddrinfo

        @functools.wraps(look_up)
        def getaddrinfo(
            host: str | bytes | None, port: str | int | None, *more: int, **named: int
        ) -> list[tuple[object, ...]]:
            found = look_up(host, port, *more, **named)
            self._remember(host, [str(address[0]) for *_, address in found])
            return list(found)

        setattr(socket, "getaddrinfo", getaddrinfo)  # noqa: B010 - an assignment would be a promise about its type

    def _asking_first(self, name: str) -> Callable[..., object]:
        inner = getattr(socket.socket, name)
        check = self._on_bind if name == "bind" else self._on_address
        place = {"sendto": -1, "sendmsg": 3}.get(name, 0)

        @functools.wraps(inner)
        def asking(made: socket.socket, *arguments: object) -> object:
            if arguments and place < len(arguments):
                check((made, arguments[place]))
            return inner(made, *arguments)

        return asking

    def _on_bind(self, arguments: tuple[object, ...]) -> None:
        match arguments[1]:
            case (str(host), *_) if host not in ("", "localhost") and numeric(host) is None:
                raise self._refusal(f"a look-up of {_shown(host)}", to=bare(host))
            case _:
                return

    def _remember(self, host: object, addresses: Sequence[str]) -> None:
        """Where a configured name was found, as far as that is in the house: there it may be connected to."""
        name = bare(host.decode("latin-1") if isinstance(host, bytes) else str(host))
        if name in self._found and numeric(name) is None:
            here = {found for address in addresses if (found := numeric(address)) and self._is_here(name, found)}
            known = self._found[name]
            self._found[name] = here | known if len(known) < _MOST_REMEMBERED else here

    def _is_here(self, host: str, address: Address) -> bool:
        return self._network.why_not(host, str(address)) is None

    # --- the proof ---

    def view(self) -> AirgapProof | None:
        """The last proof, with what was refused besides; None before the first."""
        return self._proof and replace(self._proof, refused=self._refused, last_refused=self._last_refused)

    async def run(self, every_s: float) -> None:
        """Prove it again and again, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            if hole := (await self.prove()).hole:
                logger.error("the airgap does not hold: %s", hole)

    async def prove(self) -> AirgapProof:
        """Try every way out and see it refused. Nothing is tried where the guard does not answer first."""
        hole = self._why_not_to_try() or await self._first_hole()
        at = self._now()
        since = None if hole else at
        if self._proof is not None and self._proof.since is not None and not hole:
            since = self._proof.since
        self._proof = AirgapProof(at, since, hole, self._refused, self._last_refused)
        return self._proof

    def _why_not_to_try(self) -> str | None:
        if not isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop):
            return "the event loop has network code that the guard does not see"
        if any(socket.socket.__dict__.get(name) is not wrapper for name, wrapper in self._wrappers.items()):
            return "something has replaced a part of the guard"
        try:
            sys.audit(_ROLL_CALL, self._token)
        except _Present:
            return None
        return "no guard stands in this process"

    async def _first_hole(self) -> str | None:
        """The first way out that was not refused; None where all were."""
        loop = asyncio.get_running_loop()
        ways: Mapping[str, Attempt] = {
            "a connection": lambda: loop.create_connection(asyncio.Protocol, PROOF_ADDRESS, _PROOF_PORT),
            "a datagram": lambda: loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, remote_addr=(PROOF_ADDRESS, _PROOF_PORT)
            ),
            "a look-up": lambda: loop.getaddrinfo(PROOF_NAME, _PROOF_PORT),
            "a connection by name": lambda: asyncio.to_thread(socket.create_connection, (PROOF_NAME, _PROOF_PORT)),
            "a socket's own look-up": lambda: asyncio.to_thread(_connect_bare, (PROOF_NAME, _PROOF_PORT)),
        }
        for way, attempt in ways.items():
            try:
                async with asyncio.timeout(_PROOF_SECONDS):
                    await attempt()
            except WayOut:
                continue
            except Exception as other:  # noqa: BLE001 - whatever else came of it, the guard did not refuse it
                return f"{way} ended with {type(other).__name__}"
            return f"{way} was made"
        return None


def _connect_bare(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(address)


def _shown(host: str) -> str:
    """A host as an operator may read it; what is no host name is text that somebody wrote."""
    return host if numeric(host) is not None or is_host_name(host) else "something that is no host name"
