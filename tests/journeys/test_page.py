"""What a person sees, in a real Chromium: the boundary, the lock, the refusal, the breaker, Stop, a roster."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.house import House, open_house
from tests.parts import CHROMIUM, needs_chromium
from tests.store.books import unguarded

pytestmark = [needs_chromium, pytest.mark.timeout(120)]

PHI = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
ROSTER = """Check this schedule
resident,start,end
Lee,2026-07-06 07:00,2026-07-07 13:00
Kim,2026-07-06 07:00,2026-07-06 19:00
Kim,banana,2026-07-07 19:00
"""


@asynccontextmanager
async def page_of(house: House, *, width: int = 1440, height: int = 900, scheme: str = "light") -> AsyncIterator[Page]:
    """The page in a fresh browser. A word on its console, or an exception in it, fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(house.url)
        await expect(page.locator("#health .provider").first).to_be_attached()
        try:
            yield page
        finally:
            await context.close()
            await browser.close()
    assert complaints == []


@asynccontextmanager
async def open_page(folder: Path, environ: Mapping[str, str] | None = None) -> AsyncIterator[tuple[House, Page]]:
    async with open_house(folder, environ=environ) as house, page_of(house) as page:
        yield house, page


async def ask(page: Page, text: str) -> Locator:
    """Type a question and send it; the reply that comes."""
    before = await page.locator("article.turn").count()
    await page.locator("#draft").fill(text)
    await page.locator("#draft").press("Enter")
    return page.locator("article.turn").nth(before).locator(".reply")


def prompts_to_the_cloud(house: House) -> int:
    return sum(request.path == "/v1/messages" for request in house.anthropic.requests)


async def test_a_clear_question_streams_from_where_the_rules_say(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        cloud = await ask(page, COMPLEX)
        await expect(cloud.locator(".chip.cloud")).to_contain_text(re.compile("claude-sonnet-5-5.*complex question"))
        await expect(cloud.locator(".markdown")).not_to_be_empty()
        local = await ask(page, "What is a normal potassium?")
        await expect(local.locator(".chip.local")).to_contain_text("llama3.2")


async def test_patient_data_locks_the_conversation_and_the_next_question_stays(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (house, page):
        reply = await ask(page, PHI)
        await expect(reply.locator(".chip.local")).to_contain_text("kept local: record number")
        await expect(page.locator("#lock-line")).to_contain_text("Locked to local")
        await expect(page.locator("#title")).to_have_text(re.compile(r"Conversation \d\d:\d\d"))
        assert "Okonkwo" not in await page.title()
        await expect(page.get_by_role("radio", name="Cloud")).to_be_disabled()
        following = await ask(page, COMPLEX)
        await expect(following.locator(".chip.local")).to_be_visible()
        assert prompts_to_the_cloud(house) == 0


async def test_with_the_local_model_broken_the_refusal_is_clear_and_no_byte_leaves(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (house, page):
        await ask(page, PHI)
        await expect(page.locator("#lock-line")).to_be_visible()
        await house.ollama.fail("refuse")
        reply = await ask(page, COMPLEX)
        await expect(reply.locator(".ending")).to_contain_text("nothing was sent")
        await expect(reply.locator(".ending code")).to_have_text("phi_local_only")
        assert prompts_to_the_cloud(house) == 0


async def test_the_panel_shows_the_breaker_open_half_open_and_closed(tmp_path: Path) -> None:
    environ = {"CHATAPP_BREAKER_OPEN_SECONDS": "3", "CHATAPP_PROBE_SECONDS": "0.5", "LLM_ENABLE_FALLBACK": "false"}
    async with open_page(tmp_path, environ) as (house, page):
        breaker = page.locator("#health .provider.local .breaker")
        await expect(breaker).to_contain_text("closed")
        await house.ollama.fail("error")
        for number in range(5):
            reply = await ask(page, f"Question {number}?")
            await expect(reply.locator(".ending")).to_be_visible()
        await expect(breaker).to_contain_text("open")
        await expect(breaker.locator(".countdown")).to_have_text(re.compile(r"0:0\d"))
        await house.ollama.fail("none")
        await expect(breaker).to_contain_text("half-open", timeout=15_000)
        await ask(page, "And now?")
        await expect(breaker).to_contain_text("closed", timeout=15_000)


async def test_the_draft_says_where_it_would_go_before_it_is_sent(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        await page.locator("#draft").fill(COMPLEX)
        await expect(page.locator("#verdict")).to_contain_text("cloud")
        await page.locator("#draft").fill(PHI)
        await expect(page.locator("#verdict")).to_contain_text("stays here")


async def test_a_pasted_roster_is_judged_in_a_card_in_the_reply(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        reply = await ask(page, ROSTER)
        card = reply.locator(".tool")
        await expect(card).to_contain_text("stays here")
        await expect(card).to_contain_text("continuous hours")
        await card.locator(".tool-head").press("Enter")
        await expect(card).to_contain_text("Lee")
        await expect(card).to_contain_text("Line")
        await expect(reply.locator(".markdown").last).not_to_be_empty()


async def test_stop_stops_and_says_so(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (house, page):
        reply = await ask(page, "n=100000 gap=10")
        await expect(reply.locator(".markdown")).not_to_be_empty()
        await page.locator("#stop").click()
        await house.ollama.wait_closed()
        await expect(reply.locator(".ending")).to_contain_text(re.compile("stopped", re.IGNORECASE))


async def test_a_reload_shows_what_was_said_and_goes_on_with_what_runs(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        done = await ask(page, "What is a normal potassium?")
        await expect(done.locator(".chip")).to_contain_text(" s")
        said = await done.locator(".markdown").inner_text()
        await ask(page, "n=100000 gap=20")
        await page.reload()
        await page.locator("#conversations a, #conversations button").first.click()
        replies = page.locator("article.turn .reply")
        await expect(replies.nth(0).locator(".markdown")).to_have_text(said, use_inner_text=True)
        await expect(replies.nth(1).locator(".markdown")).not_to_be_empty()
        length = len(await replies.nth(1).inner_text())
        await page.wait_for_function("before => document.body.innerText.length > before", arg=length)
        await page.locator("#stop").click()
        await expect(replies.nth(1).locator(".ending")).to_be_visible()


async def test_hostile_text_stays_text(tmp_path: Path) -> None:
    text = "<img src=x onerror=alert(1)> **bold** <script>alert(2)</script> [x](javascript:alert(3))"
    async with open_page(tmp_path) as (_, page):
        await ask(page, text)
        await expect(page.locator(".bubble").last).to_have_text(text)
        assert await page.locator("#turns img, #turns script, #turns a[href^=javascript]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_at_360_pixels_nothing_is_wider_than_the_screen(tmp_path: Path, scheme: str) -> None:
    async with open_house(tmp_path) as house, page_of(house, width=360, height=740, scheme=scheme) as page:
        reply = await ask(page, ROSTER)
        await expect(reply.locator(".tool")).to_be_visible()
        await expect(reply.locator(".chip")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        await page.locator("#toggle-panel").click()
        await expect(page.locator("#health .provider").first).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#health .provider").first).not_to_be_visible()


async def test_marking_a_message_says_what_had_left_and_what_was_done_about_it(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        cloud = await ask(page, COMPLEX)
        await expect(cloud.locator(".chip.cloud")).to_be_visible()
        await page.get_by_role("button", name="This was patient data: keep local").click()
        said = "Marked as patient data and locked to local. 1 request had already left; an incident record lists it."
        await expect(page.locator(".toast")).to_contain_text(said)
        await expect(page.locator("#lock-line")).to_contain_text("you marked this as patient data")
        await page.get_by_role("button", name="This was patient data").click()  # of what left it can be said again
        await expect(page.locator(".toast")).to_contain_text(said)
        local = await ask(page, "What is a normal potassium?")
        await expect(local.locator(".chip.local")).to_be_visible()
        await expect(page.get_by_role("button", name="This was patient data")).to_have_count(1)


async def test_the_panel_says_whether_the_ledger_is_whole_and_red_which_record_is_not(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (house, page):
        line = page.locator("#health .ledger")
        await expect(line).to_have_class("ledger well")
        await expect(line).to_contain_text(re.compile(r"Ledger whole\d\d:\d\d"))
        await expect((await ask(page, COMPLEX)).locator(".chip.cloud")).to_be_visible()
        await expect(line).to_contain_text("1 request on record", timeout=15_000)
        with unguarded(house.settings.data_dir / "chatapp.sqlite3") as plain:
            plain.execute("DELETE FROM ledger WHERE position = 2")
        await expect(line).to_have_class("ledger failure", timeout=15_000)
        await expect(line).to_contain_text("record 2 is missing")
        await expect(page.locator("#worst")).to_have_class("worst mark failure")
