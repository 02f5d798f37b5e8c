"""The router: a question becomes candidates, each with exactly what it may see and the words for the user."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import ContextTooLong
from chatapp.events import Context
from chatapp.messages import Attachment, CompletionRequest, LockedBy, Message, Mode, ProviderWish, Text, ToolSpec
from chatapp.privacy.gate import PrivacyGate
from chatapp.router.candidate import CloudCandidate, LocalCandidate, Seat
from chatapp.router.health import HealthWatch
from chatapp.router.route import Policy
from chatapp.router.router import Question, Router
from chatapp.router.stats import Stats
from tests.fakes import (
    CANARY,
    WELL,
    Records,
    ScriptedCloud,
    ScriptedLocal,
    cloud_seat,
    find_canary,
    local_seat,
    router_over,
)

COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
SIMPLE = "What is a normal potassium?"
CODE = "Write a Python function that parses a CSV file and returns a list of dicts."
GENERAL = (
    "I am preparing a short talk for the new residents about how our wards are organised through the week and would "
    "like a friendly opening paragraph about the building."
)


def ask(text: str = SIMPLE, **more: Any) -> Question:
    request = more.pop("request", None) or CompletionRequest("", (Message("user", (Text(text),)),))
    return Question(request=request, text=text, **more)


def both(*, local_window: int = 8192, cloud_window: int = 8192) -> tuple[Seat, Seat]:
    return local_seat(ScriptedLocal(window=local_window)), cloud_seat(ScriptedCloud(window=cloud_window))


# --- laws ------------------------------------------------------------------------------------------------------------


@given(
    text=st.sampled_from([COMPLEX, SIMPLE, CODE, GENERAL, ""]),
    canary_in=st.sampled_from(["question", "system", "history", "file", "tool", "model", None]),
    mode=st.sampled_from(get_args(Mode)),
    wish=st.sampled_from(get_args(ProviderWish)),
    locked_by=st.sampled_from((None, *get_args(LockedBy))),
    policy=st.builds(Policy, st.sampled_from(["local", "cloud"]), st.booleans(), st.booleans()),
    schedule=st.booleans(),
)
def test_a_private_question_has_no_cloud_candidate(
    text: str, canary_in: str | None, mode: Mode, wish: ProviderWish, locked_by: LockedBy | None, policy: Policy,
    schedule: bool,
) -> None:  # fmt: skip
    def word(place: str) -> str:
        return CANARY if canary_in == place else "fine"

    messages = (
        Message("user", (Text(word("history")),)),
        Message("assistant", (Text("Yes."),)),
        Message("user", (Attachment("a1", "f.csv", "1 row", word("file")), Text(f"{text} {word('question')}"))),
    )
    request = CompletionRequest("", messages, word("system"), (ToolSpec("t", word("tool"), "{}"),))
    question = Question(
        request, text, mode, wish, locked_by, schedule=schedule, model=CANARY if canary_in == "model" else None
    )
    routing = router_over(*both(), policy=policy).route(question)

    held = canary_in is not None or locked_by is not None or policy.airgap or mode == "local"
    if held:
        assert all(isinstance(candidate, LocalCandidate) for candidate in routing.candidates)
    assert routing.latches == (canary_in is not None)
    assert routing.stays == (canary_in is not None or locked_by is not None)
    assert CANARY not in repr([candidate.route for candidate in routing.candidates])


@pytest.mark.parametrize("text", [COMPLEX, SIMPLE])
def test_a_detector_that_fails_leaves_only_the_local_model(text: str) -> None:
    def broken(_: str) -> tuple[()]:
        raise ValueError

    seats = both()
    router = Router(
        seats, gate=PrivacyGate(broken), policy=Policy("cloud"), health=HealthWatch(seats), stats=Stats(),
        ledger=Records(), fit=lambda request, window: (request, Context(window, 1)),
    )  # fmt: skip
    routing = router.route(ask(text, mode="cloud", wish="anthropic"))

    (candidate,) = routing.candidates
    assert isinstance(candidate, LocalCandidate)
    assert (candidate.route.rule, candidate.route.privacy.verdict) == ("unknown", "unknown")
    assert routing.latches


# --- what each is given ----------------------------------------------------------------------------------------------


def test_every_candidate_is_given_the_whole_request_with_its_own_model() -> None:
    request = CompletionRequest("", (Message("user", (Text(COMPLEX),)),), "Be brief.", max_tokens=7)
    cloud, local = router_over(*both()).route(ask(COMPLEX, request=request)).candidates

    assert isinstance(cloud, CloudCandidate)
    assert isinstance(local, LocalCandidate)
    assert cloud.cleared.payload == replace(request, model="strong")
    assert local.request == replace(request, model="base")
    assert (cloud.route.provider, cloud.route.model) == ("anthropic", "strong")
    assert (local.route.provider, local.route.model) == ("ollama", "base")


def halve(request: CompletionRequest, window: int) -> tuple[CompletionRequest, Context]:
    """A `Fit` that keeps what a window of so many messages holds."""
    if window == 0:
        raise ContextTooLong("the model")
    kept = request.messages[-window:]
    return replace(request, messages=kept), Context(window, len(kept), len(request.messages) - len(kept))


def fitting_router(local_window: int, cloud_window: int) -> Router:
    seats = both(local_window=local_window, cloud_window=cloud_window)
    return Router(
        seats, gate=PrivacyGate(find_canary), policy=Policy(), health=HealthWatch(seats), stats=Stats(),
        ledger=Records(), fit=halve,
    )  # fmt: skip


HISTORY = tuple(Message("user", (Text(f"Question {number}"),)) for number in range(4))


def test_each_request_is_fitted_to_its_own_window() -> None:
    question = ask(COMPLEX, request=CompletionRequest("", HISTORY))
    cloud, local = fitting_router(1, 3).route(question).candidates

    assert cloud.route.context == Context(3, 3, 1)
    assert local.route.context == Context(1, 1, 3)


def test_an_identifier_in_a_message_that_will_not_be_sent_keeps_the_request_all_the_same() -> None:
    old = Message("user", (Text(CANARY),))
    question = ask(COMPLEX, request=CompletionRequest("", (old, *HISTORY)))
    (candidate,) = fitting_router(1, 1).route(question).candidates
    assert isinstance(candidate, LocalCandidate)


def test_whoever_cannot_hold_the_request_is_left_out_and_the_user_is_told() -> None:
    question = ask(COMPLEX, request=CompletionRequest("", HISTORY))
    (local,) = fitting_router(4, 0).route(question).candidates

    assert local.route.provider == "ollama"
    assert local.route.rule == "too_long"
    assert local.route.reason == "Anthropic cannot hold this conversation, so base answers."


def test_where_nobody_can_hold_the_request_it_is_too_long() -> None:
    with pytest.raises(ContextTooLong):
        fitting_router(0, 0).route(ask(COMPLEX))


def test_a_private_request_that_is_too_long_for_the_local_model_goes_nowhere() -> None:
    with pytest.raises(ContextTooLong):
        fitting_router(0, 9).route(ask(CANARY, mode="cloud"))


# --- the words for the user ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "provider", "model", "task"),
    [
        (SIMPLE, "ollama", "fast", "simple"),
        (CODE, "ollama", "coder", "code"),
        (GENERAL, "ollama", "base", "general"),
        (COMPLEX, "anthropic", "strong", "complex"),
        (f"{CODE} {CANARY}", "ollama", "base", "privacy"),
    ],
)
def test_each_task_has_its_model(text: str, provider: str, model: str, task: str) -> None:
    route = router_over(*both()).route(ask(text)).candidates[0].route
    assert (route.provider, route.model, route.task) == (provider, model, task)


@pytest.mark.parametrize("more", [{"schedule": True}, {"tools": True}])
@pytest.mark.parametrize("text", [SIMPLE, COMPLEX, CANARY])
def test_tools_and_schedules_are_for_the_model_that_can_use_tools(text: str, more: dict[str, bool]) -> None:
    assert router_over(*both()).route(ask(text, **more)).candidates[0].route.model == "tooler"


def test_offering_tools_changes_nothing_by_itself() -> None:
    request = CompletionRequest("", (Message("user", (Text(SIMPLE),)),), tools=(ToolSpec("t", "Does it.", "{}"),))
    route = router_over(*both()).route(ask(request=request)).candidates[0].route
    assert (route.task, route.model) == ("simple", "fast")


def test_the_second_in_line_says_that_the_first_did_not_answer() -> None:
    cloud, local = router_over(*both()).route(ask(SIMPLE, mode="cloud")).candidates

    assert cloud.route.reason == "Asked the cloud: this conversation is set to cloud."
    assert local.route.rule == "fallback"
    assert local.route.reason == "Anthropic did not answer, so fast answers."


def test_a_route_names_the_provider_it_would_have_had_otherwise() -> None:
    route = router_over(*both()).route(ask(f"{COMPLEX} {CANARY}")).candidates[0].route
    assert (route.provider, route.rule, route.otherwise) == ("ollama", "phi", "anthropic")
    assert route.privacy.kinds == ("MRN",)


# --- models that are not there ---------------------------------------------------------------------------------------


async def knowing(models: tuple[str, ...]) -> Router:
    """A router that has asked a local server which has only these."""
    local, cloud = ScriptedLocal(), ScriptedCloud()
    local.health, cloud.health = replace(WELL, models=models), replace(WELL, models=("strong",))
    router = router_over(local_seat(local), cloud_seat(cloud))
    await router.health.check_all()
    return router


async def test_a_missing_role_model_is_replaced_by_the_default_one_and_the_user_told() -> None:
    router = await knowing(("base:latest",))
    route = router.route(ask(CODE)).candidates[0].route

    assert route.model == "base"
    assert route.reason.endswith("coder is not on this machine, so base answers; `ollama pull coder` adds it.")


async def test_a_missing_default_model_is_asked_for_all_the_same_so_that_its_absence_is_said() -> None:
    route = (await knowing(("fast:latest",))).route(ask(GENERAL)).candidates[0].route
    assert (route.model, "pull" in route.reason) == ("base", False)


def test_before_the_first_probe_every_model_is_believed_to_be_there() -> None:
    assert router_over(*both()).route(ask(CODE)).candidates[0].route.model == "coder"


async def test_a_caller_may_insist_on_a_model_where_the_provider_has_it() -> None:
    router = await knowing(("base:latest", "special:latest"))
    local = router.route(ask(model="special")).candidates[0].route
    cloud = router.route(ask(model="base", wish="anthropic")).candidates[0].route

    assert (local.model, "special" in local.reason) == ("special", False)
    assert cloud.model == "strong"
    assert cloud.reason.endswith("base is not offered by anthropic, so strong answers.")


async def test_a_model_that_is_not_there_is_not_recommended_for_pulling_when_only_a_caller_wants_it() -> None:
    route = (await knowing(("base:latest",))).route(ask(model="claude-x")).candidates[0].route
    assert route.reason.endswith("claude-x is not on this machine, so base answers.")


async def test_an_identifier_in_place_of_a_model_is_neither_asked_for_nor_repeated() -> None:
    routing = (await knowing(("base:latest",))).route(ask(COMPLEX, model=f"x {CANARY}", wish="anthropic"))
    (candidate,) = routing.candidates
    assert isinstance(candidate, LocalCandidate)
    assert candidate.request.model == "base"
    assert routing.latches


# --- the table -------------------------------------------------------------------------------------------------------


def test_seats_of_one_kind_are_asked_in_the_order_they_sit_in() -> None:
    first, second = ScriptedLocal(), ScriptedLocal()
    router = router_over(cloud_seat(ScriptedCloud()), local_seat(first), local_seat(second))
    seats = [candidate.seat.provider for candidate in router.route(ask()).candidates]

    assert seats[:2] == [first, second]
    assert router.has_cloud
    assert repr(router) == "<Router anthropic, ollama, ollama>"


def test_without_a_cloud_at_the_table_nobody_is_offered_it() -> None:
    router = router_over(local_seat(ScriptedLocal()))
    (candidate,) = router.route(ask(COMPLEX, mode="cloud", wish="anthropic")).candidates

    assert not router.has_cloud
    assert candidate.route.otherwise is None
    assert candidate.route.reason == "Answered here: no cloud provider is set up."


async def test_opening_a_routing_asks_its_candidates() -> None:
    seats = both()
    router = router_over(*seats)
    events = [event async for event in router.open(router.route(ask()))]

    assert len(events) == 4
    assert router.stats.view().models[0].model == "fast"
