"""A draft is judged as the question would be, and nothing of it is kept."""

from __future__ import annotations

import pytest

from chatapp.chat.drafts import Drafts
from chatapp.chat.history import fit
from chatapp.errors import ContextTooLong
from chatapp.messages import Conversation, LockedBy, Mode
from chatapp.privacy.gate import PrivacyGate
from chatapp.router.health import HealthWatch
from chatapp.router.route import Policy
from chatapp.router.router import Router
from chatapp.router.stats import Stats
from tests.fakes import CANARY, Records, ScriptedCloud, ScriptedLocal, cloud_seat, find_canary, local_seat


class Desk:
    """Drafts over a router, and who was asked because of them."""

    def __init__(self, default_mode: Mode = "hybrid") -> None:
        self.local, self.cloud, self.records = ScriptedLocal(), ScriptedCloud(), Records()
        seats = (local_seat(self.local), cloud_seat(self.cloud))
        router = Router(
            seats, gate=PrivacyGate(find_canary), policy=Policy(), health=HealthWatch(seats), stats=Stats(),
            ledger=self.records, fit=fit,
        )  # fmt: skip
        self.drafts = Drafts(router, default_mode=default_mode, looks_like_schedule=lambda text: "roster" in text)


@pytest.mark.parametrize(
    ("text", "mode", "locked_by", "provider", "rule"),
    [
        ("Hi", "cloud", None, "anthropic", "mode"),
        ("Hi", "local", None, "ollama", "mode"),
        ("Hi", "hybrid", "user", "ollama", "locked"),
        (f"About {CANARY}", "cloud", None, "ollama", "phi"),
    ],
)
async def test_a_draft_takes_the_way_its_question_would(
    text: str, mode: Mode, locked_by: LockedBy | None, provider: str, rule: str
) -> None:
    desk = Desk()
    checked = await desk.drafts.check(text, Conversation("c1", "ann", "Title", mode, locked_by))
    assert (checked.route.provider, checked.route.rule) == (provider, rule)
    assert checked.judgement.verdict == ("sensitive" if CANARY in text else "clear")


async def test_what_was_found_is_told_with_its_places() -> None:
    (finding,) = (await Desk().drafts.check(f"About {CANARY}.", None)).judgement.findings
    assert (finding.start, finding.end, finding.kind) == (6, 12, "MRN")


async def test_a_draft_without_a_conversation_is_of_the_default_mode() -> None:
    assert (await Desk("cloud").drafts.check("Hi", None)).route.provider == "anthropic"
    assert (await Desk("local").drafts.check("Hi", None)).route.provider == "ollama"


@pytest.mark.parametrize(("mode", "provider"), [("cloud", "anthropic"), ("local", "ollama")])
async def test_a_draft_of_a_new_conversation_goes_by_the_mode_chosen_for_it(mode: Mode, provider: str) -> None:
    other: Mode = "local" if mode == "cloud" else "cloud"
    assert (await Desk(other).drafts.check("Hi", None, mode)).route.provider == provider


async def test_the_mode_of_a_conversation_wins_over_the_one_of_a_new_one() -> None:
    conversation = Conversation("c1", "ann", "Title", "local")
    assert (await Desk().drafts.check("Hi", conversation, "cloud")).route.provider == "ollama"


async def test_a_schedule_is_seen_in_a_draft() -> None:
    assert (await Desk().drafts.check("Is this roster legal?", None)).route.task == "tools"


async def test_checking_asks_nobody_and_records_nothing() -> None:
    desk = Desk()
    await desk.drafts.check(f"About {CANARY}", None)
    await desk.drafts.check("Hi", None)
    assert (desk.local.given, desk.cloud.given, desk.records.written) == ([], [], [])


async def test_a_draft_that_fits_nobody_says_so() -> None:
    with pytest.raises(ContextTooLong):
        await Desk("local").drafts.check("word " * 20_000, None)
