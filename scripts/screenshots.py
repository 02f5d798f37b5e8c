"""Takes the screenshot of README.md: the demo in a real browser, with one answer from each side of the boundary.

Needs the test extra and a Chromium. Run: `python -m scripts.screenshots [folder]`; writes `page.png` (default: docs).
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

QUESTIONS = (
    "Compare three ways to word a swap request, weigh them step by step, and draft the best one.",
    "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?",
)
WIDTH, HEIGHT = 1440, 900


@contextmanager
def demo() -> Iterator[str]:
    """A running demo; its address."""
    command = [sys.executable, "-m", "chatapp", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        finally:
            process.send_signal(signal.SIGTERM)


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    answers = page.locator("article.turn .chip")
    before = answers.count()
    page.locator("#draft").fill(question)
    page.locator("#draft").press("Enter")
    expect(answers).to_have_count(before + 1, timeout=30_000)
    expect(page.locator("#stop")).to_be_hidden(timeout=60_000)


def main() -> None:
    """Ask the questions and take the picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs"
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
        page.goto(address)
        for question in QUESTIONS:
            ask(page, question)
        page.locator("article.turn .chip").first.evaluate("chip => chip.scrollIntoView({block: 'center'})")
        expect(page.locator("#health")).to_contain_text(f"Answered{len(QUESTIONS)}", timeout=20_000)
        page.screenshot(path=folder / "page.png")
        browser.close()


if __name__ == "__main__":
    main()
