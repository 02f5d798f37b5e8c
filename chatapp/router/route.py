"""Kind + verdict + policy ─▶ who is asked, in which order, and the sentence that tells the user why.

Pure. Who decides: PHI or lock > airgap > mode > the caller's wish > the task. What a candidate may see is made of it
in `router.py`; walking the candidates is `dispatch.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatapp.events import Task, Verdict
from chatapp.messages import LockedBy, Mode, ProviderWish

Kind = Literal["local", "cloud"]

KIND_WORDS = {
    "NAME": "a patient's name",
    "MRN": "a record number",
    "SSN": "a social security number",
    "PHONE": "a phone number",
    "FAX": "a fax number",
    "EMAIL": "an e-mail address",
    "DATE": "a date tied to a person",
    "AGE_90PLUS": "an age over 89",
    "ADDRESS": "an address",
    "GEO": "a place of residence",
    "ZIP": "a postal code",
    "ACCOUNT": "an account number",
    "BENEFICIARY": "an insurance number",
    "LICENSE": "a licence number",
    "VEHICLE": "a vehicle number",
    "DEVICE": "a device number",
    "URL": "a personal web address",
    "IP": "an internet address",
    "OTHER_ID": "an identifying number",
    "ROOM_BED": "a bed or room",
    "PHOTO": "a picture of a patient",
    "SITE_LIST": "an entry of the hospital's own list",
    "STATEMENT": "a statement about one patient",
}
_OTHER_KIND = "an identifier"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided. `default_kind`: who answers general questions in hybrid mode."""

    default_kind: Kind = "local"
    fallback: bool = True
    airgap: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a route is decided by.

    Args:
        verdict, kinds: of the whole request. locked_by: who latched the conversation, if anybody did.
        task_reason: the classification's sentence. cloud: whether a cloud provider is there at all.
    """

    verdict: Verdict
    kinds: tuple[str, ...]
    locked_by: LockedBy | None
    mode: Mode
    wish: ProviderWish
    task: Task
    task_reason: str
    cloud: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Which kind of provider is asked first, and which may follow.

    Args:
        otherwise: the kind that would have been asked first without `rule`; None where the task decided.
    """

    order: tuple[Kind, ...]
    rule: str
    reason: str
    otherwise: Kind | None = None


def choose(case: Case, policy: Policy) -> Choice:
    """Decide who is asked. A case that holds PHI, or may, has no cloud in its order, whatever else it says."""
    held = _held_by_privacy(case)
    if held:
        rule, reason = held
        free = _choose_free(case, policy)
        return Choice(("local",), rule, reason, otherwise=free.order[0])
    return _choose_free(case, policy)


def _held_by_privacy(case: Case) -> tuple[str, str] | None:
    if case.verdict == "sensitive":
        return "phi", f"Answered here: {_found(case.kinds)}."
    if case.locked_by == "user":
        return "locked", "Answered here: you marked this conversation as patient data."
    if case.locked_by is not None:
        return "locked", "Answered here: this conversation holds patient data."
    if case.verdict == "unknown":
        return "unknown", "Answered here: the privacy check could not rule out patient data."
    return None


def _found(kinds: tuple[str, ...]) -> str:
    words = list(dict.fromkeys(KIND_WORDS.get(kind, _OTHER_KIND) for kind in kinds))
    if not words:
        return "patient data was found"
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{listed} {'was' if len(words) == 1 else 'were'} found"


def _choose_free(case: Case, policy: Policy) -> Choice:
    """Decide for a case that privacy leaves free."""
    by_task: Kind = _kind_for_task(case.task, policy)
    if policy.airgap:
        return Choice(("local",), "airgap", "Answered here: this server is airgapped.", otherwise=by_task)
    if case.mode == "local":
        return Choice(("local",), "mode", "Answered here: this conversation is set to local.", otherwise=by_task)
    if not case.cloud:
        asked_for = case.wish == "anthropic" or (case.wish == "auto" and "cloud" in (case.mode, by_task))
        if asked_for:
            return Choice(("local",), "no_cloud", "Answered here: no cloud provider is set up.")
        return Choice(("local",), case.task, case.task_reason)
    if case.wish == "anthropic":
        return Choice(_order("cloud", policy), "wish", "Asked the cloud, as you wished.", otherwise=by_task)
    if case.wish != "auto":
        return Choice(("local",), "wish", "Answered here, as you wished.", otherwise=by_task)
    if case.mode == "cloud":
        return Choice(_order("cloud", policy), "mode", "Asked the cloud: this conversation is set to cloud.", by_task)
    return Choice(_order(by_task, policy), case.task, case.task_reason)


def _kind_for_task(task: Task, policy: Policy) -> Kind:
    match task:
        case "complex":
            return "cloud"
        case "general":
            return policy.default_kind
        case _:
            return "local"


def _order(first: Kind, policy: Policy) -> tuple[Kind, ...]:
    second: Kind = "local" if first == "cloud" else "cloud"
    return (first, second) if policy.fallback else (first,)
