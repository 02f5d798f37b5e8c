"""Breaking the demo's stand-ins on purpose, so that an operator can watch what the house does about it.

Exists in `chatapp demo` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from chatapp.demo.standin import Failure, StandIn
from chatapp.errors import BadInput


class Break(BaseModel):
    """Body of POST."""

    model_config = ConfigDict(extra="forbid")
    provider: Literal["ollama", "anthropic"]
    failure: Failure


class Control:
    """Handlers of `/api/demo/failures`."""

    def __init__(self, stand_ins: Mapping[str, StandIn]) -> None:
        self._stand_ins = stand_ins

    def __repr__(self) -> str:
        return f"<Control of {', '.join(self._stand_ins)}>"

    @property
    def routes(self) -> list[BaseRoute]:
        """The demo's own URLs."""
        return [
            Route("/api/demo/failures", self.failures),
            Route("/api/demo/failures", self.set_failure, methods=["POST"]),
        ]

    async def failures(self, request: Request) -> Response:
        """How each stand-in fails now."""
        return JSONResponse({"failures": {name: stand_in.failure for name, stand_in in self._stand_ins.items()}})

    async def set_failure(self, request: Request) -> Response:
        """Have one fail, or mend it."""
        try:
            wish = Break.model_validate_json(await request.body())
        except ValidationError:
            raise BadInput("The body is JSON with `provider` and `failure`.") from None
        await self._stand_ins[wish.provider].fail(wish.failure)
        return await self.failures(request)
