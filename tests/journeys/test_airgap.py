"""An airgapped house, whole: it answers, it has no cloud in it, it proves that nothing gets out, and nothing does."""

from __future__ import annotations

import ast
import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import async_playwright, expect
from websockets.asyncio.client import connect

from chatapp.demo.ollama import StandInOllama, chunk, line
from chatapp.demo.replies import reply
from chatapp.demo.scenes import Hang, Pause, Send
from tests.commands.program import ROOT, Running, clean_environment, serving
from tests.house import MODELS, Browser, Frame, name_server, of, one, open_house, text_of
from tests.parts import CHROMIUM, NAMESPACE, needs_chromium, needs_namespace
from tests.test_guard import WAYS

PHI = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
LISTING = """
import atexit, pathlib, sys
from chatapp.__main__ import main
def list_what_is_loaded():
    modules = [(name, getattr(module, "__file__", None) or "") for name, module in sorted(sys.modules.items())]
    pathlib.Path("loaded").write_text(repr(modules))
atexit.register(list_what_is_loaded)
sys.exit(main())
"""
"""The program, and a list of what it had loaded when it ended."""
SPEAKING = (b"\0getaddrinfo\0", b"\0sendto\0", b"\0gethostbyname_r\0", b"\0res_query\0")
"""Names in the symbol table of native code that speaks with a network."""


@dataclass
class Airgapped:
    """A server in a process of its own, over a stand-in of this one."""

    ollama: StandInOllama
    server: Running
    folder: Path

    async def ask(self, text: str) -> list[Frame]:
        address = self.server.url.replace("http", "ws") + "/ws/chat"
        async with connect(address, origin=self.server.url, proxy=None, compression=None) as socket:  # type: ignore[arg-type]
            browser = Browser(socket)
            await browser.until("hello")
            return await browser.ask(text)

    async def health(self) -> dict[str, Any]:
        async with httpx2.AsyncClient(base_url=self.server.url, trust_env=False) as http:
            answer: dict[str, Any] = (await http.get("/api/health")).json()
        return answer

    async def stop(self) -> dict[str, str]:
        """End it; the modules it had loaded, with their files."""
        assert await asyncio.to_thread(self.server.stop) == (0, "")
        return dict(ast.literal_eval((self.folder / "loaded").read_text()))


@asynccontextmanager
async def airgapped(folder: Path, **environ: str) -> AsyncIterator[Airgapped]:
    async with StandInOllama(partial(reply, side="local"), models=MODELS) as ollama:
        given = {"OLLAMA_URL": ollama.url, "CHATAPP_DISK_FLOOR_BYTES": "0", "LLM_AIRGAP_MODE": "true", **environ}
        with serving("serve", folder=folder, environ=given, program=("-c", LISTING)) as server:
            yield Airgapped(ollama, server, folder)


async def test_R10_it_answers_and_neither_the_clouds_sdk_nor_unwatched_network_code_is_ever_loaded(
    tmp_path: Path,
) -> None:
    async with airgapped(tmp_path) as house:
        for question in (PHI, COMPLEX):
            frames = await house.ask(question)
            assert one(frames, "route")["provider"] == "ollama"
            assert text_of(frames)
        health = await house.health()
        loaded = await house.stop()
    assert list(health["providers"]) == ["ollama"]
    assert not {"anthropic", "uvloop"} & {name.partition(".")[0] for name in loaded}
    assert {"chatapp.app", "aiohttp", "asyncio"} <= loaded.keys()
    native = {name for name, file in loaded.items() if ".so" in file and speaks(Path(file))}
    assert native == {"_socket"}


async def test_R10_a_house_with_a_cloud_loads_both(tmp_path: Path) -> None:
    async with airgapped(
        tmp_path, LLM_AIRGAP_MODE="", ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL="http://127.0.0.1:9"
    ) as house:
        while "anthropic" not in (await house.health())["providers"]:
            continue
        await house.ask(COMPLEX)
        loaded = await house.stop()
    assert {"anthropic", "uvloop"} <= loaded.keys()


def speaks(file: Path) -> bool:
    content = file.read_bytes()
    return any(symbol in content for symbol in SPEAKING)


async def test_R10_the_proof_is_renewed_and_counts_nothing_but_what_others_tried(tmp_path: Path) -> None:
    async with airgapped(tmp_path, CHATAPP_AIRGAP_PROOF_SECONDS="0.02") as house:
        first = (await house.health())["airgap_proof"]
        later = first
        while later["at"] == first["at"]:
            later = (await house.health())["airgap_proof"]
        await house.stop()
    assert first["holds"]
    assert later["holds"]
    assert first["since"] == later["since"] <= first["at"] < later["at"]
    assert (later["refused"], later["hole"], later["last_refused"]) == (0, None, None)


async def test_R10_where_nobody_stands_guard_nobody_claims_a_proof(tmp_path: Path) -> None:
    async with open_house(tmp_path, cloud=False, environ={"LLM_AIRGAP_MODE": "true"}) as house, house.http() as http:
        health = (await http.get("/api/health")).json()
    assert (health["airgap"], health["airgap_proof"]) == (True, None)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened in a world with nothing but loopback; see tests/namespace.py."""
    folder = tmp_path_factory.mktemp("world")
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-m", "tests.namespace", str(folder)],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=55, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@needs_namespace
def test_R10_in_a_world_with_nothing_but_loopback_the_airgapped_house_answers(world: dict[str, Any]) -> None:
    frames, house = world["house"]["frames"], world["house"]
    assert one(frames, "route")["provider"] == "ollama"
    assert of(frames, "done")
    assert "potassium" in text_of(frames)
    assert (house["code"], house["said"]) == (0, "")


@needs_namespace
def test_R10_no_packet_of_it_leaves_not_even_for_its_proof(world: dict[str, Any]) -> None:
    assert world["house"]["heard"] == []


@needs_namespace
def test_R10_whatever_a_guarded_process_tries_no_packet_leaves_and_no_name_is_asked_for(world: dict[str, Any]) -> None:
    assert set(world["guarded"]["ways"]) == set(WAYS)
    assert set(world["guarded"]["ways"].values()) == {"refused"}
    assert (world["guarded"]["outside"], world["guarded"]["look_ups"]) == ([], [])


@needs_namespace
def test_R10_the_recorders_of_that_world_hear_a_process_without_a_guard(world: dict[str, Any]) -> None:
    assert len(world["free"]["outside"]) >= 20
    assert len(world["free"]["look_ups"]) >= 10


async def test_P02_an_ollama_that_turns_out_to_be_outside_is_sent_nothing(tmp_path: Path) -> None:
    names = {"gpu.example": ["127.0.0.1"]}
    async with StandInOllama(partial(reply, side="local"), models=MODELS) as elsewhere:
        environ = {"OLLAMA_URL": f"http://gpu.example:{elsewhere.port}", "CHATAPP_PROBE_SECONDS": "600"}
        with name_server(names):
            async with open_house(tmp_path, cloud=False, environ=environ) as house, house.browser() as browser:
                assert of(await browser.ask("What is a normal potassium?"), "done")
                asked = len(elsewhere.requests)
                await elsewhere.fail("refuse")  # its connections end, so the next question looks the name up again
                await elsewhere.fail("none")
                names["gpu.example"] = ["203.0.113.7"]
                frames = await browser.ask("And a normal sodium?")
                async with house.http() as http:
                    await http.post("/api/breakers/ollama/reset")
                    panel = (await http.get("/api/health")).json()["providers"]["ollama"]
    assert one(frames, "error")["code"] == "provider_unavailable"
    assert "203.0.113.7" not in json.dumps(frames)
    assert "203.0.113.7 is neither loopback nor private" in panel["error"]
    assert "CHATAPP_LOCAL_HOSTS" in panel["error"]
    assert len(elsewhere.requests) == asked


async def test_P22_a_reply_that_gives_itself_away_ends_there_and_says_why(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        remote = chunk("llama3.2", "elsewhere") | {"remote_host": "https://elsewhere.example"}
        house.ollama.script((Send(line(chunk("llama3.2", "Here is "))), Pause(0.05), Send(line(remote)), Hang()))
        frames = await browser.ask(PHI)
        again = await browser.ask(PHI)
        cloud = house.cloud_bytes()
    assert text_of(frames) == "Here is "
    for told in (frames, again):
        assert one(told, "error")["code"] == "model_not_local"
    assert "elsewhere.example" not in json.dumps(frames)
    assert b"Okonkwo" not in cloud


@needs_chromium
@pytest.mark.timeout(120)
async def test_P22_the_panel_says_of_a_model_that_runs_elsewhere_that_it_is_never_used(tmp_path: Path) -> None:
    async with open_house(tmp_path, cloud=False) as house, async_playwright() as playwright:
        house.ollama.remote_hosts = {"mistral:latest": "https://elsewhere.example"}
        async with house.http() as http:
            await http.post("/api/breakers/ollama/reset")  # asks it at once
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page = await browser.new_page()
        await page.goto(house.url)
        row = page.locator("#health .missing")
        await expect(row).to_contain_text("mistral")
        await expect(row).to_contain_text("runs elsewhere, so it is never used")
        await expect(row).not_to_contain_text("ollama pull")
        await browser.close()


@needs_chromium
@pytest.mark.timeout(120)
async def test_the_panel_has_a_badge_that_says_since_when_it_is_proven(tmp_path: Path) -> None:
    async with airgapped(tmp_path) as house, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        page = await browser.new_page()
        await page.goto(house.server.url)
        badge = page.locator("#airgap")
        await expect(badge).to_contain_text("Airgapped: nothing gets out")
        await expect(badge).to_contain_text("Proven since")
        await browser.close()
