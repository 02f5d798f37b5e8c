"""Who is asked: a table of who decides, and the laws that no table entry may break."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.events import Task, Verdict
from chatapp.messages import LockedBy, Mode, ProviderWish
from chatapp.router.route import KIND_WORDS, Case, Choice, Kind, Policy, choose

CASE = Case(
    verdict="clear",
    kinds=(),
    locked_by=None,
    mode="hybrid",
    wish="auto",
    task="simple",
    task_reason="Short question.",
    cloud=True,
)
LOCAL: tuple[Kind, ...] = ("local",)
CLOUD: tuple[Kind, ...] = ("cloud",)
BOTH: tuple[Kind, ...] = ("local", "cloud")
CLOUD_FIRST: tuple[Kind, ...] = ("cloud", "local")

CASES = st.builds(
    Case,
    verdict=st.sampled_from(get_args(Verdict)),
    kinds=st.lists(st.sampled_from([*KIND_WORDS, "NEW_KIND"]), max_size=3).map(tuple),
    locked_by=st.sampled_from((None, *get_args(LockedBy))),
    mode=st.sampled_from(get_args(Mode)),
    wish=st.sampled_from(get_args(ProviderWish)),
    task=st.sampled_from(get_args(Task)),
    task_reason=st.just("Because of the task."),
    cloud=st.booleans(),
)
POLICIES = st.builds(Policy, default_kind=st.sampled_from(get_args(Kind)), fallback=st.booleans(), airgap=st.booleans())


# --- laws ------------------------------------------------------------------------------------------------------------


@given(CASES, POLICIES)
def test_what_privacy_holds_has_no_cloud_in_its_order(case: Case, policy: Policy) -> None:
    if case.verdict != "clear" or case.locked_by is not None:
        assert choose(case, policy).order == LOCAL


def test_the_law_holds_for_every_single_case_there_is() -> None:
    axes = product(get_args(Verdict), (None, *get_args(LockedBy)), get_args(Mode), get_args(ProviderWish))
    for verdict, locked_by, mode, wish in axes:
        for task, cloud, kind, fallback, airgap in product(
            get_args(Task), (True, False), get_args(Kind), (True, False), (True, False)
        ):
            case = Case(verdict, (), locked_by, mode, wish, task, "", cloud)
            held = verdict != "clear" or locked_by is not None or airgap or mode == "local" or not cloud
            assert ("cloud" in choose(case, Policy(kind, fallback, airgap)).order) <= (not held)


@given(CASES, POLICIES)
def test_somebody_is_asked_once_and_told_why_in_one_sentence(case: Case, policy: Policy) -> None:
    choice = choose(case, policy)

    assert 1 <= len(choice.order) == len(set(choice.order)) <= 2
    assert choice.reason.endswith(".")
    assert choice.reason.count(". ") == 0
    assert choice.rule.isidentifier()


@given(CASES, POLICIES)
def test_without_fallback_only_one_is_asked(case: Case, policy: Policy) -> None:
    assert len(choose(case, replace(policy, fallback=False)).order) == 1
    assert choose(case, policy).order[0] == choose(case, replace(policy, fallback=False)).order[0]


@given(CASES, POLICIES)
def test_a_stricter_case_never_opens_the_door(case: Case, policy: Policy) -> None:
    """What is stricter: any verdict but clear, a lock, local mode, an airgap, no cloud."""
    if "cloud" in choose(case, policy).order:
        return
    stricter = (
        replace(case, verdict="unknown"),
        replace(case, locked_by="user"),
        replace(case, mode="local"),
        replace(case, cloud=False),
    )
    for strict in stricter:
        assert "cloud" not in choose(strict, policy).order
    assert "cloud" not in choose(case, replace(policy, airgap=True)).order


@given(CASES, POLICIES)
def test_otherwise_is_where_it_would_have_gone_without_the_hold(case: Case, policy: Policy) -> None:
    free = choose(replace(case, verdict="clear", kinds=(), locked_by=None), policy)
    choice = choose(case, policy)
    if choice.rule in ("phi", "locked", "unknown"):
        assert choice.otherwise == free.order[0]


# --- who decides -----------------------------------------------------------------------------------------------------

PHI = replace(CASE, verdict="sensitive", kinds=("MRN",))
UNSURE = replace(CASE, verdict="unknown")
COMPLEX = replace(CASE, task="complex")
AIRGAP = Policy(airgap=True)


@pytest.mark.parametrize(
    ("case", "policy", "order", "rule"),
    [
        (CASE, Policy(), BOTH, "simple"),
        (COMPLEX, Policy(), CLOUD_FIRST, "complex"),
        (replace(CASE, task="code"), Policy(), BOTH, "code"),
        (replace(CASE, task="tools"), Policy(), BOTH, "tools"),
        (replace(CASE, task="general"), Policy(), BOTH, "general"),
        (replace(CASE, task="general"), Policy("cloud"), CLOUD_FIRST, "general"),
        (CASE, Policy("cloud"), BOTH, "simple"),
        (CASE, Policy(fallback=False), LOCAL, "simple"),
        (COMPLEX, Policy(fallback=False), CLOUD, "complex"),
        (replace(CASE, mode="cloud"), Policy(), CLOUD_FIRST, "mode"),
        (replace(COMPLEX, mode="local"), Policy(), LOCAL, "mode"),
        (replace(CASE, wish="anthropic"), Policy(), CLOUD_FIRST, "wish"),
        (replace(CASE, wish="anthropic"), Policy(fallback=False), CLOUD, "wish"),
        (replace(COMPLEX, wish="ollama"), Policy(), LOCAL, "wish"),
        (replace(CASE, wish="anthropic", mode="local"), Policy(), LOCAL, "mode"),
        (replace(CASE, wish="anthropic", mode="cloud"), AIRGAP, LOCAL, "airgap"),
        (replace(COMPLEX, mode="cloud", wish="anthropic", cloud=False), Policy(), LOCAL, "no_cloud"),
        (replace(PHI, mode="cloud", wish="anthropic"), Policy("cloud"), LOCAL, "phi"),
        (replace(UNSURE, mode="cloud", wish="anthropic"), Policy("cloud"), LOCAL, "unknown"),
        (replace(COMPLEX, mode="cloud", wish="anthropic", locked_by="user"), Policy("cloud"), LOCAL, "locked"),
        (replace(PHI, locked_by="user"), AIRGAP, LOCAL, "phi"),
        (replace(UNSURE, locked_by="detector"), Policy(), LOCAL, "locked"),
    ],
)
def test_privacy_then_airgap_then_mode_then_wish_then_task(
    case: Case, policy: Policy, order: tuple[Kind, ...], rule: str
) -> None:
    choice = choose(case, policy)
    assert (choice.order, choice.rule) == (order, rule)


@pytest.mark.parametrize(
    ("case", "otherwise"),
    [
        (replace(PHI, task="complex"), "cloud"),
        (replace(PHI, mode="cloud"), "cloud"),
        (replace(PHI, mode="local", task="complex"), "local"),
        (replace(COMPLEX, mode="local"), "cloud"),
        (replace(CASE, mode="cloud"), "local"),
        (replace(CASE, wish="anthropic"), "local"),
        (COMPLEX, None),
        (CASE, None),
    ],
)
def test_the_user_is_told_what_the_rule_changed(case: Case, otherwise: Kind | None) -> None:
    assert choose(case, Policy()).otherwise == otherwise


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (("MRN",), "Answered here: a record number was found."),
        (("MRN", "NAME"), "Answered here: a record number and a patient's name were found."),
        (
            ("DATE", "MRN", "NAME"),
            "Answered here: a date tied to a person, a record number and a patient's name were found.",
        ),
        (("MADE_UP", "ALSO_NEW"), "Answered here: an identifier was found."),
        ((), "Answered here: patient data was found."),
    ],
)
def test_what_was_found_is_named_in_plain_words(kinds: tuple[str, ...], reason: str) -> None:
    assert choose(replace(PHI, kinds=kinds), Policy()).reason == reason


@pytest.mark.parametrize(
    ("locked_by", "words"), [("user", "you marked"), ("detector", "holds patient data"), ("tool", "holds patient data")]
)
def test_a_lock_says_whose_it_is(locked_by: LockedBy, words: str) -> None:
    assert words in choose(replace(CASE, locked_by=locked_by), Policy()).reason


@pytest.mark.parametrize(
    "case", [COMPLEX, replace(CASE, mode="cloud"), replace(CASE, wish="anthropic"), replace(CASE, task="general")]
)
def test_whoever_would_have_asked_the_cloud_is_told_where_there_is_none(case: Case) -> None:
    choice = choose(replace(case, cloud=False), Policy("cloud"))
    assert choice == Choice(LOCAL, "no_cloud", "Answered here: no cloud provider is set up.")


def test_without_a_cloud_an_ordinary_question_hears_nothing_about_it() -> None:
    assert choose(replace(CASE, cloud=False), Policy()).reason == CASE.task_reason
    assert choose(replace(CASE, cloud=False, mode="cloud", wish="ollama"), Policy()).reason == CASE.task_reason
