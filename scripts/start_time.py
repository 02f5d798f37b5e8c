"""Measures how long a start takes: from the command to the first page, over a fresh folder each time.

The aim is less than two seconds on a quiet machine. Run: `python -m scripts.start_time [times]`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request


def start_once(command: str) -> float:
    """Seconds from starting the program to having its page."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        arguments = [sys.executable, "-m", "chatapp", command, "--port", "0"]
        with subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            address = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
            urllib.request.urlopen(address).read()
            taken = time.perf_counter() - begun
            process.terminate()
    return taken


def main() -> None:
    """Print the median and the slowest of some starts."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for command in ("serve", "demo"):
        taken = [start_once(command) for _ in range(times)]
        print(f"chatapp {command}: first page after {statistics.median(taken):.2f} s, at most {max(taken):.2f} s")


if __name__ == "__main__":
    main()
