"""Settings ─▶ the privacy gate as the site has set it. Reads one file: the site's list of known names and numbers.

Shared by everybody who judges: the server, the library, `doctor` and `classify`, which builds no provider.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chatapp.privacy.detect import Detector
from chatapp.privacy.gate import PrivacyGate
from chatapp.privacy.site_list import BadSiteList, SiteList, read
from chatapp.settings import Settings, SettingsError


def build_gate(settings: Settings) -> PrivacyGate:
    """The privacy gate with the detector as the site has set it.

    Raises:
        SettingsError: the site's list cannot be read.
    """
    detector = Detector(settings.privacy == "strict", settings.every_name_stays, _site_list(settings.site_list))
    return PrivacyGate(detector, detect_in_reply=replace(detector, reply=True), version=detector.version)


def _site_list(path: Path | None) -> SiteList | None:
    if path is None:
        return None
    try:
        return read(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"CHATAPP_SITE_LIST: cannot be read ({type(error).__name__})") from None
    except BadSiteList as error:
        raise SettingsError(f"CHATAPP_SITE_LIST: {error}") from None
