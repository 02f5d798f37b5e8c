"""The data folder: a key for its user alone, made once; the same chain for the server, the library and the commands."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.settings import Settings
from chatapp.storage import build_database, known_keys, open_seal
from chatapp.store.failures import StoreError
from tests.store.books import faults_in, written_in
from tests.store.samples import egress_record


def settings_in(folder: Path, **more: str) -> Settings:
    return Settings.from_environ({"CHATAPP_DATA_DIR": str(folder), "CHATAPP_DISK_FLOOR_BYTES": "0", **more})


async def test_the_first_start_makes_a_key_and_the_second_one_uses_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data")
    for _ in range(2):
        database = build_database(settings)
        await database.open()
        await database.open_egress(egress_record())
        await database.close()
    names = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
    assert names == {"chatapp.sqlite3": 0o600, "ledger.key": 0o600, "ledger.head": 0o600}
    assert faults_in(database.path, open_seal(settings)) == []
    written = written_in(tmp_path / "data", open_seal(settings).chain)
    assert written is not None
    assert written.head.count == 2


def test_a_secret_makes_the_key_and_no_file_is_needed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data", CHATAPP_SECRET_KEY="a secret")
    assert open_seal(settings).chain == open_seal(settings).chain
    assert open_seal(settings).chain != open_seal(settings_in(tmp_path / "data", CHATAPP_SECRET_KEY="another")).chain
    assert not (tmp_path / "data").exists()


def test_two_processes_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    program = (
        "from tests.test_storage import settings_in, open_seal; from pathlib import Path;"
        f"print(open_seal(settings_in(Path({str(tmp_path)!r}))).chain)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {process.communicate(timeout=40)[0] for process in processes}
    assert said == {open_seal(settings_in(tmp_path)).chain + "\n"}
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.key"]


@pytest.mark.parametrize("content", [b"", b"abcd\n", b"\xff\xfe", b"g" * 64])
def test_a_key_file_that_holds_no_key_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.key").write_bytes(content)
    with pytest.raises(StoreError, match="holds no key"):
        open_seal(settings_in(tmp_path))
    assert (tmp_path / "ledger.key").read_bytes() == content


def test_every_key_at_hand_proves_the_one_in_use_the_file_and_those_that_are_named(tmp_path: Path) -> None:
    without = open_seal(settings_in(tmp_path))
    settings = settings_in(tmp_path, CHATAPP_SECRET_KEY="now")
    earlier = open_seal(settings_in(tmp_path, CHATAPP_SECRET_KEY="earlier"))
    (tmp_path / "old").write_text("earlier\n")
    node = without.chain.rpartition("/")[0]
    chains = {type(without)(key, node).chain for key in known_keys(settings, (tmp_path / "old",))}
    assert chains == {without.chain, earlier.chain, open_seal(settings).chain}
