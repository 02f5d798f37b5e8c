"""`chatapp classify`: a line for a line, in order, whatever a line is; without a connection and without growing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.commands.classify import classify_lines
from chatapp.settings import Settings
from tests.commands.program import chatapp, clean_environment

A_PATIENT = "Mrs. Okonkwo in bed 12, MRN 4482913, has a fever. What now?"
FIELDS = {"id", "verdict", "phi", "kinds", "task", "score", "cloud", "model", "rule", "reason"}
UNREADABLE = "a line is {id, text} or {id, turns: [{role, content}]}"
_WITHOUT_SOCKETS = """
import sys
def refuse(event, _arguments):
    if event.startswith("socket."):
        raise SystemExit(f"{event} was used")
sys.addaudithook(refuse)
from chatapp.__main__ import main
code = main(["classify"])
assert not {"uvicorn", "starlette", "httpx2", "aiohttp", "anthropic", "sqlalchemy"} & sys.modules.keys()
raise SystemExit(code)
"""


def classified(*lines: object, environ: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The answers to lines; bytes stand for themselves."""
    given = b"".join((line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines)
    out = io.BytesIO()
    classify_lines(io.BytesIO(given), out, Settings.from_environ(environ or {}))
    return [orjson.loads(line) for line in out.getvalue().splitlines()]


def test_every_field_of_the_contract_is_there() -> None:
    (answer,) = classified({"id": "a", "text": "Say hello"})
    assert set(answer) == FIELDS
    assert (answer["id"], answer["verdict"], answer["phi"], answer["kinds"]) == ("a", "clear", False, [])
    assert 0 <= answer["score"] <= 1


def test_a_patient_stays_whatever_else_the_text_is() -> None:
    (answer,) = classified({"id": 1, "text": A_PATIENT}, environ={"LLM_DEFAULT_PROVIDER": "anthropic"})
    assert (answer["verdict"], answer["phi"], answer["cloud"], answer["task"]) == ("sensitive", True, False, "privacy")
    assert answer["kinds"]
    assert "Okonkwo" not in str(answer)


@pytest.mark.parametrize("role", ["user", "assistant", "system", "tool"])
def test_what_was_said_before_counts_whoever_said_it(role: str) -> None:
    turns = [{"role": role, "content": A_PATIENT}, {"role": "user", "content": "Thank you. Now write a poem."}]
    (answer,) = classified({"id": 1, "turns": turns})
    assert (answer["phi"], answer["cloud"]) == (True, False)


def test_the_task_is_that_of_the_last_question() -> None:
    turns = [
        {"role": "user", "content": "Fix this Python function: def f(x): return x +"},
        {"role": "assistant", "content": "There."},
        {"role": "user", "content": "Thank you"},
    ]
    (answer,) = classified({"id": 1, "turns": turns})
    assert answer["task"] == "simple"


@pytest.mark.parametrize(
    ("provider", "cloud", "model"), [("anthropic", True, "the-cloud-model"), ("ollama", False, "the-local-model")]
)
def test_a_general_question_goes_where_the_operator_says(provider: str, cloud: bool, model: str) -> None:
    environ = {
        "LLM_DEFAULT_PROVIDER": provider,
        "ANTHROPIC_DEFAULT_MODEL": "the-cloud-model",
        "OLLAMA_DEFAULT_MODEL": "the-local-model",
    }
    text = (
        "Write a friendly letter to new residents that tells them where to park, where to eat, where to find the call "
        "room, and whom to ask for a badge on the first day of the year."
    )
    (answer,) = classified({"id": 1, "text": text}, environ=environ)
    assert (answer["task"], answer["cloud"], answer["model"]) == ("general", cloud, model)


@pytest.mark.parametrize(
    ("line", "id"),
    [
        (b"", None),
        (b"   ", None),
        (b"not JSON", None),
        (b"{", None),
        (b"[]", None),
        (b"null", None),
        (b'{"id": 7}', 7),
        (b'{"id": 7, "text": null}', 7),
        (b'{"id": 7, "text": 5}', 7),
        (b'{"id": 7, "turns": []}', 7),
        (b'{"id": 7, "turns": [{"role": "doctor", "content": "x"}]}', 7),
        (b'{"id": 7, "text": "x", "turns": [{"role": "user", "content": "x"}]}', 7),
        (b'{"text": "x"}', None),
        (b'{"id": 7, "text": "\xff"}', None),
        (b'{"id": 7, "text": "\\ud800"}', None),
        (b'{"id": 7, "text": ' + b"[" * 5000 + b"]" * 5000 + b"}", None),
    ],
)
def test_a_line_that_cannot_be_read_is_answered_in_its_place(line: bytes, id: object) -> None:
    answers = classified({"id": "before", "text": "Hi"}, line, {"id": "after", "text": "Hi"})
    assert [answer["id"] for answer in answers] == ["before", id, "after"]
    assert answers[1] == {"id": id, "error": UNREADABLE}


@pytest.mark.parametrize("id", ["5", 5, "", "é", 2**53, -1])
def test_an_id_comes_back_as_it_was(id: object) -> None:
    (answer,) = classified({"id": id, "text": "Hi"})
    assert answer["id"] == id
    assert type(answer["id"]) is type(id)


A_READABLE_LINE = st.text(max_size=30).map(lambda text: orjson.dumps({"id": text, "text": text}))


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=30) | A_READABLE_LINE, max_size=6))
def test_there_is_a_line_for_a_line(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b" ") for line in lines]
    assert len(classified(*lines)) == len(lines)


def test_nothing_in_gives_nothing_out(tmp_path: Path) -> None:
    done = chatapp("classify", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_opens_no_socket_and_loads_no_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_SOCKETS],
        cwd=tmp_path,
        env=clean_environment({"ANTHROPIC_API_KEY": "k"}),
        input=orjson.dumps({"id": 1, "text": A_PATIENT}),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert orjson.loads(done.stdout)["phi"] is True


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    lines = b'{"id": 1, "text": "Hi"}\n' * 500
    command = f"{sys.executable} -m chatapp classify | head -1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=clean_environment(),
        input=lines,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert orjson.loads(done.stdout)["id"] == 1
    assert done.stderr == b""


def test_twenty_thousand_lines_take_no_more_memory_than_one_thousand(tmp_path: Path) -> None:
    few, many = peak_kib(1_000, tmp_path), peak_kib(20_000, tmp_path)
    assert many < few + 8 * 1024


def peak_kib(count: int, folder: Path) -> int:
    """The most memory that `classify` ever holds over so many different lines, in KiB."""
    with tempfile.TemporaryFile() as lines:
        lines.writelines(
            b'{"id": %d, "text": "Rule %d, Mrs. Lee %d?"}\n' % (number, number, number) for number in range(count)
        )
        lines.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "chatapp", "classify"],
            cwd=folder,
            env=clean_environment(),
            stdin=lines,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        with process.stdout:
            assert sum(1 for _ in process.stdout) == count
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss
