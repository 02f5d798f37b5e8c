"""The program as a person runs it: another process, its own folder, and nothing of this environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def clean_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a new shell would have, and the given names."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **(environ or {})}


def chatapp(
    *arguments: str, folder: Path, environ: Mapping[str, str] | None = None, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "chatapp", *arguments],
        cwd=folder,
        env=clean_environment(environ),
        input=given,
        capture_output=True,
        timeout=40,
        check=False,
    )


@dataclass
class Running:
    """A server in another process. `greeting`: its first line."""

    process: subprocess.Popen[str]
    greeting: str

    @property
    def url(self) -> str:
        return next(word for word in self.greeting.split() if word.startswith("http://"))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End it; its exit code and what it wrote on standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@contextmanager
def serving(
    *arguments: str, folder: Path, environ: Mapping[str, str] | None = None, program: Sequence[str] = ("-m", "chatapp")
) -> Iterator[Running]:
    """Run a server on a free port until the block is left. `program`: what Python runs in its place."""
    process = subprocess.Popen(
        [sys.executable, *program, *arguments, "--port", "0"],
        cwd=folder,
        env=clean_environment(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Running(process, process.stdout.readline())
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
