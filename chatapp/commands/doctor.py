"""`chatapp doctor`: checks everything the configuration names, one line each with the mend, then every setting.

Exit 0 only if all that is needed works. Sends no prompt to anybody.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TextIO

from pydantic import SecretStr

from chatapp.airgap import endpoints, local_network
from chatapp.app import refuse_what_is_not_there
from chatapp.commands import ledger
from chatapp.guard import PROOF_ADDRESS, PROOF_NAME, Guard
from chatapp.ports import Health
from chatapp.router.candidate import LocalSeat, Seat
from chatapp.router.health import has_model
from chatapp.seats import build_seats
from chatapp.settings import Settings, SettingsError, as_text
from chatapp.storage import KEY_NAME, build_database
from chatapp.store.failures import StoreError
from chatapp.web.panel import wanted_models

_PASSWORD = re.compile(r"(//[^/@:]*):[^@]*@")
_MARKS = {"ok": "ok   ", "note": "note ", "bad": "BAD  "}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `bad` is what keeps the exit code from 0."""

    state: Literal["ok", "note", "bad"]
    text: str


def doctor(
    environ: Mapping[str, str], out: TextIO, *, from_file: Collection[str] = (), owns_process: bool = False
) -> int:
    """Print the findings and the settings; returns the exit code.

    Args:
        from_file: those names of `environ` that stand in `.env`.
        owns_process: whether it may be kept from the network for good, as the proof of an airgap demands.
    """
    settings, usable, findings = read_settings(environ)
    findings += asyncio.run(examine(settings, owns_process=owns_process))
    for finding in findings:
        print(_MARKS[finding.state] + finding.text, file=out)
    print("\nsettings:", file=out)
    for line in setting_lines(settings, usable, from_file):
        print(f"  {line}", file=out)
    return 1 if any(finding.state == "bad" for finding in findings) else 0


def read_settings(environ: Mapping[str, str]) -> tuple[Settings, dict[str, str], list[Finding]]:
    """The settings, what of `environ` they are made of, and a finding for each value that cannot be used."""
    usable, findings = dict(environ), list[Finding]()
    while True:
        try:
            return Settings.from_environ(usable), usable, findings
        except SettingsError as error:
            findings.append(Finding("bad", f"settings: {error}"))
            del usable[str(error).partition(":")[0]]


async def examine(settings: Settings, *, owns_process: bool = False) -> list[Finding]:
    """Ask everything that is configured how it is; in an airgapped house, from behind its guard."""
    findings: list[Finding] = []
    try:
        refuse_what_is_not_there(settings)
    except SettingsError as error:
        findings.append(Finding("bad", f"settings: {error}"))
    if settings.airgap:
        findings.append(Finding("ok", "airgap: on; no cloud provider is built"))
    if settings.airgap and owns_process:
        findings.append(await about_airgap(settings))
    for seat in build_seats(settings):
        try:
            health = await seat.provider.check()
        finally:
            await seat.provider.aclose()
        findings += about_provider(seat, health, settings)
    if not settings.airgap and settings.anthropic_api_key is None:
        findings.append(Finding("note", "anthropic: no ANTHROPIC_API_KEY; every answer is local"))
    findings.append(await about_database(settings))
    findings.append(about_ledger(settings))
    if settings.auth == "none":
        findings.append(Finding("ok", "sign-in: none; one user, and the server binds loopback only"))
    return findings


async def about_airgap(settings: Settings) -> Finding:
    """Stand the guard over this process, as the server does, and try to get past it."""
    guard = Guard(endpoints(settings), local_network(settings))
    guard.install()
    proof = await guard.prove()
    at = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(proof.at))
    if proof.hole:
        return Finding("bad", f"airgap: does not hold at {at}: {proof.hole}")
    tried = f"a connection to {PROOF_ADDRESS} and a look-up of {PROOF_NAME}"
    return Finding("ok", f"airgap: proven at {at}: {tried} were refused before a packet left")


def about_provider(seat: Seat, health: Health, settings: Settings) -> Iterator[Finding]:
    """One provider: whether it answers, and each model that is wanted of it."""
    name = f"{seat.provider.name} at {seat.provider.endpoint}"
    if not health.available:
        yield Finding("bad", f"{name}: {health.error or 'no answer'}{_mend(seat, health, settings)}")
        return
    yield Finding("ok", f"{name}: answers in {health.latency_ms or 0:.0f} ms")
    for model in health.not_local:
        yield Finding("note", f"{name}: {model} runs elsewhere, and is never used")
    for model in wanted_models(seat):
        yield from _about_model(seat, health, model)


def _about_model(seat: Seat, health: Health, model: str) -> Iterator[Finding]:
    if has_model(health, model):
        yield Finding("ok", f"model {model}: there{', and truly local' if isinstance(seat, LocalSeat) else ''}")
    elif model in health.not_local:
        yield Finding("bad", f"model {model}: runs elsewhere; choose a local one, and set OLLAMA_NO_CLOUD=1")
    elif isinstance(seat, LocalSeat):
        needed = model == seat.default_model
        instead = "" if needed else f" (until then {seat.default_model} answers in its place)"
        yield Finding("bad" if needed else "note", f"model {model}: missing; `ollama pull {model}` adds it{instead}")
    else:
        yield Finding("bad", f"model {model}: the provider does not list it; see ANTHROPIC_DEFAULT_MODEL")


def _mend(seat: Seat, health: Health, settings: Settings) -> str:
    if isinstance(seat, LocalSeat):
        away = f"; start it with `ollama serve`, or set OLLAMA_URL (now {settings.ollama_url})"
        return "" if "CHATAPP_LOCAL_HOSTS" in (health.error or "") else away
    if health.outcome == "misconfigured":
        return "; the key is refused; see ANTHROPIC_API_KEY"
    return f"; see ANTHROPIC_BASE_URL (now {settings.anthropic_base_url}), or take the key away to work without a cloud"


async def about_database(settings: Settings) -> Finding:
    """Whether questions can be stored."""
    try:
        database = build_database(settings)
        await database.open()
    except (StoreError, OSError) as error:
        return Finding("bad", f"database: {error}")
    try:
        works = await database.ping()
    finally:
        await database.close()
    if works:
        return Finding("ok", f"database: {database.path} takes writes")
    return Finding("bad", f"database: {database.path} takes no writes; is the disk full, or another process busy?")


def about_ledger(settings: Settings) -> Finding:
    """Whether the record of what left is as it was written."""
    try:
        found = ledger.examine(settings)
    except (StoreError, OSError) as error:
        return Finding("bad", f"ledger: {error}")
    if found.altered:
        return Finding("bad", "ledger: altered; `chatapp ledger verify` says what and where")
    key = "CHATAPP_SECRET_KEY" if settings.secret_key else KEY_NAME
    heads = ", ".join(f"{proof.chain} {proof.state}, head {proof.head}" for proof in found.proofs if proof.head.count)
    unproven = any(proof.state == "unproven" for proof in found.proofs)
    return Finding("note" if unproven else "ok", f"ledger: {heads or 'empty, nothing has left'} (key: {key})")


def setting_lines(settings: Settings, environ: Mapping[str, str], from_file: Collection[str] = ()) -> Iterator[str]:
    """Every setting, its value (secrets as `set`), and where it came from."""
    for name, field in Settings.model_fields.items():
        alias = str(field.alias)
        given = ".env" if alias in from_file else "environment"
        source = given if environ.get(alias, "").strip() else "default"
        yield f"{alias}={_shown(getattr(settings, name))}  ({source}: {field.description})"


def _shown(value: object) -> str:
    """A value for a screen that others may see: neither a secret nor the password inside a URL."""
    match value:
        case None:
            return "unset"
        case SecretStr():
            return "set"
        case _:
            return _PASSWORD.sub(r"\1:***@", as_text(value))
