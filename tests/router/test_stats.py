"""The counts: what each event adds, how percentiles are read, and that memory stays bounded."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.messages import Usage
from chatapp.router.stats import MODELS, SAMPLES, FallbackStats, ModelStats, Percentiles, Stats, percentiles

USAGE = Usage(30, 41)


def call(
    stats: Stats,
    provider: str = "ollama",
    model: str = "llama3.2",
    *,
    ok: bool = True,
    first_token_ms: float | None = 200.0,
    total_ms: float = 1200.0,
    usage: Usage = USAGE,
) -> None:
    stats.call_ended(provider, model, ok=ok, first_token_ms=first_token_ms, total_ms=total_ms, usage=usage)


def only_model(stats: Stats) -> ModelStats:
    (model,) = stats.view().models
    return model


def test_a_new_process_has_done_nothing() -> None:
    view = Stats().view()
    assert view.requests == view.failures == view.fallbacks == view.kept_local == view.left_house == 0
    assert view.models == ()


def test_questions_are_counted_apart_from_the_calls_they_needed() -> None:
    stats = Stats()
    for _ in range(3):
        call(stats)
    stats.turn_ended(ok=True)
    call(stats, ok=False, first_token_ms=None, usage=Usage())
    stats.turn_ended(ok=False)
    view = stats.view()
    assert (view.requests, view.failures) == (2, 1)
    assert (view.models[0].calls, view.models[0].failures) == (4, 1)


def test_what_stayed_and_what_stepped_in_is_counted() -> None:
    stats = Stats()
    stats.kept_local()
    stats.kept_local()
    for _ in range(3):
        stats.fell_back("anthropic", "ollama")
    stats.fell_back("ollama", "anthropic")
    view = stats.view()
    assert (view.kept_local, view.fallbacks) == (2, 4)
    assert view.fallback_routes == (FallbackStats("anthropic", "ollama", 3), FallbackStats("ollama", "anthropic", 1))


def test_a_request_on_its_way_out_counts_whatever_becomes_of_it() -> None:
    stats = Stats()
    stats.left_house()
    stats.left_house()
    call(stats, "anthropic", ok=False)
    assert stats.view().left_house == 2


def test_tokens_add_up_over_models_and_in_all() -> None:
    stats = Stats()
    call(stats, "ollama", "llama3.2", usage=Usage(10, 5))
    call(stats, "ollama", "llama3.2", usage=Usage(1, 2))
    call(stats, "anthropic", "sonnet", usage=Usage(100, 50))
    view = stats.view()
    assert (view.prompt_tokens, view.completion_tokens) == (111, 57)
    assert [(m.model, m.prompt_tokens, m.completion_tokens) for m in view.models] == [
        ("sonnet", 100, 50),
        ("llama3.2", 11, 7),
    ]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], None),
        ([7.0], Percentiles(7.0, 7.0)),
        ([2.0, 1.0], Percentiles(1.0, 2.0)),
        (list(map(float, range(1, 101))), Percentiles(50.0, 95.0)),
    ],
)
def test_percentiles_are_nearest_rank(samples: list[float], expected: Percentiles | None) -> None:
    assert percentiles(samples) == expected


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=80))
def test_a_percentile_is_a_sample_that_enough_samples_do_not_exceed(samples: list[float]) -> None:
    found = percentiles(samples)
    assert found is not None
    for share, value in ((0.5, found.p50), (0.95, found.p95)):
        assert value in samples
        assert sum(sample <= value for sample in samples) >= share * len(samples)
        assert sum(sample < value for sample in samples) < share * len(samples)


def test_a_failed_call_says_nothing_about_how_long_an_answer_takes() -> None:
    stats = Stats()
    call(stats, first_token_ms=None, total_ms=60_000, ok=False)
    assert only_model(stats).total_ms is None
    call(stats, first_token_ms=300.0, total_ms=60_000, ok=False)
    assert only_model(stats).first_token_ms == Percentiles(300.0, 300.0)
    assert only_model(stats).total_ms is None


@pytest.mark.parametrize(
    ("tokens", "first_token_ms", "total_ms", "speed"),
    [(41, 200.0, 1200.0, 40.0), (1, 200.0, 1200.0, None), (41, None, 1200.0, None), (41, 1200.0, 1200.0, None)],
)
def test_speed_is_measured_from_the_first_token_on(
    tokens: int, first_token_ms: float | None, total_ms: float, speed: float | None
) -> None:
    stats = Stats()
    call(stats, first_token_ms=first_token_ms, total_ms=total_ms, usage=Usage(9, tokens))
    assert only_model(stats).tokens_per_s == speed


def test_percentiles_look_at_the_latest_calls_only() -> None:
    stats = Stats()
    for _ in range(SAMPLES):
        call(stats, total_ms=9000.0)
    for _ in range(SAMPLES):
        call(stats, total_ms=1000.0)
    assert only_model(stats).total_ms == Percentiles(1000.0, 1000.0)
    assert only_model(stats).calls == 2 * SAMPLES


def test_the_model_called_longest_ago_is_forgotten_and_the_totals_stay() -> None:
    stats = Stats()
    for number in range(MODELS):
        call(stats, model=f"m{number}", usage=Usage(1, 1))
    call(stats, model="m0", usage=Usage(1, 1))
    call(stats, model="new", usage=Usage(1, 1))
    names = {model.model for model in stats.view().models}
    assert len(names) == MODELS
    assert {"m0", "new"} <= names
    assert "m1" not in names
    assert stats.view().completion_tokens == MODELS + 2


def test_memory_is_bounded_whatever_is_called() -> None:
    stats = Stats()

    def fold(calls: int) -> None:
        for number in range(calls):
            call(stats, model=f"model {number % 300}", total_ms=float(number))

    fold(MODELS * SAMPLES // 4)
    tracemalloc.start()
    fold(MODELS * SAMPLES // 4)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(stats.view().models) == MODELS
    assert grown < 400_000


def test_a_snapshot_is_json_and_says_what_the_view_says() -> None:
    stats = Stats()
    call(stats)
    call(stats, "anthropic", "sonnet", first_token_ms=None)
    stats.turn_ended(ok=True)
    stats.fell_back("anthropic", "ollama")
    snapshot = json.loads(json.dumps(stats.snapshot()))
    assert snapshot["requests"] == 1
    assert snapshot["fallback_routes"] == [{"origin": "anthropic", "to": "ollama", "times": 1}]
    assert snapshot["models"][1] == {
        "provider": "ollama",
        "model": "llama3.2",
        "calls": 1,
        "failures": 0,
        "prompt_tokens": 30,
        "completion_tokens": 41,
        "first_token_ms": {"p50": 200.0, "p95": 200.0},
        "total_ms": {"p50": 1200.0, "p95": 1200.0},
        "tokens_per_s": 40.0,
    }
    assert snapshot["models"][0]["first_token_ms"] is None


def test_it_can_be_read_aloud() -> None:
    stats = Stats()
    call(stats)
    stats.turn_ended(ok=False)
    assert repr(stats) == "<Stats 1 requests, 1 failed, 1 models>"
