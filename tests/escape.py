"""Every way out of a process that its authors could think of, tried one after the other; run as a program.

    python -m tests.escape [--guarded] HOST PORT NAME

Prints one line of JSON: for each way `refused`, `made`, or the error that stopped it. With `--guarded` the guard of an
airgapped house stands over it first.
"""

from __future__ import annotations

import _socket
import argparse
import asyncio
import http.client
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future

import aiohttp
import httpx2

from chatapp.airgap import Endpoint
from chatapp.guard import Guard, WayOut
from chatapp.privacy.locality import LocalNetwork
from chatapp.providers.transport import http_client

LIMIT_S = 2.0
SAID = b"canary"


class Escape:
    """The ways, each a method that raises where it is stopped."""

    def __init__(self, host: str, port: int, name: str) -> None:
        self.host, self.port, self.name = host, port, name

    def ways(self) -> dict[str, Callable[[], object]]:
        return {name: getattr(self, name) for name in dir(type(self)) if name.startswith("by_")}

    # sockets

    def by_connect(self) -> None:
        with tcp() as made:
            made.connect((self.host, self.port))

    def by_connect_ex(self) -> None:
        with tcp() as made:
            if code := made.connect_ex((self.host, self.port)):
                raise OSError(code, "connect_ex")

    def by_create_connection(self) -> None:
        socket.create_connection((self.host, self.port), LIMIT_S).close()

    def by_mapped_address(self) -> None:
        with socket.socket(socket.AF_INET6) as made:
            made.settimeout(LIMIT_S)
            made.connect((f"::ffff:{self.host}", self.port))

    def by_sendto(self) -> None:
        with udp() as made:
            made.sendto(SAID, (self.host, self.port))

    def by_sendto_with_flags(self) -> None:
        with udp() as made:
            made.sendto(SAID, 0, (self.host, self.port))

    def by_sendmsg(self) -> None:
        with udp() as made:
            made.sendmsg([SAID], [], 0, (self.host, self.port))

    def by_datagrams(self) -> None:
        with udp() as made:
            made.connect((self.host, self.port))
            made.send(SAID)

    def by_fast_open(self) -> None:
        with tcp() as made:
            made.sendto(SAID, socket.MSG_FASTOPEN, (self.host, self.port))

    def by_bare_socket(self) -> None:
        made = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
        try:
            made.sendto(SAID, (self.name, self.port))
        finally:
            made.close()

    def by_the_class_below(self) -> None:
        with udp() as made:
            _socket.socket.sendto(made, SAID, (self.host, self.port))

    # names

    def by_connect_to_a_name(self) -> None:
        with tcp() as made:
            made.connect((self.name, self.port))

    def by_sendto_a_name(self) -> None:
        with udp() as made:
            made.sendto(SAID, (self.name, self.port))

    def by_bind_to_a_name(self) -> None:
        with udp() as made:
            made.bind((self.name, 0))

    def by_getaddrinfo(self) -> None:
        socket.getaddrinfo(self.name, self.port)

    def by_getaddrinfo_of_bytes(self) -> None:
        socket.getaddrinfo(self.name.encode(), self.port)

    def by_getaddrinfo_below(self) -> None:
        _socket.getaddrinfo(self.name, self.port)

    def by_gethostbyname(self) -> None:
        socket.gethostbyname(self.name)

    def by_gethostbyname_ex(self) -> None:
        socket.gethostbyname_ex(self.name)

    def by_gethostbyaddr(self) -> None:
        socket.gethostbyaddr(self.host)

    def by_getnameinfo(self) -> None:
        socket.getnameinfo((self.host, self.port), socket.NI_NAMEREQD)

    # the event loop that an airgapped server runs on, and what stands on it

    def by_the_loop(self) -> None:
        async def leave() -> None:
            _, writer = await asyncio.open_connection(self.host, self.port)
            writer.close()

        run(leave)

    def by_the_loops_datagrams(self) -> None:
        async def leave() -> None:
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, remote_addr=(self.host, self.port)
            )
            transport.sendto(SAID)
            await asyncio.sleep(0)
            transport.close()

        run(leave)

    def by_the_loops_unconnected_datagrams(self) -> None:
        async def leave() -> None:
            loop = asyncio.get_running_loop()
            failures: Future[Exception] = Future()

            class Listening(asyncio.DatagramProtocol):
                def error_received(self, exc: Exception) -> None:
                    failures.set_result(exc)

            transport, _ = await loop.create_datagram_endpoint(Listening, local_addr=("127.0.0.1", 0))
            transport.sendto(SAID, (self.host, self.port))
            transport.close()
            if failures.done():
                raise failures.result()

        run(leave)

    def by_the_loops_sock_connect(self) -> None:
        async def leave() -> None:
            with tcp() as made:
                made.setblocking(False)
                await asyncio.get_running_loop().sock_connect(made, (self.host, self.port))

        run(leave)

    def by_the_loops_sock_sendto(self) -> None:
        async def leave() -> None:
            with udp() as made:
                made.setblocking(False)
                await asyncio.get_running_loop().sock_sendto(made, SAID, (self.host, self.port))

        run(leave)

    def by_the_loops_look_up(self) -> None:
        async def leave() -> None:
            await asyncio.get_running_loop().getaddrinfo(self.name, self.port)

        run(leave)

    def by_aiohttp(self) -> None:
        async def leave() -> None:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_S)) as session:
                await session.get(f"http://{self.host}:{self.port}/")

        run(leave)

    def by_aiohttp_and_a_name(self) -> None:
        async def leave() -> None:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_S)) as session:
                await session.get(f"http://{self.name}:{self.port}/")

        run(leave)

    def by_our_own_client(self) -> None:
        async def leave() -> None:
            async with http_client(connect_s=LIMIT_S, pool_s=1, read_s=LIMIT_S) as client:
                await client.get(f"http://{self.host}:{self.port}/")

        run(leave)

    def by_httpx2(self) -> None:
        httpx2.get(f"http://{self.host}:{self.port}/", timeout=LIMIT_S, trust_env=False)

    def by_an_environments_proxy(self) -> None:
        with httpx2.Client(proxy=f"http://{self.host}:{self.port}", timeout=LIMIT_S) as client:
            client.get("http://192.0.2.9/")

    def by_http_client(self) -> None:
        http.client.HTTPConnection(self.host, self.port, timeout=LIMIT_S).request("GET", "/")

    def by_urllib(self) -> None:
        urllib.request.urlopen(f"http://{self.host}:{self.port}/", timeout=LIMIT_S)

    # around the guard

    def by_a_thread(self) -> None:
        raised: list[BaseException] = []

        def leave() -> None:
            try:
                self.by_connect()
            except OSError as error:
                raised.append(error)

        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
        for error in raised:
            raise error

    def by_a_fork(self) -> None:
        child = os.fork()
        if child == 0:
            try:
                self.by_connect()
            except WayOut:
                os._exit(7)
            finally:
                os._exit(1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7:
            raise WayOut("a connection in a child")

    def by_a_program(self) -> None:
        code = f"import socket; socket.create_connection(({self.host!r}, {self.port}), {LIMIT_S})"
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

    def by_a_shell(self) -> None:
        os.system("true")

    def by_uvloop(self) -> None:
        importlib.import_module("uvloop")

    def by_the_clouds_sdk(self) -> None:
        importlib.import_module("anthropic")


def tcp() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.settimeout(LIMIT_S)
    return made


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def run(leave: Callable[[], object]) -> None:
    async def within() -> None:
        async with asyncio.timeout(LIMIT_S):
            await leave()  # type: ignore[misc]

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(within())


def outcome(way: Callable[[], object]) -> str:
    try:
        way()
    except Exception as error:  # noqa: BLE001 - whatever stopped it is the answer
        return "refused" if is_refused(error) else f"{type(error).__name__}: {error}"
    return "made"


def is_refused(error: BaseException | None) -> bool:
    """Whether the guard is at the bottom of it: libraries wrap what they are told."""
    if error is None:
        return False
    if isinstance(error, WayOut) or (isinstance(error, ImportError) and "the airgap keeps" in str(error)):
        return True
    below = (error.__cause__, error.__context__, getattr(error, "reason", None))
    return any(is_refused(one) for one in below if isinstance(one, BaseException))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--guarded", action="store_true")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("name")
    given = parser.parse_args()
    if given.guarded:
        Guard([Endpoint("OLLAMA_URL", "127.0.0.1", 9)], LocalNetwork()).install()
    print(json.dumps({name: outcome(way) for name, way in Escape(given.host, given.port, given.name).ways().items()}))


if __name__ == "__main__":
    main()
