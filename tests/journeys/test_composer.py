"""The composer warns before sending, in a real Chromium: marks in place, the outlook, and nothing of a draft kept."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, Route, WebSocketRoute, async_playwright, expect

from tests.house import House, open_house
from tests.journeys.test_page import COMPLEX, PHI, open_page, page_of, prompts_to_the_cloud
from tests.parts import CHROMIUM, needs_chromium

pytestmark = [needs_chromium, pytest.mark.timeout(120)]

NUMBER = "4482913"
WARD = f"name,mrn,dob\nOkonkwo,{NUMBER},1950-02-01\nSmith,4482914,1951-01-01\n"
LOCKS = "Sending this locks the conversation to local for good."
NO_LINE = "cannot tell where this goes: no line to the server"
MARKED = "[...document.querySelectorAll('#backdrop mark')].map(mark => mark.textContent)"
BACKDROP = "[...document.querySelectorAll('#backdrop > div')].map(line => line.textContent).join('\\n')"


async def marked(page: Page) -> list[str]:
    letters: list[str] = await page.evaluate(MARKED)
    return letters


async def draft(page: Page, text: str) -> None:
    """Write a draft that holds something, and wait for its marks."""
    await page.locator("#draft").fill(text)
    await expect(page.locator("#backdrop mark").first).to_be_attached()


def file_of(name: str, content: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


class Line:
    """The page's socket, through the test's hands: what is judged, answers that come late, and scissors."""

    def __init__(self) -> None:
        self.checked: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.holds_answers = False
        self.held: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        self.is_up = True
        self._sockets: list[WebSocketRoute] = []

    async def watch(self, page: Page) -> None:
        await page.route_web_socket(re.compile("/ws/chat"), self._take)

    async def cut(self) -> None:
        self.is_up = False
        for socket in self._sockets:
            await socket.close(code=1013, reason="300")

    async def _take(self, socket: WebSocketRoute) -> None:
        if not self.is_up:
            await socket.close(code=1013, reason="300")
            return
        self._sockets.append(socket)
        server = socket.connect_to_server()
        socket.on_message(lambda text: self._ask(server, text))
        server.on_message(lambda text: self._answer(socket, text))

    def _ask(self, server: WebSocketRoute, text: str | bytes) -> None:
        if json.loads(text)["type"] == "check":
            self.asked.append(json.loads(text))
        server.send(text)

    def _answer(self, socket: WebSocketRoute, text: str | bytes) -> None:
        frame = json.loads(text)
        if frame["type"] == "checked":
            self.checked.append(frame)
        if frame["type"] == "checked" and self.holds_answers:
            self.held.put_nowait(lambda: socket.send(text))
        else:
            socket.send(text)


@asynccontextmanager
async def watched_page(folder: Path) -> AsyncIterator[tuple[House, Page, Line]]:
    line = Line()
    async with open_page(folder) as (house, page):
        await line.watch(page)
        await page.reload()
        await expect(page.locator("#health .provider").first).to_be_attached()
        yield house, page, line


def letters_of(frame: dict[str, Any], text: str) -> list[str]:
    """What a `checked` frame points at, counted in UTF-16 units as it is on the wire."""
    units = text.encode("utf-16-le")
    return [units[2 * it["start"] : 2 * it["end"]].decode("utf-16-le") for it in frame["findings"]]


# --- marks -----------------------------------------------------------------------------------------------------------


async def test_what_was_found_is_marked_letter_for_letter_while_one_types(tmp_path: Path) -> None:
    text = f"Mrs. Okonkwo MRN {NUMBER} has a potassium of 6.1"
    async with watched_page(tmp_path) as (_, page, line):
        await page.locator("#draft").press_sequentially(text)
        await expect(page.locator("#verdict")).to_contain_text("stays here: ")
        await expect(page.locator("#backdrop mark", has_text=NUMBER)).to_be_attached()
        assert await page.evaluate(BACKDROP) == text
        assert await marked(page) == letters_of(line.checked[-1], text)
        assert NUMBER in await marked(page)
        assert "Okonkwo" in " ".join(await marked(page))
        assert len(line.asked) < len(text) / 2


async def test_an_edit_before_the_marks_moves_them_and_one_inside_takes_the_mark_away(tmp_path: Path) -> None:
    async with watched_page(tmp_path) as (_, page, line):
        await draft(page, PHI)
        found = await marked(page)
        line.holds_answers = True
        await page.locator("#draft").press("Home")
        await page.keyboard.type("🙂 Please: ")
        assert await marked(page) == found
        assert await page.evaluate(BACKDROP) == f"🙂 Please: {PHI}"
        inside = len("🙂 Please: ".encode("utf-16-le")) // 2 + PHI.index(NUMBER) + 3
        await page.evaluate("at => document.querySelector('#draft').setSelectionRange(at, at)", inside)
        await page.keyboard.type("0")
        assert await marked(page) == [letters for letters in found if letters != NUMBER]


@pytest.mark.parametrize(
    ("at", "typed", "left"),
    [(0, "x ", [NUMBER, "4482914"]), (6, "0", ["4482914"]), (20, "", [NUMBER]), (24, "?", [NUMBER, "4482914"])],
    ids=["before", "in the first", "in the second", "behind"],
)
async def test_an_answer_to_an_older_draft_marks_only_letters_that_still_stand(
    tmp_path: Path, at: int, typed: str, left: list[str]
) -> None:
    """The answer is late and the draft has been typed on: what was found is where it is now, or nowhere."""
    text = f"MRN {NUMBER}; MRN 4482914"
    async with watched_page(tmp_path) as (_, page, line):
        await page.clock.install()
        await page.reload()
        line.holds_answers = True
        await page.locator("#draft").fill(text)
        late = await line.held.get()
        await page.clock.pause_at(await page.evaluate("Date.now() + 20"))
        await page.evaluate("at => document.querySelector('#draft').setSelectionRange(at, at)", at)
        await page.keyboard.press("Delete") if typed == "" else await page.keyboard.type(typed)
        late()
        await expect(page.locator("#backdrop mark")).to_have_text(left)
        assert await page.evaluate(BACKDROP) == text[:at] + typed + text[at + (typed == "") :]


HARD_TO_LAY_OUT = {
    "wrapped": f"Mrs. Okonkwo, MRN {NUMBER}; " * 12,
    "right to left": f"المريض محمد أحمد رقم الملف {NUMBER} في السرير 12\nMRN {NUMBER}\nשלום MRN {NUMBER} עולם",
    "emoji": f"👩🏽‍⚕️ sees Mrs. Okonkwo 🙂🙂 Zoe\u0301 MRN {NUMBER} 👨‍👩‍👧‍👦 and {'中文字符测试' * 9} MRN {NUMBER}",
    "space": f"  Mrs. Okonkwo   MRN {NUMBER}      \n\n\tMRN\t{NUMBER}{' ' * 120}MRN {NUMBER} \n",
    "long": f"A line of a long draft with MRN {NUMBER} in it, which goes around the end of the field.\n" * 60,
    "a word too long": f"MRN {NUMBER} {'x' * 300} MRN {NUMBER}",
}
SHOW_THE_FIELD = """() => {
  document.querySelector('#writing').scrollTop = 400;
  document.querySelector('#backdrop').style.visibility = 'hidden';
  Object.assign(document.querySelector('#draft').style, { color: 'black', caretColor: 'transparent' });
}"""
SHOW_THE_BACKDROP = """() => {
  const backdrop = document.querySelector('#backdrop');
  const seen = item => {
    const lines = new Map();
    for (const { width, left, top, right, bottom } of item.getClientRects()) {
      const line = lines.get(top) ?? [Infinity, top, -Infinity, bottom];
      if (width > 0) lines.set(top, [Math.min(line[0], left), top, Math.max(line[2], right), bottom]);
    }
    return [...lines.values()].flat();
  };
  const marks = [...backdrop.querySelectorAll('mark')];
  const places = marks.map(mark => {
    const before = document.createRange();
    before.setStart(mark.parentElement, 0);
    before.setEndBefore(mark);
    return [mark.parentElement, before.toString().length, mark.textContent.length];
  });
  const drawn = marks.map(seen);
  for (const line of backdrop.children) line.textContent = line.textContent;
  const letters = places.map(([line, start, length]) => {
    const range = document.createRange();
    range.setStart(line.firstChild, start);
    range.setEnd(line.firstChild, start + length);
    return seen(range);
  });
  backdrop.style.visibility = 'visible';
  backdrop.style.color = 'black';
  document.querySelector('#draft').style.color = 'transparent';
  return drawn.map((boxes, index) => [boxes, letters[index]]);
}"""


@pytest.mark.parametrize("width", [1440, 360])
async def test_the_marks_lie_exactly_behind_their_letters(tmp_path: Path, width: int) -> None:
    """The backdrop's letters are the field's, pixel for pixel, and a mark's box is that of its letters."""
    async with open_house(tmp_path) as house, page_of(house, width=width) as page:
        for name, text in HARD_TO_LAY_OUT.items():
            await page.reload()
            await draft(page, text)
            await page.evaluate(SHOW_THE_FIELD)
            field = await page.locator("#writing").screenshot()
            boxes = await page.evaluate(SHOW_THE_BACKDROP)
            assert await page.locator("#writing").screenshot() == field, name
            for drawn, letters in boxes:
                assert drawn == pytest.approx(letters, abs=0.5), name


LOOK = """mark => {
  const { textDecorationLine, color, textDecorationColor } = getComputedStyle(mark);
  return [textDecorationLine, color, textDecorationColor];
}"""


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_mark_has_an_underline_whatever_the_colours(tmp_path: Path, scheme: str, forced: str) -> None:
    async with open_house(tmp_path) as house, page_of(house, scheme=scheme) as page:
        await page.emulate_media(forced_colors="active" if forced == "active" else "none")
        await draft(page, PHI)
        line, letters, underline = await page.locator("#backdrop mark").first.evaluate(LOOK)
        assert (line, letters) == ("underline", "rgba(0, 0, 0, 0)")
        assert underline != letters
        field = await page.locator("#draft").evaluate("field => getComputedStyle(field).backgroundColor")
        assert field.endswith(", 0)"), "the field hides its backdrop"


async def test_the_caret_stays_in_sight_in_a_long_draft(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        await draft(page, f"MRN {NUMBER}\n" * 60)
        await page.locator("#draft").press("Control+End")
        await page.keyboard.type("the end")
        below = "document.querySelector('#writing').scrollHeight - document.querySelector('#writing').clientHeight"
        await page.wait_for_function(f"document.querySelector('#writing').scrollTop > {below} - 40")


# --- the list --------------------------------------------------------------------------------------------------------


async def test_each_finding_is_reached_by_keyboard_and_selected_in_the_field(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        await draft(page, f"{'word ' * 800}\nMrs. Okonkwo in bed 12, MRN {NUMBER}.")
        found = page.get_by_role("list", name="Found in this message")
        button = found.get_by_role("button", name=f"record number {NUMBER}")
        await page.locator("#draft").press("Tab")
        while not await button.evaluate("button => button === document.activeElement"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#draft")).to_be_focused()
        assert await page.evaluate("getSelection().toString()") == NUMBER
        await expect(page.locator("#backdrop mark", has_text=NUMBER)).to_be_in_viewport()


async def test_what_was_found_is_announced_once_the_typing_rests_and_not_at_each_key(tmp_path: Path) -> None:
    count_changes = """() => {
      window.heard = [];
      new MutationObserver(() => window.heard.push(document.querySelector('#forecast').textContent))
        .observe(document.querySelector('#forecast'), { childList: true, characterData: true, subtree: true });
    }"""
    async with open_page(tmp_path) as (_, page):
        await page.evaluate(count_changes)
        await page.locator("#draft").press_sequentially(PHI, delay=20)
        await expect(page.locator("#forecast")).to_contain_text("stays here")
        (heard,) = await page.evaluate("window.heard")
        places = r"\d places marked, listed below the message"
        assert re.fullmatch(rf"stays here: .*record number.*\. {LOCKS[:-1]}\. {places}", heard)
        assert await page.locator("#forecast").get_attribute("aria-live") == "polite"


async def test_many_findings_are_shown_on_demand(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        await draft(page, "\n".join(f"MRN 44829{number}" for number in range(10, 30)))
        await expect(page.locator(".finding")).to_have_count(6)
        await page.get_by_role("button", name="14 more").click()
        await expect(page.locator(".finding")).to_have_count(20)
        await expect(page.locator(".finding").nth(6)).to_be_focused()


# --- the outlook -----------------------------------------------------------------------------------------------------


async def test_a_draft_that_would_lock_the_conversation_says_so(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        await page.get_by_role("radio", name="Cloud").check()
        await page.locator("#draft").fill("What is a normal potassium?")
        await expect(page.locator("#verdict")).to_have_text("would go to the cloud: cloud mode")
        await draft(page, PHI)
        await expect(page.locator("#verdict")).to_contain_text(
            "in cloud mode. Sending this locks it to local for good."
        )
        await page.get_by_role("radio", name="Local").check()
        await expect(page.locator("#verdict")).to_contain_text(LOCKS)
        await page.locator("#draft").press("Enter")
        await expect(page.locator("#lock-line")).to_contain_text("patient data was found here")
        await expect(page.locator("#verdict")).to_be_empty()
        await expect(page.locator("#findings")).to_be_hidden()
        await draft(page, PHI)
        await expect(page.locator("#verdict")).not_to_contain_text("locks")


async def test_the_mode_chosen_for_a_new_conversation_decides(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (_, page):
        await page.locator("#draft").fill(COMPLEX)
        await expect(page.locator("#composer-box")).to_have_class(re.compile("cloud"))
        await page.get_by_role("radio", name="Local").check()
        await expect(page.locator("#verdict")).to_have_text("stays here: local mode")
        await expect(page.locator("#composer-box")).not_to_have_class(re.compile("cloud"))


async def test_a_file_says_before_sending_what_it_does_to_the_message(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (house, page):
        await page.get_by_role("radio", name="Cloud").check()
        await page.locator("#draft").fill("Who is due for dialysis?")
        await expect(page.locator("#verdict")).to_contain_text("would go to the cloud")
        await page.locator("#file").set_input_files(file_of("notes.csv", "topic,page\nfluids,1\nrest,2\n"))
        await expect(page.locator("#verdict")).to_have_text("would go to the cloud with 1 file: cloud mode")
        await page.locator("#file").set_input_files(file_of("ward.csv", WARD))
        await expect(page.locator("#verdict")).to_contain_text("stays here: ward.csv holds patient data")
        await page.locator("#draft").fill(PHI)
        await expect(page.locator("#verdict")).to_contain_text("record number; ward.csv holds patient data")
        await page.get_by_role("button", name="Remove ward.csv").click()
        await page.locator("#file").set_input_files(file_of("long.csv", "topic,page\n" + "fluids,1\n" * 40_000))
        await page.locator("#draft").fill("Hello")
        await expect(page.locator("#verdict")).to_contain_text("stays here: long.csv could not be read with certainty")
        assert prompts_to_the_cloud(house) == 0


async def test_R05_a_lock_that_comes_while_one_types_changes_the_outlook(tmp_path: Path) -> None:
    async with open_page(tmp_path) as (house, page):
        await page.get_by_role("radio", name="Cloud").check()
        await page.locator("#draft").fill("Hello")
        await page.locator("#draft").press("Enter")
        await expect(page.locator("article.turn .chip")).to_contain_text(" s")
        await page.locator("#draft").fill("And now?")
        await expect(page.locator("#verdict")).to_contain_text("would go to the cloud")
        conversation = (await page.evaluate("location.hash")).removeprefix("#c/")
        async with house.browser() as other:
            await other.send("lock", conversation=conversation)
            await expect(page.locator("#verdict")).to_have_text("stays here: locked to local")
        await expect(page.get_by_role("status").filter(has_text="Locked to local: you marked this")).to_be_visible()


async def test_without_a_line_the_composer_promises_nothing(tmp_path: Path) -> None:
    async with watched_page(tmp_path) as (_, page, line):
        await page.locator("#draft").fill(COMPLEX)
        await expect(page.locator("#verdict")).to_contain_text("would go to the cloud")
        await line.cut()
        await expect(page.locator("#verdict")).to_have_text(NO_LINE)
        await expect(page.locator("#composer-box")).not_to_have_class(re.compile("cloud|local"))
        await page.locator("#draft").fill(PHI)
        await expect(page.locator("#verdict")).to_have_text(NO_LINE)
        assert await marked(page) == []
        line.is_up = True
        await page.get_by_role("button", name="Try now").click()
        await expect(page.locator("#verdict")).to_contain_text("stays here: ")
        assert NUMBER in await marked(page)


async def test_a_server_that_does_not_answer_a_check_leaves_no_old_promise(tmp_path: Path) -> None:
    async with watched_page(tmp_path) as (_, page, line):
        await page.locator("#draft").fill(COMPLEX)
        await expect(page.locator("#verdict")).to_contain_text("would go to the cloud")
        line.holds_answers = True
        await page.keyboard.type("?")
        await expect(page.locator("#verdict")).to_contain_text("the server has not checked it yet", timeout=10_000)


async def test_a_draft_that_fits_no_model_says_so_before_it_is_sent(tmp_path: Path) -> None:
    async with open_page(tmp_path, {"CHATAPP_OLLAMA_NUM_CTX": "2048"}) as (_, page):
        await page.get_by_role("radio", name="Local").check()
        await page.locator("#draft").fill("word " * 3000)
        await expect(page.locator("#verdict")).to_contain_text("no longer fits the model")


# --- what is kept of a draft, and what it costs ----------------------------------------------------------------------


def files_that_hold(folder: Path, words: tuple[str, ...]) -> list[str]:
    forms = [word.encode(coding) for word in words for coding in ("utf-8", "utf-16-le")]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if any(form in path.read_bytes() for form in forms)]


async def test_N6_X4_nothing_of_a_draft_is_kept_by_the_browser_or_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = ("Zabrowska", "7715032")  # not those of the examples on the page, which a browser may keep
    profile, requests = tmp_path / "profile", list[str]()

    async def note(route: Route) -> None:
        requests.append(f"{route.request.url} {route.request.post_data or ''}")
        await route.continue_()

    caplog.set_level(logging.DEBUG, logger="chatapp")
    async with open_house(tmp_path) as house, async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(profile, executable_path=CHROMIUM)
        page = await context.new_page()
        await page.route("**/*", note)
        await page.goto(house.url)
        await page.locator("#draft").press_sequentially(f"Mrs. {words[0]}, MRN {words[1]}, has a potassium of 6.1.")
        await expect(page.locator("#backdrop mark", has_text=words[1])).to_be_attached()
        kept = await page.evaluate("""async () => JSON.stringify([
          {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(), document.cookie,
          history.state, location.href, document.title])""")
        await page.goto("about:blank")
        await context.close()
        async with house.http() as client:
            panel = (await client.get("/api/stats")).text + (await client.get("/api/conversations")).text
    asked = [request.body.decode() for request in house.ollama.requests]
    for place in (kept, panel, caplog.text, *requests, *asked):
        assert not any(word in place for word in words)
    assert prompts_to_the_cloud(house) == 0
    assert files_that_hold(profile, words) == []
    assert files_that_hold(tmp_path / "data", words) == []


def long_draft(*, of_one_line: bool) -> str:
    """32,000 characters with 200 findings."""
    notes = (f"Mrs. Okonkwo, MRN 44829{number:02}, was seen and the plan is to go on" for number in range(100))
    rest = itertools.repeat("with fluids and rest and to look again tomorrow")
    text = (", " if of_one_line else ",\n").join(itertools.chain(notes, itertools.islice(rest, 600)))
    return text[:31_900]


WATCH_FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const beat = now => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(beat); };
  requestAnimationFrame(beat);
}"""


@pytest.mark.parametrize("of_one_line", [False, True], ids=["lines", "one line"])
async def test_typing_in_a_long_draft_with_200_findings_is_smooth(tmp_path: Path, of_one_line: bool) -> None:
    async with open_page(tmp_path, {"CHATAPP_OLLAMA_NUM_CTX": "65536"}) as (_, page):
        await draft(page, long_draft(of_one_line=of_one_line))
        assert len(await marked(page)) == 200
        await page.evaluate("document.querySelector('#draft').setSelectionRange(60, 60)")
        await page.evaluate(WATCH_FRAMES)
        await page.keyboard.type("typed into the middle of it all ", delay=40)
        frames = sorted(await page.evaluate("window.frames_ms"))
        assert frames[int(len(frames) * 0.95)] < 50
