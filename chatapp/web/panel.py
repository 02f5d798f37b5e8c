"""The side panel's JSON: each provider's health and breaker, and what was counted. Never waits for a provider.

What a provider is lacking is said with the command that mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Literal

from chatapp.ports import AirgapProof, Health
from chatapp.privacy.watch import LedgerWatch
from chatapp.router.candidate import Seat
from chatapp.router.health import HealthWatch, has_model
from chatapp.router.router import Router


class Panel:
    """Reads the router's last known state, and the ledger's.

    Args:
        proof: the last proof that nothing gets out; None where nobody proves it.
    """

    def __init__(
        self,
        router: Router,
        ledger: LedgerWatch,
        *,
        airgap: bool,
        proof: Callable[[], AirgapProof | None] | None = None,
    ) -> None:
        self._proof = proof
        self._router = router
        self._ledger = ledger
        self._airgap = airgap

    def __repr__(self) -> str:
        return f"<Panel of {self._router!r}>"

    def health(self, *, answering: Mapping[str, int], queued: int, operator: bool) -> dict[str, Any]:
        """Everything the panel shows.

        Args:
            answering: turns that each provider is answering now. queued: turns that wait for one before them.
            operator: whether error details are included.
        """
        providers: dict[str, dict[str, Any]] = {}
        for seat in self._router.seats:
            view = provider_view(seat, self._router.health, operator=operator)
            first = providers.setdefault(seat.provider.name, {**view, "endpoints": []})
            first["endpoints"].append({"endpoint": seat.provider.endpoint, **view})
            first["available"] = first["available"] or view["available"]
        for name, view in providers.items():
            view["active"], view["queued"] = answering.get(name, 0), 0
        return {
            "status": self.status(),
            "airgap": self._airgap,
            "airgap_proof": proof_view(self._proof() if self._proof else None, operator=operator),
            "providers": providers,
            "active": sum(answering.values()),
            "queued": queued,
            "ledger": self._ledger_view(operator=operator),
            "stats": self._router.stats.snapshot(),
        }

    def _ledger_view(self, *, operator: bool) -> dict[str, Any]:
        """How the ledger was found last; what is wrong with it is for operators."""
        view = asdict(self._ledger.view)
        return view if operator else {**view, "fault": None}

    def status(self) -> Literal["ok", "degraded", "down"]:
        """`down`: nobody answers. `degraded`: somebody does not, or lacks a model."""
        seats = self._router.seats
        answering = [seat for seat in seats if _answers(seat, self._router.health)]
        if not answering:
            return "down"
        lacking = any(missing_models(seat, self._router.health.last(seat.provider).health) for seat in answering)
        return "degraded" if lacking or len(answering) < len(seats) else "ok"


def proof_view(proof: AirgapProof | None, *, operator: bool) -> dict[str, Any] | None:
    """When the airgap was last proven, and since when without a break; null where nobody proves it."""
    if proof is None:
        return None
    seen = {"holds": proof.holds, "at": proof.at, "since": proof.since, "refused": proof.refused}
    return {**seen, "hole": proof.hole, "last_refused": proof.last_refused} if operator else seen


def provider_view(seat: Seat, watch: HealthWatch, *, operator: bool) -> dict[str, Any]:
    """One endpoint."""
    checked = watch.last(seat.provider)
    health = checked.health
    return {
        "kind": seat.kind,
        "available": health.available,
        "latency_ms": None if health.latency_ms is None else round(health.latency_ms, 1),
        "models": list(health.models),
        "wanted_models": wanted_models(seat),
        "missing_models": missing_models(seat, health),
        "not_local_models": list(health.not_local),
        "loaded": list(health.loaded),
        "error": (health.error if operator else "not available") if health.error else None,
        "checked_at": checked.at,
        "breaker": asdict(seat.breaker.view()),
    }


def wanted_models(seat: Seat) -> list[str]:
    """Every model that a task may ask of this provider."""
    return list(seat.wanted_models)


def missing_models(seat: Seat, health: Health) -> list[str]:
    """Wanted models that a provider which is there is known not to have."""
    if not health.available:
        return []
    return [model for model in wanted_models(seat) if not has_model(health, model)]


def _answers(seat: Seat, watch: HealthWatch) -> bool:
    return watch.last(seat.provider).health.available and seat.breaker.view().state == "closed"
