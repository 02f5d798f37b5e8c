"""`?render=blocks`: whatever a browser saw, and whenever it came back, it holds the blocks of the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from chatapp.demo.ollama import chunk, end_chunk, line, tool_call
from chatapp.demo.scenes import Pause, Scene, Send
from chatapp.web.markdown import render
from tests.house import Browser, Frame, House, one, open_house, text_of

MODEL = "llama3.2"
ROSTER = (
    "Is this roster legal?\nresident,start,end\n"
    "Kim,2026-11-02 07:00,2026-11-03 19:00\nLee,2026-11-02 07:00,2026-11-02 19:00"
)
MARKDOWN = (
    "# Potassium\n\nThe **normal** range is `3.5`–5.0 mmol/l, see [late][ref].\n\n"
    "| Level | What to do |\n|---|---|\n| < 3.0 | replace |\n| > 6.0 | *ECG* now |\n\n"
    "1. Check\n   - the sample\n   - the **dose\n\n2. Ask\n\n```python\ndef dose(mmol):\n    return mmol * 2\n```\n\n"
    "A setext heading\n---\n\n> A quote\nthat goes on\n\n- [x] done\n- [ ] open\n\n<b>no HTML</b> $x^2$ é 🙂\n\n[ref]: https://example.org\n"
)


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def reply(text: str, size: int = 8) -> Scene:
    """The text in pieces that arrive one after the other."""
    spoken = [step for piece in pieces(text, size) for step in (Send(line(chunk(MODEL, piece))), Pause(0.001))]
    return (*spoken, Send(line(end_chunk(MODEL))))


class Page:
    """What a browser holds of one turn: text segments with their blocks, as the contract says they are kept."""

    def __init__(self) -> None:
        self.texts = [""]
        self.blocks: list[list[Any]] = [[]]

    def take(self, frame: Frame) -> None:
        if frame["type"] == "reset":
            self.texts, self.blocks = [""], [[]]
        if frame["type"] in ("delta", "reset"):
            self.texts[-1] += frame["text"]
        for index, node in frame.get("blocks", ()):
            if node is None:
                del self.blocks[-1][index]
            else:
                self.blocks[-1][index : index + 1] = [node]
        if frame["type"] in ("tool_call", "route"):
            self.texts.append("")
            self.blocks.append([])

    def assert_true(self) -> None:
        assert self.blocks == [wire(render(text)) for text in self.texts]


def wire(nodes: Sequence[Any]) -> Any:
    """Nodes as JSON carries them."""
    return orjson.loads(orjson.dumps(nodes))


def seen(frames: Sequence[Frame], turn: str) -> Page:
    page = Page()
    for frame in frames:
        if frame.get("turn") == turn:
            page.take(frame)
    return page


async def rest_of(browser: Browser, turn: str, after: int) -> list[Frame]:
    start = len(browser.frames)
    await browser.send("resume", turn=turn, after=after)
    await browser.until("done", turn=turn)
    return browser.frames[start:]


@pytest.mark.parametrize("size", [7, 40, 1000])
async def test_joined_deltas_are_the_text_and_applied_blocks_are_its_blocks(tmp_path: Path, size: int) -> None:
    async with open_house(tmp_path) as house, house.browser("?render=blocks") as browser:
        house.ollama.script(reply(MARKDOWN, size))
        frames = await browser.ask("What is a normal potassium?")
    page = seen(frames, one(frames, "done")["turn"])
    assert page.texts[-1] == text_of(frames) == MARKDOWN
    assert all("blocks" in frame for frame in frames if frame["type"] == "delta")
    page.assert_true()


async def test_without_asking_nobody_gets_blocks(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.ollama.script(reply(MARKDOWN))
        frames = await browser.ask("What is a normal potassium?")
    assert not [frame for frame in frames if "blocks" in frame]


async def ask_with_a_tool(house: House, browser: Browser) -> list[Frame]:
    """A reply in two segments: Markdown, a tool call, Markdown."""
    called = chunk(MODEL, tool_calls=[tool_call("call_1", "validate_schedule", {"schedule": ROSTER})])
    first = (*reply("Let us **see**:\n\n- [a][late]\n- b", 2)[:-1], Send(line(called)), Send(line(end_chunk(MODEL))))
    house.ollama.script(first, reply("## Found\n\n[late]: https://example.org\n\n[a][late] | *x", 2))
    return await browser.ask(ROSTER)


async def test_a_tool_call_ends_a_segment_with_its_last_changes(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser("?render=blocks") as browser:
        frames = await ask_with_a_tool(house, browser)
    page = seen(frames, one(frames, "done")["turn"])
    assert one(frames, "tool_result")["ok"]
    assert len([text for text in page.texts if text]) == 2
    page.assert_true()


async def test_resumed_from_any_event_the_page_comes_out_the_same(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        async with house.browser("?render=blocks") as browser:
            frames = await ask_with_a_tool(house, browser)
        turn = one(frames, "done")["turn"]
        numbered = [frame for frame in frames if frame.get("turn") == turn]
        async with house.browser("?render=blocks") as browser:
            for cut in range(len(numbered)):
                after = numbered[cut - 1]["seq"] if cut else 0
                rest = await rest_of(browser, turn, after)
                seen([*numbered[:cut], *rest], turn).assert_true()


async def test_a_slow_reader_gets_merged_deltas_and_the_same_page(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser("?render=blocks") as browser:
        house.ollama.script(reply(MARKDOWN))
        done = one(await browser.ask("What is a normal potassium?"), "done")
        rest = await rest_of(browser, done["turn"], 0)
    merged = [frame for frame in rest if "first" in frame]
    assert len(merged) == 1
    assert merged[0]["text"] == MARKDOWN
    seen(rest, done["turn"]).assert_true()


@pytest.mark.parametrize("after", [-1, 10_000])
async def test_after_a_reset_the_page_is_whole(tmp_path: Path, after: int) -> None:
    async with open_house(tmp_path) as house, house.browser("?render=blocks") as browser:
        house.ollama.script(reply(MARKDOWN))
        done = one(await browser.ask("What is a normal potassium?"), "done")
        rest = await rest_of(browser, done["turn"], after)
    page = seen(rest, done["turn"])
    assert page.texts == [MARKDOWN]
    page.assert_true()


async def test_a_running_turn_goes_on_after_a_reset_from_the_blocks_that_were_told(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ={"CHATAPP_REPLAY_BYTES": "1"}) as house:
        async with house.browser("?render=blocks") as browser:
            house.ollama.script(reply(MARKDOWN))
            frames = await browser.ask("What is a normal potassium?")
        page = seen(frames, one(frames, "done")["turn"])
    assert [frame for frame in frames if frame["type"] == "reset"]
    assert page.texts[-1] == MARKDOWN
    page.assert_true()


async def test_the_history_shows_the_same_blocks(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser("?render=blocks") as browser:
        frames = await ask_with_a_tool(house, browser)
        page = seen(frames, one(frames, "done")["turn"])
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{frames[0]['id']}?render=blocks")).json()
    told = [segment["blocks"] for segment in read["turns"][0]["segments"] if segment["type"] == "text"]
    assert told == [blocks for blocks in page.blocks if blocks]
