"""A world with nothing in it but loopback, and recorders where the Internet would be; run inside a fresh namespace.

    unshare --net --mount --map-root-user python -m tests.namespace FOLDER

The outside is one address that nobody may have, laid onto loopback, and a name server; both only write down what comes.
Prints one line of JSON: what they heard of a process without and with the guard, and how an airgapped house did there.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import socket
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from chatapp.demo.ollama import StandInOllama
from chatapp.demo.replies import reply
from tests.commands.program import ROOT, Running, clean_environment, serving
from tests.house import Browser, Frame
from tests.recorder import recording

OUTSIDE, PORT, NAME = "203.0.113.7", 443, "outside.example"
QUESTION = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
_SET_ADDRESS, _SET_FLAGS, _UP = 0x8916, 0x8914, 0x1 | 0x40


def build_world(folder: Path) -> None:
    """Loopback up, the outside's address on it, and a name server of ours instead of the machine's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        fcntl.ioctl(made, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(OUTSIDE))
        fcntl.ioctl(made, _SET_ADDRESS, struct.pack("16s16s", b"lo:1", address))
    resolver = folder / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", str(resolver), "/etc/resolv.conf"], check=True)


def heard_of(folder: Path, *how: str) -> dict[str, Any]:
    """What the outside hears of a process that tries every way there, and how each way ended."""
    with recording(OUTSIDE, PORT) as outside, recording("127.0.0.1", 53, names=True) as name_server:
        done = subprocess.run(
            [sys.executable, "-m", "tests.escape", *how, OUTSIDE, str(PORT), NAME],
            cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=50, check=True,
        )  # fmt: skip
    return {"outside": outside.heard, "look_ups": name_server.heard, "ways": json.loads(done.stdout)}


async def ask(server: Running) -> list[Frame]:
    """One question with patient data to the airgapped house."""
    url = server.url.replace("http", "ws") + "/ws/chat"
    async with connect(url, origin=server.url, proxy=None, compression=None) as socket:  # type: ignore[arg-type]
        browser = Browser(socket)
        await browser.until("hello")
        return await browser.ask(QUESTION)


async def house(folder: Path) -> dict[str, Any]:
    """An airgapped server over the stand-in: the answer to a question, and what the outside heard meanwhile."""
    with recording(OUTSIDE, PORT) as outside, recording("127.0.0.1", 53, names=True) as name_server:
        async with StandInOllama(partial(reply, side="local")) as ollama:
            environ = {
                "LLM_AIRGAP_MODE": "true",
                "OLLAMA_URL": ollama.url,
                "CHATAPP_DISK_FLOOR_BYTES": "0",
                "CHATAPP_AIRGAP_PROOF_SECONDS": "0.05",
            }
            with serving("serve", folder=folder, environ=environ) as running:
                frames = await ask(running)
                code, said = await asyncio.to_thread(running.stop)
    heard = outside.heard + name_server.heard
    return {"frames": frames, "heard": heard, "code": code, "said": said}


def main(folder: Path) -> None:
    build_world(folder)
    told = {"free": heard_of(folder), "guarded": heard_of(folder, "--guarded"), "house": asyncio.run(house(folder))}
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
