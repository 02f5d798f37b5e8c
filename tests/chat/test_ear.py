"""What comes back is read too: a cloud's answer while it comes and at its end, a tool's result before it is sent on."""

from __future__ import annotations

import asyncio

import pytest

from chatapp import events
from chatapp.chat.house import TurnLimits
from chatapp.errors import ProviderUnavailable, StorageUnavailable
from chatapp.events import Delta, Thinking
from chatapp.messages import Message, Text, Usage
from chatapp.ports import Completed, Finding
from tests.chat.room import ANN, Echo, SteppedDatabase, call, calls, ended, of, open_room, said, says, soon, text_of
from tests.fakes import CANARY, ScriptedCloud, ScriptedLocal, Step

WORDS = tuple(f"Sentence number {number} about nothing. " for number in range(20))
LEAKING = f"The record of {CANARY} says so. "
FILLER: tuple[Step, ...] = tuple(map(Delta, WORDS))
LEAK = Delta(LEAKING)
REST: tuple[Step, ...] = (*FILLER, Completed("stop", Usage(3, 2)))


@pytest.mark.parametrize("kind", [Delta, Thinking])
async def test_a_cloud_that_names_a_patient_is_left_at_once_and_the_question_asked_here(
    database: SteppedDatabase, kind: type[Delta | Thinking]
) -> None:
    never = asyncio.Event()
    spoken: list[Step] = [kind(text) for text in (LEAKING, *WORDS)]
    cloud = ScriptedCloud((*spoken, never, *REST))
    local = ScriptedLocal(says("Homely words."))
    async with open_room(database, local=local, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await ended(log)
        await room.assert_whole(log)
        conversation = await database.conversation(ANN, log.conversation)
        await room.answer("And?", conversation=log.conversation)

    told = said(log)
    assert [route.provider for route in of(told, events.Route)] == ["anthropic", "ollama"]
    assert of(told, events.Route)[1].rule == "locked"
    assert (conversation.locked_by, conversation.mode) == ("detector", "local")
    assert conversation.title.startswith("Conversation ")
    assert len(cloud.given) == 1
    assert local.given[-1].messages[1] == Message("assistant", (Text("Homely words."),))


@pytest.mark.parametrize("at", range(0, 20, 3))
async def test_an_identifier_in_pieces_is_heard_wherever_it_stands(database: SteppedDatabase, at: int) -> None:
    pieces: list[Step] = [Delta(piece) for piece in ("The record of ", *CANARY, ".")]
    cloud = ScriptedCloud((*FILLER[:at], *pieces, *FILLER[at:], Completed("stop", Usage(3, 2))))
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await ended(log)
        assert (await database.conversation(ANN, log.conversation)).locked_by == "detector"


async def test_what_is_found_at_the_very_end_latches_and_the_answer_stands(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud(says("Short: ", CANARY))
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await ended(log)
        await room.assert_whole(log)
        assert (await database.conversation(ANN, log.conversation)).locked_by == "detector"
        await room.answer("And?", conversation=log.conversation)

    assert text_of(said(log)) == f"Short: {CANARY}"
    assert [route.provider for route in of(said(log), events.Route)] == ["anthropic"]
    assert (len(cloud.given), len(room.local.given)) == (1, 1)


async def test_an_answer_about_nobody_changes_nothing(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud(REST)
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await ended(log)
        conversation = await database.conversation(ANN, log.conversation)

    assert (conversation.locked_by, conversation.mode) == (None, "cloud")
    assert of(said(log), events.Done)[0].provider == "anthropic"


async def test_with_nobody_here_to_take_over_it_is_refused(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud((LEAK, *FILLER, asyncio.Event()))
    local = ScriptedLocal((ProviderUnavailable("ollama"),))
    async with open_room(database, local=local, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await ended(log)
        await room.assert_whole(log)

    assert of(said(log), events.Error)[0].code == "phi_local_only"
    assert len(cloud.given) == 1


async def test_a_latch_that_cannot_be_stored_ends_the_turn_and_the_next_question_is_latched(
    database: SteppedDatabase,
) -> None:
    heard = asyncio.Event()
    cloud = ScriptedCloud((LEAK, heard, *FILLER, asyncio.Event()))
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await soon(lambda: bool(text_of(said(log))))
        database.failing = StorageUnavailable
        heard.set()
        await ended(log)
        database.failing = lambda: None
        await room.answer("And?", conversation=log.conversation)
        conversation = await database.conversation(ANN, log.conversation)

    assert of(said(log), events.Error)[0].code == "storage_unavailable"
    assert (len(cloud.given), conversation.locked_by) == (1, "detector")


async def test_a_local_answer_is_judged_before_a_cloud_would_be_sent_it(database: SteppedDatabase) -> None:
    local = ScriptedLocal(says(f"Of {CANARY}."))
    async with open_room(database, local=local) as room:
        log = await room.ask("Who is it?")
        await ended(log)
        free = await database.conversation(ANN, log.conversation)
        hard = "Compare both step by step and weigh the trade-offs."
        told = await room.answer(hard, conversation=log.conversation, provider="anthropic")
        locked = await database.conversation(ANN, log.conversation)

    assert (free.locked_by, locked.locked_by) == (None, "detector")
    assert room.cloud.given == []
    assert of(told, events.Route)[0].rule == "phi"


@pytest.mark.parametrize("rounds", [1, 8])
async def test_T06_a_result_that_holds_patient_data_latches_before_anything_is_sent_on(
    database: SteppedDatabase, rounds: int
) -> None:
    async def leak(words: str) -> str:
        return f"The record of {CANARY}."

    cloud = ScriptedCloud(calls(call()), says("And now words."))
    limits = TurnLimits(rounds=rounds)
    async with open_room(database, cloud=cloud, tools=[Echo(leak)], mode="cloud", limits=limits) as room:
        log = await room.ask("A roster.")
        await ended(log)
        await room.assert_whole(log)
        conversation = await database.conversation(ANN, log.conversation)

    assert (conversation.locked_by, len(cloud.given)) == ("tool", 1)
    assert len(room.local.given) == min(rounds - 1, 1)


async def test_T06_patient_data_beyond_what_a_model_is_shown_of_a_result_latches_too(database: SteppedDatabase) -> None:
    async def leak(words: str) -> str:
        return "x" * 5000 + f" {CANARY}"

    cloud = ScriptedCloud(calls(call()), says("And now words."))
    limits = TurnLimits(result_bytes=1000)
    async with open_room(database, cloud=cloud, tools=[Echo(leak)], mode="cloud", limits=limits) as room:
        log = await room.ask("A roster.")
        await ended(log)
        assert (await database.conversation(ANN, log.conversation)).locked_by == "tool"

    assert len(cloud.given) == 1


@pytest.mark.parametrize("down", [False, True])
async def test_R08_where_the_detector_fails_it_is_answered_here_or_refused(
    database: SteppedDatabase, down: bool
) -> None:
    def failing(text: str) -> tuple[Finding, ...]:
        raise RuntimeError(text)

    local = ScriptedLocal(*[(ProviderUnavailable("ollama"),)] * down)
    async with open_room(database, local=local, mode="cloud", detect=failing) as room:
        log = await room.ask("What is a normal potassium?")
        await ended(log)
        await room.assert_whole(log)
        conversation = await database.conversation(ANN, log.conversation)

    assert (room.cloud.given, conversation.locked_by) == ([], "detector")
    assert conversation.title.startswith("Conversation ")
    assert [error.code for error in of(said(log), events.Error)] == ["policy_unavailable"] * down


async def test_R08_a_detector_that_fails_on_an_answer_leaves_the_cloud(database: SteppedDatabase) -> None:
    def picky(text: str) -> tuple[Finding, ...]:
        if WORDS[3] in text:
            raise RuntimeError
        return ()

    cloud = ScriptedCloud((*FILLER, *FILLER, asyncio.Event()))
    async with open_room(database, cloud=cloud, mode="cloud", detect=picky) as room:
        log = await room.ask()
        await ended(log)
        assert (await database.conversation(ANN, log.conversation)).locked_by == "detector"

    assert [route.provider for route in of(said(log), events.Route)] == ["anthropic", "ollama"]


async def test_what_a_model_hands_a_tool_latches_too(database: SteppedDatabase) -> None:
    async def nothing(words: str) -> str:
        return "fine"

    cloud = ScriptedCloud(calls(call(f'{{"words": "{CANARY}"}}')))
    async with open_room(database, cloud=cloud, tools=[Echo(nothing)], mode="cloud") as room:
        log = await room.ask("A roster.")
        await ended(log)
        assert (await database.conversation(ANN, log.conversation)).locked_by == "detector"

    assert (len(cloud.given), len(room.local.given)) == (1, 1)
