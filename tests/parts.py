"""Parts of the machine that some tests need: they skip and say so where one is missing.

With `CHATAPP_TEST_REQUIRE=all` a missing part is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

REQUIRED = os.environ.get("CHATAPP_TEST_REQUIRE") == "all"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NODE = shutil.which("node") or ""


def _needs(part: str, is_there: bool) -> pytest.MarkDecorator:
    """A mark that skips without the part; where it is required, the test runs, and fails by itself."""
    return pytest.mark.skipif(not is_there and not REQUIRED, reason=f"{part} is not on this machine")


def _may_unshare() -> bool:
    """Whether this user may make a world of its own, with a network and mounts that nobody else sees."""
    try:
        made = subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10, check=False)
    except OSError:
        return False
    return made.returncode == 0


NAMESPACE = ("unshare", "--net", "--mount", "--map-root-user")
"""A right and not a part: nobody can install it, so it is not required either."""

needs_namespace = pytest.mark.skipif(not _may_unshare(), reason="this machine lets nobody make network namespaces")
needs_chromium = _needs("Chromium", bool(CHROMIUM))
needs_node = _needs("Node", bool(NODE))
