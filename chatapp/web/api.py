"""JSON over HTTP: health, stats, breakers, conversations, attachments, session (contract, section 3).

Everything asks for the owner; a foreign id and an unknown one get the same answer.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from chatapp.chat.attachments import read_attachment
from chatapp.chat.turns import Turns
from chatapp.errors import BadInput, NotFound, TooLarge
from chatapp.messages import Attachment, Conversation
from chatapp.ports import AuditRecord, Store, StoredAttachment
from chatapp.router.candidate import Seat
from chatapp.router.router import Router
from chatapp.web.answers import json_response
from chatapp.web.auth import Doorkeeper, User
from chatapp.web.frames import conversation_fields
from chatapp.web.history import attachment_view, conversation_view
from chatapp.web.panel import Panel
from chatapp.web.strict import NotStrict, read_json


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """Bytes and characters of what comes in."""

    body_bytes: int = 65_536
    attachment_bytes: int = 10_485_760
    title_chars: int = 120


class Change(BaseModel):
    """Body of PATCH on a conversation."""

    model_config = ConfigDict(extra="forbid", strict=True)
    title: str | None = Field(default=None, min_length=1)
    deleted: bool | None = None


class Api:
    """The handlers, as bound methods."""

    def __init__(
        self, *, store: Store, turns: Turns, router: Router, panel: Panel, doorkeeper: Doorkeeper,
        limits: ApiLimits | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._turns = turns
        self._router = router
        self._panel = panel
        self._doorkeeper = doorkeeper
        self._limits = limits or ApiLimits()

    def __repr__(self) -> str:
        return f"<Api over {self._turns!r}>"

    # --- how the house is --------------------------------------------------------------------------------------------

    async def healthz(self, request: Request) -> Response:
        """The process lives."""
        return json_response({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """It takes questions: the database takes writes, and nothing is being shut down."""
        if self._turns.draining:
            return json_response({"status": "draining"}, 503)
        if not await self._store.ping():
            return json_response({"status": "storage_unavailable"}, 503)
        return json_response({"status": "ok"})

    async def health(self, request: Request) -> Response:
        """For the side panel."""
        operator = self._user(request).is_operator()
        return json_response(
            self._panel.health(answering=self._turns.answering, queued=self._turns.queued, operator=operator)
        )

    async def stats(self, request: Request) -> Response:
        """What was counted."""
        return json_response(self._router.stats.snapshot())

    async def reset_breaker(self, request: Request) -> Response:
        """Close a breaker; asks the provider how it is at once."""
        seats = await self._act_on_breakers(request, "breaker_reset")
        for seat in seats:
            seat.breaker.reset()
            await self._router.health.check(seat)
        return json_response({"provider": request.path_params["provider"], "state": seats[0].breaker.view().state})

    async def hold_breaker(self, request: Request) -> Response:
        """Hold a breaker open until it is reset."""
        seats = await self._act_on_breakers(request, "breaker_hold")
        for seat in seats:
            seat.breaker.hold()
        return json_response({"provider": request.path_params["provider"], "state": seats[0].breaker.view().state})

    async def _act_on_breakers(self, request: Request, action: str) -> list[Seat]:
        user = self._user(request)
        if not user.is_operator():
            raise NotFound()
        name = request.path_params["provider"]
        seats = [seat for seat in self._router.seats if seat.provider.name == name]
        if not seats:
            raise NotFound()
        await self._store.record_audit(AuditRecord(time.time(), user.id, action, name))
        return seats

    async def session(self, request: Request) -> Response:
        """Who am I; sign-in adds why not."""
        user = self._user(request)
        return json_response({"user": {"name": user.name, "roles": user.roles}, "signed_in": True})

    # --- conversations -----------------------------------------------------------------------------------------------

    async def conversations(self, request: Request) -> Response:
        """The list, newest first."""
        query = request.query_params
        before = _number(query["before"]) if "before" in query else None
        limit = min(max(int(_number(query.get("limit", "50"))), 1), 200)
        found = await self._store.conversations(
            self._user(request).id, query=query.get("q", "")[:200], before=before, limit=limit
        )
        return json_response({"conversations": [_entry(conversation) for conversation in found]})

    async def conversation(self, request: Request) -> Response:
        """One conversation with all that was said in it."""
        owner, id = self._user(request).id, request.path_params["id"]
        conversation = await self._store.conversation(owner, id)
        turns = await self._store.turns(owner, id)
        wanted = list(dict.fromkeys(file for turn in turns for file in turn.attachments))
        files = {file.id: file for file in await self._store.attachments(owner, wanted)} if wanted else {}
        blocks = request.query_params.get("render") == "blocks"
        logs = await self._store.logs(owner, id)
        return json_response(conversation_view(conversation, turns, logs, files, blocks=blocks))

    async def change_conversation(self, request: Request) -> Response:
        """Rename it, or take its deletion back."""
        owner, id = self._user(request).id, request.path_params["id"]
        try:
            change = Change.model_validate(read_json(await self._body(request, self._limits.body_bytes)))
        except (NotStrict, ValidationError):
            raise BadInput("The body is JSON with `title` or `deleted`.") from None
        changed: Conversation | None = None
        if change.deleted is not None:
            changed = await self._turns.set_deleted(owner, id, change.deleted)
        if change.title is not None:
            title = " ".join(change.title.split())[: self._limits.title_chars]
            if not title:
                raise BadInput("A title needs at least one letter.")
            changed = await self._turns.rename(owner, id, title)
        return json_response(_entry(changed or await self._store.conversation(owner, id)))

    async def delete_conversation(self, request: Request) -> Response:
        """Delete it; an hour long that can be taken back."""
        await self._turns.set_deleted(self._user(request).id, request.path_params["id"], True)
        return Response(status_code=204)

    async def attach(self, request: Request) -> Response:
        """Keep a file for a message to come; it is judged like any other input."""
        user = self._user(request)
        body = await self._body(request, self._limits.attachment_bytes)
        name = request.query_params.get("name") or request.headers.get("x-file-name") or "attachment"
        read = await asyncio.to_thread(read_attachment, name, body)
        judged = Attachment("", read.name, read.summary, read.text)
        judgement = await self._router.judge(lambda: self._router.gate.judge_file(judged), len(read.text))
        file = StoredAttachment(
            id=uuid.uuid4().hex,
            owner=user.id,
            name=read.name,
            kind=read.kind,
            summary=read.summary,
            text=read.text,
            rows=read.rows,
            verdict=judgement.verdict,
            created_at=time.time(),
        )
        await self._store.add_attachment(file)
        return json_response(attachment_view(file), 201)

    # --- in common ---------------------------------------------------------------------------------------------------

    def _user(self, request: Request) -> User:
        return self._doorkeeper.user(request)

    async def _body(self, request: Request, most_bytes: int) -> bytes:
        body = bytearray()
        async for block in request.stream():
            body += block
            if len(body) > most_bytes:
                raise TooLarge(f"At most {most_bytes // 1024} KiB are taken here.")
        return bytes(body)


def _number(written: str) -> float:
    """A number of a query string, as JSON writes it.

    Raises:
        BadInput: it is none.
    """
    try:
        number = read_json(written)
    except NotStrict:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise BadInput("`before` and `limit` are numbers.")
    return number


def _entry(conversation: Conversation) -> dict[str, Any]:
    return {
        **conversation_fields(conversation),
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    }
