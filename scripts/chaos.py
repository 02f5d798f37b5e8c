"""Patient data while everything local fails: does a byte of it reach a cloud that is well? Counts, and says so.

The whole house over real HTTP and WebSockets: the local stand-in fails in every way there is, the cloud stand-in is
healthy and searches each byte it is sent for the mark that every private turn carries. Run, for the long form:
`python -m scripts.chaos --turns 100000 [--seed 1]`. Exit 1 where a byte arrived, or a turn had not exactly one end.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import orjson
import uvicorn
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from chatapp.app import create_app
from chatapp.commands.serve import address_of, config, listen
from chatapp.demo.anthropic import StandInAnthropic, stream
from chatapp.demo.ollama import StandInOllama, chunk, end_chunk, line
from chatapp.demo.scenes import Cut, Hang, Pause, Raw, Received, Reset, Scene, Send, Status
from chatapp.settings import Settings

MARK: Final = "zqkanari"
"""Part of every canary: no word of any language, and read as a name by whoever reads names."""
SEASON_TURNS: Final = 2000
BATCHES_A_LIFE: Final = 8
STORY_S: Final = 60.0
HARD: Final = "Compare the trade-offs of night float and 24-hour call step by step, and weigh them."
ROSTER: Final = "Please validate this schedule.\nresident,date,start,end\nR1,2026-07-01,07:00,23:00\n"
ROWS: Final = "R1,2026-07-02,05:00,17:00\nR2,2026-07-02,07:00,19:00\n"
NAMING: Final = "Make up an example for teaching, and name a person in it. Weigh it step by step."
HELD: Final = "Say more about night float, slowly, and compare step by step."
ENDS: Final = ("done", "error")
SHORT_WAITS: Final = {
    "OLLAMA_TIMEOUT": "0.15",
    "CHATAPP_IDLE_LOCAL_SECONDS": "0.15",
    "CHATAPP_MODEL_LOAD_SECONDS": "0.2",
    "CHATAPP_CONNECT_LOCAL_SECONDS": "1",
    "CHATAPP_PROBE_SECONDS": "1",
    "CHATAPP_DRAIN_SECONDS": "2",
    "CHATAPP_DISK_FLOOR_BYTES": "0",
    "ANTHROPIC_API_KEY": "stand-in",
}

Frame = dict[str, Any]


# --- the two model servers -------------------------------------------------------------------------------------------


def ways_to_fail(elsewhere: str) -> dict[str, Scene]:
    """Everything a local model server may do instead of answering. `elsewhere`: where a redirect points."""
    first = Send(line(chunk("llama3.2", "The answer ")))
    return {
        "hang": (Hang(),),
        "slow to begin": (Pause(0.6), first, Send(line(end_chunk("llama3.2")))),
        "slow in the middle": (first, Pause(0.6), Send(line(end_chunk("llama3.2")))),
        "hang in the middle": (first, Hang()),
        "cut in the middle": (first, Cut()),
        "reset": (Reset(),),
        "reset in the middle": (first, Reset()),
        "ends without its end mark": (first,),
        "says nothing": (Send(line(end_chunk("llama3.2"))),),
        "sends nothing": (Send(b""),),
        "garbage": (Send(b"\x00\xff{not json\n"),),
        "garbage in the middle": (first, Send(b'{"message": 7}\n')),
        "no HTTP at all": (Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),),
        "an error in a line": (Send(b'{"error": "an error was encountered while running the model"}\n'),),
        "an error in the middle": (first, Send(b'{"error": "unexpected EOF"}\n')),
        "runs elsewhere": (Send(line(chunk("llama3.2", "The ") | {"remote_host": "https://ollama.com"})),),
        "redirect": (Status(307, {"location": elsewhere}),),
        "400": (Status(400, {}, b'{"error": "invalid options"}'),),
        "401": (Status(401, {}, b'{"error": "unauthorized"}'),),
        "404": (Status(404, {}, b'{"error": "model not found"}'),),
        "429": (Status(429, {"retry-after": "1"}, b'{"error": "slow down"}'),),
        "500": (Status(500, {}, b'{"error": "something went wrong"}'),),
        "502 as HTML": (Status(502, {"content-type": "text/html"}, b"<html>Bad gateway</html>"),),
        "503 busy": (
            Status(503, {}, b'{"error": "server busy, please try again. maximum pending requests exceeded"}'),
        ),
        "504": (Status(504, {}, b""),),
        "a line without end": (first, Send(b'{"message": "' + b"x" * 1_100_000)),
    }


class Local(StandInOllama):
    """A local model server. `scene`: what every chat call gets; None answers well."""

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None

    def reply(self, request: Received) -> Scene:
        """Fail as the batch wants it."""
        model = request.json["model"]
        return self.scene or (Send(line(chunk(model, "An answer from here."))), Send(line(end_chunk(model))))


class Searched(list[Received]):
    """The requests a server was sent: each is searched for the mark when it comes, then only counted."""

    def __init__(self) -> None:
        super().__init__()
        self.number = self.bytes = self.marked = 0

    def append(self, request: Received) -> None:
        """Search it."""
        sent = f"{request.path} {request.headers!r}".encode() + request.body
        self.number += 1
        self.bytes += len(request.body)
        self.marked += sent.lower().count(MARK.encode())


class Recorder(StandInAnthropic):
    """A cloud that is well. Asked for it, it names somebody in its answer, or hands such a name to a tool."""

    def __init__(self, canaries: Iterator[str]) -> None:
        super().__init__()
        self.requests = self.searched = Searched()
        self._canaries = canaries

    def reply(self, request: Received) -> Scene:
        """What the question in it asks for."""
        if b"validate this schedule" in request.body and b"tool_result" not in request.body:
            rows = f"{private(next(self._canaries))},2026-07-01,07:00,23:00\n"
            use = {"type": "tool_use", "id": "toolu_1", "name": "validate_schedule", "input": {"schedule": rows}}
            return tuple(map(Send, stream([use])))
        if b"name a person in it" in request.body:
            frames = [Send(sent) for sent in stream([[private(next(self._canaries)), *[" Words about nothing."] * 40]])]
            return (*frames[:-4], Pause(0.5), *frames[-4:])
        if b"slowly" in request.body:
            return tuple(step for sent in stream([[" word"] * 40]) for step in (Send(sent), Pause(0.02)))
        return super().reply(request)


def canaries(seed: int) -> Iterator[str]:
    """Names that nobody else has, one for each private turn."""
    for number in itertools.count(seed * 1_000_000):
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        yield f"{MARK.capitalize()}{letters}"


def private(canary: str) -> str:
    """What nobody may send out."""
    return f"Mrs. {canary} in bed 12, MRN 4482913, has a potassium of 6.1."


# --- what was seen ---------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What a run has counted. `private`: turns that carried a canary."""

    seed: int
    private: int = 0
    turns: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cloud_requests: int = 0
    cloud_bytes: int = 0
    marked: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing left, and every turn had its one end, with a cloud that was there all the time."""
        return self.marked == 0 and not self.wrong and self.cloud_requests > 0

    def lines(self) -> Iterator[str]:
        """The figures for a person."""
        yield f"{self.private:,} private turns of {self.turns:,}, seed {self.seed}, {self.seconds:,.0f} s, "
        yield f"  {self.turns / self.seconds:.0f} turns/s, {memory_mb():.0f} MB at most"
        yield f"cloud: {self.cloud_requests:,} requests of {self.cloud_bytes:,} bytes; canaries in them: {self.marked}"
        for name, counted in (("ends", self.ends), ("stories", self.stories), ("local model", self.ways)):
            yield f"{name}: " + ", ".join(f"{what} {count:,}" for what, count in counted.most_common())
        yield from (f"WRONG: {what}" for what in self.wrong[:20])
        yield "holds" if self.holds else "DOES NOT HOLD"


def memory_mb() -> float:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- a person who talks to the house ---------------------------------------------------------------------------------


class Talk:
    """One browser with one conversation."""

    def __init__(self, socket: ClientConnection, http: httpx2.AsyncClient, figures: Figures) -> None:
        self._socket = socket
        self._http = http
        self._figures = figures
        self._ends: Counter[str] = Counter()
        self._numbers = itertools.count(1)
        self.id: str | None = None
        self.locked = False

    async def ask(self, text: str, *, canary: str | None = None, lock: bool = False, **fields: Any) -> Frame:
        """Ask, and read to the end. `lock`: mark it as patient data once the first words are there."""
        if self.id is not None:
            fields["conversation"] = self.id
        key = f"{id(self)}-{next(self._numbers)}-{time.monotonic_ns()}"
        await self._send(type="chat", id=key, text=text, **fields)
        turn = None
        while True:
            frame = await self._next()
            if frame["type"] == "turn" and frame["id"] == key:
                turn = frame["turn"]
            elif frame["type"] == "error" and "re" in frame:
                self._figures.wrong.append(f"refused: {frame['code']}")
                return frame
            elif frame["type"] == "delta" and lock:
                await self._send(type="lock", conversation=self.id, turn=turn)
                lock = False
            elif frame["type"] in ENDS and frame["turn"] == turn:
                self._count(frame, canary)
                return frame

    async def attach(self, text: str) -> str:
        """Hand in a file; its id."""
        answer = await self._http.post("/api/attachments?name=list.txt", content=text.encode())
        return str(answer.json()["id"])

    async def leave(self) -> None:
        """Read what may still come, and see that every turn ended once, and a private conversation is locked."""
        await self._send(type="ping")
        while (await self._next())["type"] != "pong":
            pass
        if set(self._ends.values()) - {1}:
            self._figures.wrong.append(f"ends of turns: {self._ends}")
        if not self.locked:
            self._figures.wrong.append(f"{self.id} is not locked")

    async def _send(self, **frame: Any) -> None:
        await self._socket.send(orjson.dumps(frame).decode())

    async def _next(self) -> Frame:
        frame: Frame = orjson.loads(await self._socket.recv())
        if frame["type"] == "conversation":
            self.id, self.locked = frame["id"], self.locked or frame["locked"]
        elif frame["type"] in ENDS and "turn" in frame:
            self._ends[frame["turn"]] += 1
        return frame

    def _count(self, end: Frame, canary: str | None) -> None:
        figures = self._figures
        figures.turns += 1
        figures.private += canary is not None
        figures.ends[f"done {end['finish']}" if end["type"] == "done" else end["code"]] += 1


Story = Callable[[Talk, Iterator[str], str], Coroutine[Any, Any, None]]


async def begins_with_it(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A first question that is private, and one that looks as if it were not."""
    canary = next(names)
    await talk.ask(private(canary), canary=canary, mode=mode)
    await talk.ask(f"{HARD} And {canary.lower()}?", canary=canary, provider="anthropic")


async def comes_to_it(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A question for the cloud, then a private one, then one that the cloud would be good at."""
    canary = next(names)
    await talk.ask(HARD, mode=mode)
    await talk.ask(private(canary), canary=canary)
    await talk.ask(HARD, canary=canary, provider="anthropic")


async def attaches_it(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A file that holds it beyond what a model is shown."""
    canary = next(names)
    file = await talk.attach("A line about nothing.\n" * 40 + private(canary))
    await talk.ask("Compare what is in this file, step by step.", canary=canary, mode=mode, attachments=[file])


async def splits_it(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A number in two messages."""
    canary = next(names)
    await talk.ask(f"{HARD} The record number is MRN", mode=mode)
    await talk.ask("4482913", canary=canary)
    await talk.ask(f"{HARD} {canary.lower()}", canary=canary, provider="anthropic")


async def marks_it(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A user who locks while the cloud is answering, then says what no rule would find."""
    canary = next(names)
    await talk.ask(HELD, lock=True, mode="cloud")
    await talk.ask(f"{HARD} {canary.lower()}", canary=canary, provider="anthropic")


async def is_told_it(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A cloud that names a person by itself."""
    canary = next(names)
    await talk.ask(NAMING, canary=canary, mode="cloud")
    await talk.ask(f"{HARD} {canary.lower()}", canary=canary, provider="anthropic")


async def gets_it_from_a_tool(talk: Talk, names: Iterator[str], mode: str) -> None:
    """A tool whose answer holds it."""
    canary = next(names)
    await talk.ask(ROSTER + ROWS, canary=canary, mode="cloud")
    await talk.ask(f"{HARD} {canary.lower()}", canary=canary, provider="anthropic")


STORIES: Final[tuple[Story, ...]] = (
    begins_with_it,
    comes_to_it,
    attaches_it,
    splits_it,
    marks_it,
    is_told_it,
    gets_it_from_a_tool,
)


# --- the house, season by season -------------------------------------------------------------------------------------


@dataclass
class Chaos:
    """A run: seasons over fresh folders, two lives of the server in each, batches of stories in each life."""

    figures: Figures
    at_once: int
    local: Local
    cloud: Recorder
    names: Iterator[str]
    dice: random.Random
    left_over: list[str] = field(default_factory=list)

    async def season(self, turns: int) -> None:
        """Until so many private turns are there; a restart in the middle loosens nothing."""
        self.left_over = []
        with tempfile.TemporaryDirectory(prefix="chaos") as folder:
            for until in (self.figures.private + turns // 2, self.figures.private + turns):
                async with (
                    self._house(Path(folder)) as url,
                    httpx2.AsyncClient(base_url=url, trust_env=False, timeout=STORY_S) as http,
                ):
                    await self._go_on(url, http)
                    while self.figures.private < until:
                        await self._batch(url, http)
            self._look_into(Path(folder) / "chatapp.sqlite3")

    @asynccontextmanager
    async def _house(self, folder: Path) -> AsyncIterator[str]:
        given = {"CHATAPP_DATA_DIR": str(folder), "OLLAMA_URL": self.local.url, "ANTHROPIC_BASE_URL": self.cloud.url}
        settings = Settings.from_environ(SHORT_WAITS | given)
        listener = listen("127.0.0.1", 0)
        server = uvicorn.Server(config(create_app(settings), settings, lifespan="on"))
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - it does not say when
            await asyncio.sleep(0.01)
        try:
            yield address_of(listener)
        finally:
            server.should_exit = True
            await serving

    async def _batch(self, url: str, http: httpx2.AsyncClient) -> None:
        """Some stories side by side while the local model fails in one way; the breaker begins afresh."""
        ways = ways_to_fail(f"{self.cloud.url}/v1/messages")
        way = self.dice.choice([*ways, "refuse", "well"])
        await self.local.fail("refuse" if way == "refuse" else "none")
        self.local.scene = ways.get(way)
        await http.post("/api/breakers/ollama/reset", headers={"origin": url})
        stories = self.dice.choices(STORIES, k=self.at_once)
        before = self.figures.turns
        async with asyncio.timeout(STORY_S), asyncio.TaskGroup() as people:
            for story in stories:
                people.create_task(self._tell(url, http, story, self.dice.choice(("hybrid", "cloud"))))
        self.figures.ways[way] += self.figures.turns - before
        await self.local.fail("none")

    async def _tell(self, url: str, http: httpx2.AsyncClient, story: Story, mode: str) -> None:
        async with self._socket(url) as socket:
            talk = Talk(socket, http, self.figures)
            await story(talk, self.names, mode)
            await talk.leave()
        self.figures.stories[story.__name__] += 1
        if talk.id is not None and len(self.left_over) < self.at_once:
            self.left_over.append(talk.id)

    async def _go_on(self, url: str, http: httpx2.AsyncClient) -> None:
        """After a restart: conversations of the life before are as private as they were."""
        left_over, self.left_over = self.left_over, []
        for id in left_over:
            async with self._socket(url) as socket:
                talk = Talk(socket, http, self.figures)
                talk.id = id
                await talk.ask(f"{HARD} {MARK}", canary=MARK, provider="anthropic")
                await talk.leave()

    @asynccontextmanager
    async def _socket(self, url: str) -> AsyncIterator[ClientConnection]:
        address = url.replace("http", "ws", 1) + "/ws/chat"
        async with connect(address, origin=url, proxy=None, compression=None, max_size=None) as socket:  # type: ignore[arg-type]
            yield socket

    def _look_into(self, file: Path) -> None:
        """What is stored says the same: one end for each turn."""
        question = "SELECT turn FROM turn_log GROUP BY turn HAVING SUM(type IN ('done', 'error')) != 1"
        with closing(sqlite3.connect(file)) as database:
            odd = database.execute(question).fetchall()
            kept = database.execute("SELECT COUNT(*) FROM turns").fetchone()[0]
        self.figures.wrong += [f"stored turn {turn} has not one end" for (turn,) in odd]
        if kept == 0:
            self.figures.wrong.append("nothing was stored")


async def run(turns: int, *, seed: int, at_once: int = 48, say: Callable[[str], None] = lambda text: None) -> Figures:
    """So many private turns, and what was seen."""
    figures, names, begun = Figures(seed), canaries(seed), time.monotonic()
    async with Local() as local, Recorder(names) as cloud:
        chaos = Chaos(figures, at_once, local, cloud, names, random.Random(seed))
        while figures.private < turns:
            await chaos.season(min(SEASON_TURNS, turns - figures.private))
            figures.seconds = time.monotonic() - begun
            figures.cloud_requests, figures.cloud_bytes = cloud.searched.number, cloud.searched.bytes
            figures.marked = cloud.searched.marked
            say(f"{figures.private:,} private turns, {figures.seconds:,.0f} s, {memory_mb():.0f} MB at most")
    return figures


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=100_000, help="private turns (default: 100000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=48, help="conversations side by side")
    asked = parser.parse_args()
    figures = uvloop.run(
        run(asked.turns, seed=asked.seed, at_once=asked.at_once, say=lambda text: print(text, flush=True))
    )
    print("\n".join(figures.lines()))
    return 0 if figures.holds else 1


if __name__ == "__main__":
    sys.exit(main())
