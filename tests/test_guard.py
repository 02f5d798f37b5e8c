"""The guard of an airgapped process, seen from outside: it stands for good, so each story has a process of its own."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import textwrap

import pytest

from chatapp.airgap import Endpoint
from chatapp.guard import Guard, WayOut
from chatapp.privacy.locality import LocalNetwork
from tests.commands.program import ROOT, clean_environment
from tests.escape import Escape
from tests.recorder import Recorder, recording

WAYS = sorted(Escape("", 0, "").ways())


def escape(*how: str) -> dict[str, str]:
    """How each way out ended, in a process that tried them all."""
    told: dict[str, str] = json.loads(program("-m", "tests.escape", *how))
    return told


def program(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=50,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def guarded(story: str, *, endpoints: str = "", hosts: str = "", loop: str = "asyncio.new_event_loop") -> object:
    """What a coroutine's body says (`said`) in a process over which `guard` stands."""
    code = f"""
import asyncio, socket, sys
from chatapp.airgap import Endpoint
from chatapp.guard import Guard, WayOut
from chatapp.privacy.locality import LocalNetwork
clock = iter(range(1000, 2000)).__next__
guard = Guard([{endpoints}], LocalNetwork.parse({hosts!r}), now=clock)
async def story():
    said = []
{textwrap.indent(textwrap.dedent(story), "    ")}
    print(repr(said))
with asyncio.Runner(loop_factory={loop}) as runner:
    runner.run(story())
"""
    return ast.literal_eval(program("-c", code))


@pytest.fixture(scope="module")
def told() -> tuple[dict[str, str], Recorder]:
    with recording("127.0.0.1") as outside:
        return escape("--guarded", "127.0.0.1", str(outside.port), "outside.example"), outside


@pytest.mark.parametrize("way", WAYS)
def test_R10_no_way_leads_out_of_a_guarded_process(way: str, told: tuple[dict[str, str], Recorder]) -> None:
    assert told[0][way] == "refused"


def test_R10_and_nothing_arrived_where_they_lead(told: tuple[dict[str, str], Recorder]) -> None:
    assert told[1].heard == []


def test_R10_without_the_guard_the_same_ways_arrive() -> None:
    with recording("127.0.0.1") as outside:
        ended = escape("127.0.0.1", str(outside.port), "127.0.0.1")
    assert "refused" not in ended.values()
    assert len(outside.heard) >= 20


def test_R10_a_configured_host_is_reached_at_its_port_and_no_other() -> None:
    with recording("127.0.0.1") as ollama, recording("127.0.0.1") as neighbour:
        said = guarded(
            f"""
            guard.install()
            for port in ({ollama.port}, {neighbour.port}):
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    said.append("made")
                except WayOut as refused:
                    said.append(refused.strerror.replace(str(port), "PORT"))
            """,
            endpoints=f'Endpoint("OLLAMA_URL", "127.0.0.1", {ollama.port})',
        )
    assert said == ["made", "the airgap refused a connection to 127.0.0.1 port PORT"]
    assert (ollama.heard, neighbour.heard) == (["connection"], [])


def test_R10_a_configured_name_is_reached_where_it_is_found_and_a_bare_address_is_not() -> None:
    with recording("127.0.0.1") as ollama:
        said = guarded(
            f"""
            guard.install()
            for host in ("127.0.0.1", "localhost", "127.0.0.1"):
                try:
                    _, writer = await asyncio.open_connection(host, {ollama.port}, family=socket.AF_INET)
                    writer.close()
                    said.append("made")
                except WayOut:
                    said.append("refused")
            """,
            endpoints=f'Endpoint("OLLAMA_URL", "localhost", {ollama.port})',
        )
    assert said == ["refused", "made", "made"]


@pytest.mark.parametrize(
    ("found", "hosts", "ended"),
    [
        ("203.0.113.7", "", "refused"),
        ("169.254.169.254", "gpu.internal", "refused"),
        ("127.0.0.1", "", "made"),
        ("::ffff:127.0.0.1", "", "made"),
    ],
)
def test_P02_a_configured_name_that_comes_to_mean_something_outside_is_refused(
    found: str, hosts: str, ended: str
) -> None:
    with recording("127.0.0.1") as ollama:
        said = guarded(
            f"""
            def resolver(host, port, *more, **named):  # whoever answers for the machine's name server
                family = socket.AF_INET6 if ":" in {found!r} else socket.AF_INET
                return [(family, socket.SOCK_STREAM, 6, "", ({found!r}, port))]
            socket.getaddrinfo = resolver
            guard.install()
            try:
                _, writer = await asyncio.open_connection("gpu.internal", {ollama.port})
                writer.close()
                said.append("made")
            except WayOut:
                said.append("refused")
            """,
            endpoints=f'Endpoint("OLLAMA_URL", "gpu.internal", {ollama.port})',
            hosts=hosts,
        )
    assert said == [ended]


def test_R10_a_host_outside_is_not_let_through_because_the_settings_name_it() -> None:
    said = guarded(
        """
        guard.install()
        try:
            await asyncio.get_running_loop().getaddrinfo("ollama.example", 80)
        except WayOut:
            said.append("refused")
        """,
        endpoints='Endpoint("OLLAMA_URL", "ollama.example", 80)',
    )
    assert said == ["refused"]


def test_R10_the_proof_says_when_and_since_when() -> None:
    said = guarded(
        """
        guard.install()
        for _ in range(3):
            proof = await guard.prove()
            said.append((proof.holds, proof.since, proof.at, proof.hole, proof.refused))
        said.append(repr(guard))
        """
    )
    assert said == [
        (True, 1000, 1000, None, 0), (True, 1000, 1001, None, 0), (True, 1000, 1002, None, 0),
        "<Guard of nobody: holds, 0 refused>",
    ]  # fmt: skip


def test_R10_what_else_tried_to_get_out_is_counted_and_the_proof_is_not() -> None:
    said = guarded(
        """
        guard.install()
        await guard.prove()
        for port in (1, 1, 2):
            try:
                socket.create_connection(("203.0.113.7", port))
            except WayOut:
                pass
        try:
            socket.getaddrinfo("Mrs Okonkwo, bed 12", 80)
        except WayOut:
            pass
        view = guard.view()
        said.append((view.refused, view.last_refused))
        """
    )
    assert said == [(4, "a look-up of something that is no host name")]


@pytest.mark.parametrize(
    ("spoilt", "hole"),
    [
        ("pass", "no guard stands in this process"),
        ("other = Guard([], LocalNetwork()); other.install()", "no guard stands in this process"),
        ("guard.install(); socket.socket.connect = socket.SocketType.connect", "something has replaced a part"),
    ],
)
def test_R10_where_no_guard_answers_nothing_is_tried(spoilt: str, hole: str) -> None:
    said = guarded(
        f"""
        {spoilt}
        tried = []
        sys.addaudithook(lambda event, arguments: tried.append(event) if event.startswith("socket.") else None)
        proof = await guard.prove()
        said += [proof.holds, proof.since, proof.hole, tried]
        """
    )
    assert isinstance(said, list)
    assert said[:2] == [False, None]
    assert str(said[2]).startswith(hole)
    assert said[3] == []


def test_R10_a_loop_with_network_code_of_its_own_is_a_hole_and_nothing_is_tried_on_it() -> None:
    said = guarded("said.append((await guard.prove()).hole)", loop="__import__('uvloop').new_event_loop")
    assert said == ["the event loop has network code that the guard does not see"]


def test_R10_a_proof_that_failed_begins_a_new_row() -> None:
    said = guarded(
        """
        guard.install()
        kept = socket.socket.connect
        for connect in (kept, socket.SocketType.connect, kept):
            socket.socket.connect = connect
            proof = await guard.prove()
            said.append((proof.at, proof.since))
        """
    )
    assert said == [(1000, 1000), (1001, None), (1002, 1002)]


@pytest.mark.parametrize("loaded", ["uvloop", "anthropic"])
def test_R10_where_it_is_too_late_to_keep_something_out_no_guard_pretends_to(loaded: str) -> None:
    said = guarded(
        f"""
        import {loaded}
        try:
            guard.install()
        except RuntimeError as late:
            said.append(str(late))
        """
    )
    assert said == [f"{loaded} is loaded, and an airgapped process may not have it"]


def test_R10_a_refusal_names_host_and_port_and_is_an_operating_systems_error() -> None:
    refusal = WayOut("a connection to 203.0.113.7 port 443")
    assert isinstance(refusal, PermissionError)
    assert refusal.strerror == "the airgap refused a connection to 203.0.113.7 port 443"
    guard = Guard([Endpoint("OLLAMA_URL", "127.0.0.1", 1)], LocalNetwork())
    assert repr(guard) == "<Guard of 127.0.0.1: not proven, 0 refused>"
