"""Why nobody answered: privacy is said first, and the sentence names the true cause."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.chat.refusals import refusal
from chatapp.errors import (
    BreakerOpen,
    ContextTooLong,
    EgressDenied,
    ModelMissing,
    ModelNotLocal,
    NoCandidateLeft,
    PolicyUnavailable,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderMisconfigured,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)
from chatapp.privacy.gate import Judgement
from chatapp.router.breaker import CircuitBreaker
from chatapp.router.route import Choice
from chatapp.router.router import Routing

PRIVATE = ("phi", "locked", "unknown")
FREE = ("simple", "mode", "wish", "airgap", "complex")


def routing(rule: str, kinds: tuple[str, ...] = ()) -> Routing:
    verdict: Any = {"phi": "sensitive", "unknown": "unknown"}.get(rule, "clear")
    return Routing((), Choice(("local",), rule, "Because."), Judgement(verdict, kinds))


CAUSES: list[tuple[ProviderError, str]] = [
    (ProviderUnavailable("ollama"), "is not answering"),
    (ProviderTimeout("ollama"), "did not answer in time"),
    (ProviderGarbled("ollama"), "gave an answer that could not be read"),
    (ProviderBusy("ollama", retry_after_s=7.0), "takes no more work right now"),
    (BreakerOpen("ollama", retry_after_s=41.2), "failed repeatedly and is being left alone for a while"),
    (ProviderMisconfigured("ollama"), "refuses this server"),
    (ModelMissing("ollama", model="llama3.2"), "llama3.2 is not on this machine (`ollama pull llama3.2` adds it)"),
    (RequestRejected("ollama"), "did not accept the request"),
]


@pytest.mark.parametrize(("cause", "words"), CAUSES, ids=[type(cause).__name__ for cause, _ in CAUSES])
@pytest.mark.parametrize("rule", ["phi", "locked"])
def test_r01_patient_data_wins_over_every_outage_and_the_cause_is_named(
    cause: ProviderError, words: str, rule: str
) -> None:
    error = refusal(NoCandidateLeft((cause,)), routing(rule, ("MRN",)))

    assert isinstance(error, EgressDenied)
    assert (error.code, error.retryable, error.kinds) == ("phi_local_only", True, ("MRN",))
    assert error.retry_after_s == cause.retry_after_s
    assert words in str(error)
    assert "this conversation holds patient data, so nothing was sent" in str(error)
    assert str(error)[0].isupper()


@pytest.mark.parametrize(("cause", "words"), CAUSES, ids=[type(cause).__name__ for cause, _ in CAUSES])
def test_r08_an_undecided_check_says_that_it_was_undecided(cause: ProviderError, words: str) -> None:
    error = refusal(NoCandidateLeft((cause,)), routing("unknown"))

    assert isinstance(error, PolicyUnavailable)
    assert (error.code, error.retryable, error.retry_after_s) == ("policy_unavailable", True, cause.retry_after_s)
    assert words in str(error)


def test_a_breaker_that_an_operator_holds_is_not_said_to_have_failed() -> None:
    breaker = CircuitBreaker("ollama")
    breaker.hold()
    held = breaker.refusal()
    assert held is not None
    sentence = str(refusal(NoCandidateLeft((held,)), routing("phi")))
    assert "held back by an operator" in sentence
    assert "failed" not in sentence


@pytest.mark.parametrize("rule", FREE)
@pytest.mark.parametrize("cause", [cause for cause, _ in CAUSES], ids=lambda cause: type(cause).__name__)
def test_where_privacy_had_no_say_the_providers_own_error_stands(rule: str, cause: ProviderError) -> None:
    nobody = NoCandidateLeft((cause,))
    error = refusal(nobody, routing(rule))
    assert error is nobody
    assert error.code == cause.code


@pytest.mark.parametrize("cause", [ContextTooLong("ollama"), ModelNotLocal("ollama")])
@pytest.mark.parametrize("rule", PRIVATE)
def test_what_waiting_does_not_mend_is_said_as_it_is(cause: ProviderError, rule: str) -> None:
    error = refusal(NoCandidateLeft((cause,)), routing(rule))
    assert (error.code, error.retryable) == (cause.code, False)


@pytest.mark.parametrize("rule", [*PRIVATE, *FREE])
def test_nobody_at_the_table_is_an_error_of_ours(rule: str) -> None:
    nobody = NoCandidateLeft(())
    assert refusal(nobody, routing(rule)) is nobody


@given(
    st.sampled_from([cause for cause, _ in CAUSES]),
    st.sampled_from([*PRIVATE, *FREE]),
    st.lists(st.sampled_from(["MRN", "NAME"]), unique=True).map(tuple),
)
def test_a_refusal_is_a_sentence_for_a_person(cause: ProviderError, rule: str, kinds: tuple[str, ...]) -> None:
    sentence = str(refusal(NoCandidateLeft((cause,)), routing(rule, kinds)))
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "!" not in sentence
    assert "None" not in sentence
