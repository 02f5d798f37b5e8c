"""Parts of the machine that some tests need: they skip and say so where one is missing.

With `CHATAPP_TEST_REQUIRE=all` a missing part is a failure.
"""

from __future__ import annotations

import os
import shutil

import pytest

REQUIRED = os.environ.get("CHATAPP_TEST_REQUIRE") == "all"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NODE = shutil.which("node") or ""


def _needs(part: str, is_there: bool) -> pytest.MarkDecorator:
    """A mark that skips without the part; where it is required, the test runs, and fails by itself."""
    return pytest.mark.skipif(not is_there and not REQUIRED, reason=f"{part} is not on this machine")


needs_chromium = _needs("Chromium", bool(CHROMIUM))
needs_node = _needs("Node", bool(NODE))
