"""The gate: only it clears, it reads every text that would leave, and whatever it cannot read stays."""

from __future__ import annotations

import ast
import base64
import copy
import json
import pickle
import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chatapp
from chatapp.messages import (
    Attachment,
    CompletionRequest,
    Message,
    Part,
    Text,
    ToolCall,
    ToolResult,
    ToolSpec,
    VerbatimThinking,
)
from chatapp.ports import Detector, Finding
from chatapp.privacy import gate as gate_module
from chatapp.privacy.detect import detect
from chatapp.privacy.gate import CLEAR, UNKNOWN, ClearedRequest, Judgement, PrivacyGate, StaysLocal
from tests.fakes import CANARY, find_canary

MRN = "MRN 4482913"


def user(*texts: str) -> Message:
    return Message("user", tuple(map(Text, texts)))


def asking(*messages: Message, **more: Any) -> CompletionRequest:
    return CompletionRequest(model="strong", messages=messages or (user("What is a normal potassium?"),), **more)


def verdict_of(gate: PrivacyGate, request: CompletionRequest) -> str:
    judged = gate.judge(request)
    return "clear" if isinstance(judged, ClearedRequest) else judged.judgement.verdict


# --- clearance is a type ---------------------------------------------------------------------------------------------


def test_a_harmless_request_is_cleared_as_it_is() -> None:
    request = asking(system="Be brief.")
    cleared = PrivacyGate(detect, version="7").judge(request)

    assert isinstance(cleared, ClearedRequest)
    assert cleared.payload is request
    assert cleared.detector == "7"


@pytest.mark.parametrize("seal", [None, object(), True, "seal"])
def test_nobody_else_clears_a_request(seal: object) -> None:
    with pytest.raises(TypeError):
        ClearedRequest(asking(), detector="1", seal=seal)


def test_what_was_cleared_cannot_be_exchanged_afterwards() -> None:
    cleared = PrivacyGate(find_canary).judge(asking())
    assert isinstance(cleared, ClearedRequest)

    with pytest.raises(AttributeError):
        cleared.payload = asking(user(CANARY))
    with pytest.raises(AttributeError):
        del cleared.payload
    assert CANARY not in repr(cleared.payload)


@pytest.mark.parametrize("forge", [copy.copy, copy.deepcopy, pickle.dumps, replace])
def test_a_clearance_is_not_copied_stored_or_altered(forge: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        forge(PrivacyGate(find_canary).judge(asking()))


def test_a_clearance_has_no_heirs() -> None:
    with pytest.raises(TypeError):
        type("Forged", (ClearedRequest,), {"__init__": lambda self: None})


def test_no_other_room_takes_hold_of_the_seal_or_makes_a_clearance() -> None:
    root = Path(chatapp.__file__).parent
    for path in root.rglob("*.py"):
        if path == Path(gate_module.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.alias | ast.Attribute | ast.Name) and "_SEAL" in _named(node)), path
            assert not (isinstance(node, ast.Call) and _named(node.func) == "ClearedRequest"), path


def _named(node: ast.AST) -> str:
    for attribute in ("id", "attr", "name"):
        if isinstance(found := getattr(node, attribute, None), str):
            return found
    return ""


def test_a_fingerprint_is_of_everything_that_was_cleared() -> None:
    gate = PrivacyGate(find_canary)
    requests = [asking(), asking(system="x"), asking(user("y")), replace(asking(), model="other")]
    prints = [cleared.fingerprint() for cleared in map(gate.judge, requests) if isinstance(cleared, ClearedRequest)]

    assert len({sha256 for _, sha256 in prints}) == len(requests)
    assert all(size > 0 and len(sha256) == 64 for size, sha256 in prints)


# --- where an identifier may stand -----------------------------------------------------------------------------------

CALL = ToolCall("c1", "lookup", "{}")
TOOL = ToolSpec("lookup", "Looks it up.", '{"type": "object"}')
PLACES: dict[str, Callable[[str], CompletionRequest]] = {
    "the question": lambda text: asking(user(text)),
    "a second part of the question": lambda text: asking(user("And this?", text)),
    "the system text": lambda text: asking(system=text),
    "an old question": lambda text: asking(user(text), Message("assistant", (Text("Yes."),)), user("Thanks.")),
    "an old answer": lambda text: asking(user("Who?"), Message("assistant", (Text(text),)), user("Thanks.")),
    "a tool's name": lambda text: asking(tools=(replace(TOOL, name=text),)),
    "a tool's description": lambda text: asking(tools=(replace(TOOL, description=text),)),
    "a tool's schema": lambda text: asking(tools=(replace(TOOL, parameters_json=f'{{"title": "{text}"}}'),)),
    "a call's name": lambda text: asking(user("?"), Message("assistant", (replace(CALL, name=text),))),
    "a call's arguments": lambda text: asking(
        user("?"), Message("assistant", (replace(CALL, arguments_json=f'{{"who": "{text}"}}'),))
    ),
    "arguments that are no JSON": lambda text: asking(
        user("?"), Message("assistant", (replace(CALL, arguments_json=f'{{"who": "{text}'),))
    ),
    "a result": lambda text: asking(user("?"), Message("tool", (ToolResult("c1", "lookup", text, True),))),
    "a failed result": lambda text: asking(user("?"), Message("tool", (ToolResult("c1", "lookup", text, False),))),
    "a result's name": lambda text: asking(user("?"), Message("tool", (ToolResult("c1", text, "fine", True),))),
    "a file's name": lambda text: asking(Message("user", (Attachment("a1", text, "1 row", "x"), Text("?")))),
    "a file's summary": lambda text: asking(Message("user", (Attachment("a1", "f", text, "x"), Text("?")))),
    "a file beyond its summary": lambda text: asking(
        Message("user", (Attachment("a1", "f.csv", "5000 rows", "fine,\n" * 5000 + text), Text("?")))
    ),
    "a model's reasoning": lambda text: asking(
        user("?"), Message("assistant", (VerbatimThinking("anthropic", "strong", f'{{"thinking": "{text}"}}'),))
    ),
    "a call's id": lambda text: asking(user("?"), Message("assistant", (replace(CALL, id=text),))),
    "a result's id": lambda text: asking(user("?"), Message("tool", (ToolResult(text, "lookup", "fine", True),))),
    "the model's name": lambda text: replace(asking(), model=text),
}


@pytest.mark.parametrize("place", PLACES)
def test_R06_an_identifier_keeps_the_request_wherever_it_stands(place: str) -> None:
    request = PLACES[place](MRN)
    judged = PrivacyGate(detect).judge(request)

    assert isinstance(judged, StaysLocal), place
    assert judged.judgement == Judgement("sensitive", ("MRN",))
    assert judged.payload is request
    assert verdict_of(PrivacyGate(detect), PLACES[place]("fine")) == "clear"


TYPES = (CompletionRequest, Message, ToolSpec, *get_args(Part))


def strings_of(value: object, owner: str = "", name: str = "") -> set[tuple[str, str]]:
    """Every field of a request that holds text, found by looking instead of by a list."""
    if isinstance(value, str):
        return {(owner, name)}
    if isinstance(value, tuple):
        return set().union(*(strings_of(item, owner, name) for item in value))
    if is_dataclass(value):
        kind = type(value).__name__
        return set().union(*(strings_of(getattr(value, field.name), kind, field.name) for field in fields(value)))
    return set()


def test_no_text_of_a_request_is_forgotten_by_the_gate() -> None:
    seen: list[str] = []

    def note(text: str) -> Sequence[Finding]:
        seen.append(text)
        return ()

    parts = (
        Text("«Text.text»"),
        VerbatimThinking("«VerbatimThinking.provider»", "«VerbatimThinking.model»", "«VerbatimThinking.block»"),
        ToolCall("«ToolCall.id»", "«ToolCall.name»", "«ToolCall.arguments_json»"),
        ToolResult("«ToolResult.call»", "«ToolResult.name»", "«ToolResult.content»", True),
        Attachment("«Attachment.alias»", "«Attachment.name»", "«Attachment.summary»", "«Attachment.text»"),
    )
    tool = ToolSpec("«ToolSpec.name»", "«ToolSpec.description»", "«ToolSpec.parameters_json»")
    request = CompletionRequest(
        "«CompletionRequest.model»", (Message("user", parts),), "«CompletionRequest.system»", (tool,)
    )
    PrivacyGate(note).judge(request)

    assert {type(part) for part in parts} == set(get_args(Part))
    everything = "\n".join(seen)
    read = {place for place in strings_of(request) if f"«{'.'.join(place)}»" in everything}
    assert strings_of(request) - read == {("Message", "role")}


@pytest.mark.parametrize("prefix", ["call_", "toolu_01", "chatcmpl-tool-", "call-"])
def test_the_numbering_of_machines_is_not_taken_for_an_identifier(prefix: str) -> None:
    dice = random.Random(prefix)  # a fixed seed: the same ids in every run
    shapes = ("0123456789abcdef", string.ascii_letters + string.digits)
    for _ in range(200):
        made = prefix + "".join(dice.choices(dice.choice(shapes), k=dice.choice((8, 22, 32))))
        assert verdict_of(PrivacyGate(detect), PLACES["a call's id"](made)) == "clear", made


def reasoning(**block: str) -> CompletionRequest:
    part = VerbatimThinking("anthropic", "strong", json.dumps(block))
    return asking(user("?"), Message("assistant", (part,)))


@pytest.mark.parametrize("seal", ["signature", "data"])
def test_what_a_provider_seals_its_reasoning_with_is_not_taken_for_an_identifier(seal: str) -> None:
    dice, gate = random.Random(seal), PrivacyGate(detect)
    for _ in range(60):
        random_letters = base64.b64encode(dice.randbytes(1500)).decode()
        assert verdict_of(gate, reasoning(type="thinking", thinking="Potassium.", **{seal: random_letters})) == "clear"


def test_a_seal_hides_nothing_that_can_be_read() -> None:
    letters = base64.b64encode(bytes(60)).decode()
    assert verdict_of(PrivacyGate(detect), reasoning(thinking=MRN, signature=letters)) == "sensitive"
    assert verdict_of(PrivacyGate(detect), reasoning(thinking="", signature=f"{letters} {MRN}")) == "sensitive"
    assert verdict_of(PrivacyGate(detect), reasoning(thinking="", other=f"{letters} {MRN}")) == "sensitive"


def test_what_is_judged_is_frozen_to_the_bottom() -> None:
    for kind in TYPES:
        assert kind.__dataclass_params__.frozen, kind
        for field in fields(kind):
            assert not any(word in str(field.type) for word in ("list", "dict", "set[", "Any")), (kind, field.name)


HALVES = [
    ("The record number is MRN 448", "2913"),
    ("My patient's MRN is", "4482913"),
    ("Her social security number: 536-4", "2-1430"),
]


@pytest.mark.parametrize("halves", HALVES)
@pytest.mark.parametrize("between", [(), (Message("assistant", (Text("Go on."),)),)], ids=["at once", "with a reply"])
def test_R07_a_number_split_over_two_messages_keeps_the_request(
    halves: tuple[str, str], between: tuple[Message, ...]
) -> None:
    gate = PrivacyGate(detect)
    assert verdict_of(gate, asking(user(halves[0]), *between, user(halves[1]))) == "sensitive"
    assert verdict_of(gate, asking(user(*halves))) == "sensitive"


def test_R07_a_number_split_over_three_messages_keeps_the_request() -> None:
    parts = ("The record number is MRN", "448", "2913")
    assert verdict_of(PrivacyGate(detect), asking(*map(user, parts))) == "sensitive"
    with_replies = [Message("assistant", (Text("Go on."),)), *map(user, parts[1:])]
    assert verdict_of(PrivacyGate(detect), asking(user(parts[0]), *with_replies)) == "sensitive"


LABEL, NUMBER = "The record number is MRN", "4482913"


def find_labelled(text: str) -> Sequence[Finding]:
    """A detector that knows a number by its label, and neither alone."""
    return [Finding(*found.span(), "MRN", "labelled") for found in re.finditer(rf"MRN\s{{1,3}}{NUMBER}", text)]


LONG = "Potassium is an electrolyte of which most is found inside of cells. " * 12
SEAMS: dict[str, tuple[Message, ...]] = {
    "a question and what a tool answered": (
        user(LABEL),
        Message("assistant", (replace(CALL, arguments_json='{"block": "July", "rule": "80 hours"}'),)),
        Message("tool", (ToolResult("c1", "lookup", NUMBER, True),)),
    ),
    "what a tool answered and a question": (
        user("?"),
        Message("assistant", (CALL,)),
        Message("tool", (ToolResult("c1", "lookup", LABEL, True),)),
        user(NUMBER),
    ),
    "two tools": (
        user("?"),
        Message("tool", (ToolResult("c1", "lookup", LABEL, True), ToolResult("c2", "lookup", NUMBER, True))),
    ),
    "a file and the question about it": (Message("user", (Attachment("a1", "f", "1 row", LABEL), Text(NUMBER))),),
    "what a model sees of a file and the question": (
        Message("user", (Attachment("a1", "f", LABEL, "fine"), Text(NUMBER))),
    ),
    "a question of the model and the answer": (user("Help."), Message("assistant", (Text(LABEL),)), user(NUMBER)),
    "the end of a long message and the next": (user(LONG + LABEL), user(f"{NUMBER} and now {LONG}")),
}


@pytest.mark.parametrize("seam", SEAMS)
@pytest.mark.parametrize("later", [0, 80])
def test_R07_an_identifier_across_a_seam_keeps_the_request_however_old_it_is(seam: str, later: int) -> None:
    after = [message for n in range(later) for message in (user(f"{LONG} {n}"), Message("assistant", (Text(LONG),)))]
    assert verdict_of(PrivacyGate(find_labelled), asking(*SEAMS[seam], *after)) == "sensitive"
    for part in (LABEL, NUMBER):
        assert verdict_of(PrivacyGate(find_labelled), asking(user(part))) == "clear"


@given(st.lists(st.text("xyz \n", max_size=300), max_size=12), st.integers(1, 4), st.data())
def test_R07_wherever_an_identifier_is_cut_into_messages_it_is_seen(
    texts: list[str], pieces: int, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(CANARY) - 1), min_size=pieces, max_size=pieces)))
    split = [CANARY[start:end] for start, end in zip([0, *cuts], [*cuts, len(CANARY)], strict=True)]
    at = data.draw(st.integers(0, len(texts)))
    said = [*texts[:at], *split, *texts[at:]]

    def lenient(text: str) -> Sequence[Finding]:
        return find_canary(text.replace("\n", ""))

    assert verdict_of(PrivacyGate(lenient), asking(*map(user, said))) == "sensitive"


def test_numbers_that_merely_stand_at_the_end_and_the_beginning_make_no_words_nobody_wrote() -> None:
    seen: list[str] = []
    gate = PrivacyGate(lambda text: seen.append(text) or ())  # type: ignore[func-returns-value]
    gate.judge(asking(user("Use 12"), user("34 of them"), user("and more"), user("words")))
    assert "Use 1234 of themand morewords" in seen
    assert not any("morewords" in text and "1234" not in text for text in seen)


def test_reading_costs_in_proportion_to_what_is_new() -> None:
    read: list[int] = []
    gate = PrivacyGate(lambda text: read.append(len(text)) or ())  # type: ignore[func-returns-value]
    history: list[Message] = []
    costs = []
    for number in range(120):
        history += [user(f"{LONG} {number}"), Message("assistant", (Text(f"{number} {LONG}"),))]
        read.clear()
        gate.judge(asking(*history))
        costs.append(sum(read))
    assert max(costs[10:]) <= 2 * len(LONG) + 2000
    read.clear()
    PrivacyGate(lambda text: read.append(len(text)) or ()).judge(asking(*history))  # type: ignore[func-returns-value]
    assert sum(read) <= 3 * 120 * 2 * len(LONG)


def test_more_tiny_messages_than_anybody_types_are_unknown_and_cost_nothing() -> None:
    read: list[str] = []
    gate = PrivacyGate(lambda text: read.append(text) or ())  # type: ignore[func-returns-value]
    assert verdict_of(gate, asking(*[user(f"{number}") for number in range(8000)])) == "unknown"
    assert gate.unread(asking(*[user(f"{number}") for number in range(8000)])) == 0
    assert read == []


def test_what_is_new_to_the_detector_is_known_before_it_reads() -> None:
    read: list[int] = []
    gate = PrivacyGate(lambda text: read.append(len(text)) or ())  # type: ignore[func-returns-value]
    request = asking(user(LONG), user("And now?"), system="Be brief.")
    unread = gate.unread(request)
    gate.judge(request)
    assert unread == sum(read)
    assert gate.unread(request) == 0


def test_another_detector_remembers_under_other_keys() -> None:
    first, second = PrivacyGate(find_canary, version="1"), PrivacyGate(find_canary, version="2")
    first.judge_text("once")
    second.judge_text("once")
    assert not set(first._remembered) & set(second._remembered)


def test_no_text_is_remembered() -> None:
    gate = PrivacyGate(detect)
    gate.judge(asking(user(f"Mrs. Okonkwo, {MRN}"), system="Be brief."))
    gate.judge_text(f"Mr. Okonkwo, {MRN}")
    kept = repr([(key, value) for key, value in gate._remembered.items()])
    assert "Okonkwo" not in kept
    assert "4482913" not in kept
    assert all(judgement.findings == () for judgement in gate._remembered.values())


def test_escaped_letters_in_json_are_read_as_the_letters_they_stand_for() -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in MRN)
    for place in ("a call's arguments", "a tool's schema", "a model's reasoning"):
        assert verdict_of(PrivacyGate(detect), PLACES[place](escaped)) == "sensitive", place


# --- what it cannot read ---------------------------------------------------------------------------------------------


def failing(error: BaseException) -> Detector:
    def detector(text: str) -> Sequence[Finding]:
        raise error

    return detector


@pytest.mark.parametrize(
    "error", [ValueError("x"), RecursionError(), MemoryError(), TimeoutError(), UnicodeError(), AssertionError()]
)
def test_R08_a_detector_that_fails_means_unknown(error: Exception) -> None:
    gate = PrivacyGate(failing(error))

    assert gate.examine("anything") == UNKNOWN
    assert verdict_of(gate, asking()) == "unknown"


def test_a_detector_that_is_interrupted_clears_nothing() -> None:
    with pytest.raises(KeyboardInterrupt):
        PrivacyGate(failing(KeyboardInterrupt())).judge(asking())


def test_a_detector_that_fails_on_one_part_keeps_the_whole() -> None:
    def picky(text: str) -> Sequence[Finding]:
        if "broken" in text:
            raise ValueError
        return find_canary(text)

    assert verdict_of(PrivacyGate(picky), asking(user("fine"), user("broken"))) == "unknown"
    assert verdict_of(PrivacyGate(picky), asking(user("broken"), user(CANARY))) == "sensitive"


@pytest.mark.parametrize("letter", ["a", "é", "語", "🙂"])
def test_over_budget_is_unknown_and_the_budget_is_in_bytes(letter: str) -> None:
    size = len(letter.encode())
    fits, over = letter * (600 // size), letter * (600 // size + 1)
    gate = PrivacyGate(lambda text: (), budget_bytes=600)

    assert (gate.examine(fits), gate.examine(over)) == (CLEAR, UNKNOWN)
    assert verdict_of(gate, replace(asking(user(fits)), model="")) == "clear"
    assert verdict_of(gate, replace(asking(user(over)), model="")) == "unknown"


@pytest.mark.parametrize("half", ["\ud800", "a \udfff b", "\ud83d\ude42"])
def test_half_a_letter_is_nothing_that_anybody_has_read(half: str) -> None:
    gate = PrivacyGate(lambda text: ())
    assert gate.examine(half) == UNKNOWN
    assert verdict_of(gate, asking(user("fine"), user(half))) == "unknown"


def test_many_small_parts_are_over_budget_together() -> None:
    gate = PrivacyGate(lambda text: (), budget_bytes=600)
    assert verdict_of(gate, asking(*[Message("assistant", (Text("x" * 50),))] * 20)) == "unknown"


def test_what_is_over_budget_is_not_handed_to_the_detector() -> None:
    seen: list[str] = []
    gate = PrivacyGate(lambda text: seen.append(text) or (), budget_bytes=10)  # type: ignore[func-returns-value]
    gate.examine("x" * 11)
    gate.judge(asking(user("x" * 11)))
    assert seen == []


# --- laws ------------------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec=None), max_size=30)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, WORDS),
    st.builds(VerbatimThinking, WORDS, WORDS, WORDS),
    st.builds(ToolCall, st.just("c1"), WORDS, WORDS),
    st.builds(ToolResult, st.just("c1"), WORDS, WORDS, st.booleans()),
    st.builds(Attachment, st.just("a1"), WORDS, WORDS, WORDS),
)
MESSAGES = st.builds(Message, st.sampled_from(("user", "assistant", "tool")), st.lists(PARTS, max_size=3).map(tuple))
REQUESTS = st.builds(
    CompletionRequest,
    model=st.just("strong"),
    messages=st.lists(MESSAGES, max_size=4).map(tuple),
    system=WORDS,
    tools=st.lists(st.builds(ToolSpec, WORDS, WORDS, WORDS), max_size=2).map(tuple),
)


@given(REQUESTS, st.data())
def test_an_identifier_added_to_any_request_keeps_it(request_: CompletionRequest, data: st.DataObject) -> None:
    words = data.draw(WORDS)
    message = Message("user", (Text(f"{words}{CANARY}{words}"),))
    at = data.draw(st.integers(0, len(request_.messages)))
    spoilt = replace(request_, messages=(*request_.messages[:at], message, *request_.messages[at:]))
    assert verdict_of(PrivacyGate(find_canary), spoilt) != "clear"


@given(REQUESTS)
def test_whatever_is_cleared_can_be_written_into_the_ledger(request_: CompletionRequest) -> None:
    judged = PrivacyGate(lambda text: ()).judge(request_)
    if isinstance(judged, ClearedRequest):
        assert judged.fingerprint()[0] > 0


@given(REQUESTS, st.booleans())
def test_a_latched_request_stays_whatever_it_says(request_: CompletionRequest, harmless: bool) -> None:
    gate = PrivacyGate((lambda text: ()) if harmless else find_canary)
    judged = gate.judge(request_, latched=True)
    assert isinstance(judged, StaysLocal)
    assert judged.latched


@settings(max_examples=50)
@given(st.lists(REQUESTS, min_size=1, max_size=4))
def test_what_is_remembered_changes_no_verdict(requests: list[CompletionRequest]) -> None:
    remembering = PrivacyGate(find_canary)
    for request in [*requests, *requests]:
        assert verdict_of(remembering, request) == verdict_of(PrivacyGate(find_canary), request)


def test_each_text_is_read_once_and_memory_is_bounded() -> None:
    seen: list[str] = []
    gate = PrivacyGate(lambda text: seen.append(text) or ())  # type: ignore[func-returns-value]
    for _ in range(3):
        gate.judge(asking(user("once")))
    assert seen.count("once") == 1
    for number in range(17_000):
        gate.judge(asking(user(f"question {number}")))
    assert "16384 parts" in repr(gate)


def test_kinds_are_sorted_without_repeats_and_findings_stay_with_their_text() -> None:
    def three(text: str) -> Sequence[Finding]:
        return (Finding(0, 1, "SSN", "r"), Finding(1, 2, "MRN", "r"), Finding(2, 3, "SSN", "r"))

    gate = PrivacyGate(three)
    assert gate.examine("abc").kinds == ("MRN", "SSN")
    assert len(gate.examine("abc").findings) == 3
    judged = gate.judge(asking())
    assert isinstance(judged, StaysLocal)
    assert judged.judgement.findings == ()


def test_a_file_is_read_when_it_comes_in_and_not_again_with_the_question_that_carries_it() -> None:
    read: list[str] = []

    def noting(text: str) -> Sequence[Finding]:
        read.append(text)
        return ()

    file = Attachment("a1", "roster.csv", "two rows", "name,start\nLee,07:00")
    gate = PrivacyGate(noting)
    assert gate.judge_file(file).verdict == "clear"
    question = Message("user", (file, Text("Check it")))
    gate.judge(CompletionRequest(model="m", messages=(question,)))
    assert read.count(file.text) == 1


def test_a_file_over_the_budget_is_unknown() -> None:
    file = Attachment("a1", "long.txt", "", "x" * 101)
    assert PrivacyGate(lambda text: (), budget_bytes=100).judge_file(file).verdict == "unknown"
