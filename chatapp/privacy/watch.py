"""Looks again and again whether the ledger is whole: all of it at the start and now and then, in between what is new.

What it found last is what the side panel shows. How a chain is proven is `ledger.py`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chatapp.ports import NOTHING_YET, Clock, Head, LedgerReading
from chatapp.privacy.ledger import Proof, Seal

logger = logging.getLogger(__name__)
EVERY_S = 5.0
ALL_EVERY_S = 3600.0
"""What was proven once is proven anew after this long: a change deep in the chain shows at the latest then."""
ALTERED_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class LedgerView:
    """How the ledger was found.

    Args:
        state: `unseen` before the first look; `silent` where it could not be read.
        records: in the chain. left: requests among them. checked_at: seconds since 1970. fault: what is wrong.
    """

    state: Literal["unseen", "silent", "whole", "altered", "unproven"] = "unseen"
    records: int = 0
    left: int = 0
    checked_at: float | None = None
    fault: str | None = None


class LedgerWatch:
    """The looking.

    Args:
        open_seal: gets the key, once the database is open. every_s: pause between two looks.
        all_every_s: between two looks at everything. now: seconds since 1970; clock: monotonic ones.
    """

    def __init__(
        self, ledger: LedgerReading, open_seal: Callable[[], Seal], *, every_s: float = EVERY_S,
        all_every_s: float = ALL_EVERY_S, now: Clock = time.time, clock: Clock = time.monotonic,
    ) -> None:  # fmt: skip
        self.view = LedgerView()
        self._ledger = ledger
        self._open_seal = open_seal
        self._every_s = every_s
        self._all_every_s = all_every_s
        self._now = now
        self._clock = clock
        self._seal: Seal | None = None
        self._proof: Proof | None = None
        self._remembered = NOTHING_YET
        self._left = 0
        self._begun_at = 0.0

    def __repr__(self) -> str:
        return f"<LedgerWatch {self.view.state}, {self.view.records} records>"

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Look once, at what is new or at everything where that is due."""
        before = self.view.state
        try:
            self._ledger.settle_egress()
            self.view = await self._look()
        except Exception as failure:  # noqa: BLE001 - whatever it trips over, the house goes on and the panel says so
            logger.warning("the egress ledger cannot be looked at: %s", type(failure).__name__)
            self._proof = None
            self.view = LedgerView("silent", checked_at=self._now())
        if self.view.state == "altered" != before:
            logger.error("the egress ledger has been altered: %s; see `chatapp ledger verify`", self.view.fault)

    async def _look(self) -> LedgerView:
        proof = await self._proof_to_go_on_with()
        written = await self._ledger.written_head(proof.chain)  # before the records: it is never ahead of them
        proof.known = (self._remembered, *([written.head] if written else []))
        after = proof.head.count
        while records := await self._ledger.ledger_after(proof.chain, after):
            self._left += sum(record.kind == "opened" for record in records)
            proof.take(records)
            after = records[-1].position
        proof.end(written)
        if not proof.faults:
            self._remembered = proof.head
        return LedgerView(proof.state, proof.head.count, self._left, self._now(), next(map(str, proof.faults), None))

    async def _proof_to_go_on_with(self) -> Proof:
        """The last one while the chain still ends as it did, or goes on from there; else one of everything."""
        proof = self._proof
        if proof is None or self._is_due(proof) or not await self._still_holds(proof.head, proof.chain):
            if self._seal is None:
                self._seal = await asyncio.to_thread(self._open_seal)
            proof = self._proof = Proof(self._seal.chain, self._seal)
            self._left, self._begun_at = 0, self._clock()
        return proof

    def _is_due(self, proof: Proof) -> bool:
        """Whether everything is to be looked at: sooner where something was wrong, for it may have been put right."""
        every_s = ALTERED_AGAIN_S if proof.faults else self._all_every_s
        return self._clock() - self._begun_at >= every_s

    async def _still_holds(self, head: Head, chain: str) -> bool:
        if head == NOTHING_YET:
            return True
        records = await self._ledger.ledger_after(chain, head.count - 1)
        return bool(records) and records[0].head == head
