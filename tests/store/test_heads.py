"""The head file: whole or not at all, never ahead, never back, and for all chains of a folder at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from chatapp.ports import NOTHING_YET, Head
from chatapp.store.failures import HeadUnreadable
from chatapp.store.heads import HeadFile
from tests.store.books import seal_of

SEAL = seal_of()
FIRST, SECOND, THIRD = (SEAL.write_head(Head(count, str(count) * 64)) for count in (1, 2, 3))


@pytest.fixture
def heads(tmp_path: Path) -> HeadFile:
    return HeadFile(tmp_path / "ledger.head")


def test_without_a_file_nothing_is_known(heads: HeadFile) -> None:
    assert heads.read() == {}


def test_what_is_published_is_read_back_by_its_user_alone(heads: HeadFile) -> None:
    heads.publish("a", SEAL.write_head(NOTHING_YET))
    heads.publish("a", FIRST)
    heads.publish("b", SECOND)
    assert HeadFile(heads.path).read() == {"a": FIRST, "b": SECOND}
    assert stat.S_IMODE(heads.path.stat().st_mode) == 0o600
    assert [file.name for file in heads.path.parent.iterdir()] == ["ledger.head"]


def test_a_word_about_a_shorter_chain_comes_too_late(heads: HeadFile) -> None:
    heads.publish("a", SECOND)
    heads.publish("a", FIRST)
    assert heads.read() == {"a": SECOND}


def test_what_was_only_prepared_is_not_said_and_is_cleared_up(heads: HeadFile) -> None:
    heads.publish("a", FIRST)
    heads.prepare(heads.read(), "a", SECOND)
    assert heads.read() == {"a": FIRST}
    heads.publish("a", THIRD)  # another one than was prepared: that one was taken back
    assert heads.read() == {"a": THIRD}
    heads.prepare(heads.read(), "a", THIRD)
    heads.clear_up()
    assert [file.name for file in heads.path.parent.iterdir()] == ["ledger.head"]


def test_two_that_write_one_file_keep_out_of_each_others_way(heads: HeadFile) -> None:
    other = HeadFile(heads.path)
    heads.prepare({}, "a", FIRST)
    other.prepare({}, "b", SECOND)
    heads.publish("a", FIRST)
    other.publish("b", SECOND)
    assert heads.read() == {"a": FIRST, "b": SECOND}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"head": {"count": "x"}}}', b"\xff"])
def test_a_file_that_says_nothing_is_not_taken_for_an_empty_one(heads: HeadFile, content: bytes) -> None:
    heads.path.write_bytes(content)
    with pytest.raises(HeadUnreadable):
        heads.read()


def test_a_file_that_cannot_be_written_is_told_before_the_commit(heads: HeadFile) -> None:
    heads._draft.mkdir()
    with pytest.raises(OSError, match=r"ledger\.head"):
        heads.prepare({}, "a", FIRST)
