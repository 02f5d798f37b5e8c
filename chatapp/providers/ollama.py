"""Ollama: completions over `/api/chat`, and a look at its health that asks no model anything.

Only models proven local are sent a prompt: one whose name or listing says that it runs elsewhere is refused before.
What goes over the wire is left to `ollama_request.py` and `ollama_reply.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import httpx2
import orjson

from chatapp.errors import (
    ModelNotLocal,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderTimeout,
    ProviderUnavailable,
)
from chatapp.messages import CompletionRequest
from chatapp.ports import Health, Loading, ProviderEvent
from chatapp.privacy.locality import LocalNetwork
from chatapp.providers import ollama_faults as faults
from chatapp.providers.ollama_reply import Reply
from chatapp.providers.ollama_request import request_body
from chatapp.providers.patience import Patience
from chatapp.providers.transport import ABORT, ConnectionForbidden, http_client

_GLANCE_S = 1.0
_DRAIN_S = 0.5
_LISTING_BYTES = 8_388_608
_ERROR_BYTES = 65_536

Task = asyncio.Task[httpx2.Response]


class OllamaProvider:
    """A model server that speaks Ollama's API, in the house.

    Args:
        url: where it listens. network: what counts as in the house; nothing is connected to outside of it.
        num_ctx: context window in tokens, the same in every call. keep_alive: how long a model stays in memory.
        connect_s, pool_s: seconds to connect, and to wait for a connection of our own.
        first_token_s: seconds to the first token of a model in memory. load_s: of one that is being read into memory.
        idle_s: seconds between two tokens. call_s: seconds of one completion, from its first token.
        line_bytes: the longest line. answer_bytes: where an answer is cut off, with the finish `length`.
        look_after_s, look_every_s: seconds of silence before it is asked whether the model is in memory, and between.
        probe_s: seconds a whole check may take.
    """

    name: ClassVar[str] = faults.PROVIDER
    kind: ClassVar[Literal["local"]] = "local"

    def __init__(
        self,
        url: str,
        *,
        network: LocalNetwork | None = None,
        num_ctx: int = 8192,
        keep_alive: str | int = "30m",
        connect_s: float = 3.0,
        pool_s: float = 2.0,
        first_token_s: float = 60.0,
        load_s: float = 300.0,
        idle_s: float = 30.0,
        call_s: float = 300.0,
        line_bytes: int = 1_048_576,
        answer_bytes: int = 2_097_152,
        look_after_s: float = 1.0,
        look_every_s: float = 2.0,
        probe_s: float = 5.0,
    ) -> None:
        self.endpoint = urlsplit(url).netloc
        self._num_ctx = num_ctx
        self._keep_alive = keep_alive
        self._first_token_s = first_token_s
        self._load_s = load_s
        self._idle_s = idle_s
        self._call_s = call_s
        self._line_bytes = line_bytes
        self._answer_bytes = answer_bytes
        self._look_after_s = look_after_s
        self._look_every_s = look_every_s
        self._probe_s = probe_s
        self._proven_local = 0
        self._given_away: set[str] = set()
        why_not = partial((network or LocalNetwork()).why_not, urlsplit(url).hostname or "")
        self._client = http_client(connect_s=connect_s, pool_s=pool_s, base_url=url, why_not=why_not)
        self._chat_url = httpx2.URL(f"{url.rstrip('/')}/api/chat")

    def __repr__(self) -> str:
        return f"<OllamaProvider {self.endpoint}: {self._proven_local} models proven local>"

    def window(self, model: str) -> int:
        """The context window, in tokens; one for all models, since another one makes Ollama read the model again."""
        return self._num_ctx

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    # --- one completion ---

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[ProviderEvent, None]:
        """Events of one completion, ending with `Completed`. Closing it closes the connection, and Ollama stops.

        Raises:
            ModelNotLocal: the model runs elsewhere; it was sent nothing, unless only its reply gave it away.
            ProviderError: any other kind, as the errors' tree says.
        """
        with _in_our_words():
            listed = await self._proved_local(request.model)
            think = request.think and listed.may_think
            body = request_body(request, think=think, num_ctx=self._num_ctx, keep_alive=self._keep_alive)
            async with self._sending(body) as sending:
                async with aclosing(self._head_awaited(sending, request.model)) as waiting:
                    async for loading in waiting:
                        yield loading
                response = sending.result()
                if response.status_code != 200:
                    raise await self._refusal(response, request.model)
                try:
                    async with aclosing(self._events(response)) as events:
                        async for event in events:
                            yield event
                except ModelNotLocal:
                    self._given_away.add(faults.full_name(request.model))  # whatever the listing goes on to say
                    raise

    async def _proved_local(self, model: str) -> _Listed:
        """The model's entry, looked up anew before each prompt: a name may come to mean another model at any time."""
        name = faults.full_name(model)
        if faults.is_cloud_name(model) or name in self._given_away:
            raise faults.not_local()
        async with asyncio.timeout(min(self._first_token_s, self._probe_s)):
            listed = await self._listing()
        for entry in listed:
            if faults.full_name(entry.name) == name:
                if self._is_elsewhere(entry):
                    raise faults.not_local()
                return entry
        raise faults.missing(model)

    @asynccontextmanager
    async def _sending(self, body: bytes) -> AsyncIterator[Task]:
        """The request on its way, as a task that ends with the head of the answer. Left, its connection is closed."""
        headers = {"content-type": "application/json"}
        request = self._client.build_request("POST", self._chat_url, content=body, headers=headers)
        sending = asyncio.create_task(self._client.send(request, stream=True))
        try:
            yield sending
        finally:
            sending.cancel()
            await asyncio.wait({sending})
            if not sending.cancelled() and sending.exception() is None:
                await sending.result().aclose()

    async def _head_awaited(self, sending: Task, model: str) -> AsyncGenerator[Loading, None]:
        """Wait until the head is here: Ollama sends it with the first token. `Loading` comes once at most.

        A model that is not in memory is allowed the time to get there, and then the usual time for its first token.
        """
        now = asyncio.get_running_loop().time
        deadline, latest = now() + self._first_token_s, now() + self._load_s
        phase: Literal["usual", "loading", "loaded"] = "usual"
        pause = self._look_after_s
        while True:
            await asyncio.wait({sending}, timeout=max(0.0, min(pause, deadline - now())))
            if sending.done():
                return
            if now() >= deadline:
                raise ProviderTimeout(self.name, detail="no first token")
            pause = self._look_every_s
            in_memory = await self._is_in_memory(model)
            if phase == "usual" and in_memory is False:
                phase, deadline = "loading", latest
                yield Loading(model)
            elif phase == "loading" and in_memory:
                phase, deadline = "loaded", min(latest, now() + self._first_token_s)

    async def _events(self, response: httpx2.Response) -> AsyncGenerator[ProviderEvent, None]:
        """The reply's events, those of a block at a time. No limit runs while the reader is busy with them."""
        reply = Reply(line_bytes=self._line_bytes, answer_bytes=self._answer_bytes)
        patience = Patience(self._idle_s, self._call_s, response.extensions[ABORT])
        try:
            async with aclosing(response.aiter_raw()) as blocks:
                patience.wait()
                async for block in blocks:
                    patience.rest()
                    for event in reply.feed(block):
                        yield event
                    if reply.is_complete:
                        await _drain(blocks)
                    if reply.is_over:
                        return
                    patience.wait()
            for event in reply.feed_end():
                yield event
        except httpx2.TransportError as error:
            if patience.is_over:
                raise ProviderTimeout(self.name, detail="silence in the stream") from error
            raise
        finally:
            patience.stop()

    async def _refusal(self, response: httpx2.Response, model: str) -> ProviderError:
        async with asyncio.timeout(self._idle_s):
            body = await _body(response, _ERROR_BYTES)
        return faults.refusal(response.status_code, body, model)

    # --- health ---

    async def check(self) -> Health:
        """How it is, without asking a model anything."""
        began = time.perf_counter()
        try:
            with _in_our_words():
                async with asyncio.timeout(self._probe_s):
                    await self._get("/api/version")
                    latency_ms = (time.perf_counter() - began) * 1000
                    listed = await self._listing()
                    loaded = await self._loaded()
        except ProviderError as error:
            return Health(False, error=error.detail or type(error).__name__, outcome=error.outcome)
        local = [entry.name for entry in listed if not self._is_elsewhere(entry)]
        elsewhere = [entry.name for entry in listed if self._is_elsewhere(entry)]
        return Health(True, latency_ms, _with_short_names(local), loaded, _with_short_names(elsewhere))

    async def _listing(self) -> list[_Listed]:
        """All models it lists now."""
        listed = [_Listed.from_entry(name, entry) for name, entry in await self._models("/api/tags")]
        self._proven_local = sum(not self._is_elsewhere(entry) for entry in listed)
        return listed

    def _is_elsewhere(self, entry: _Listed) -> bool:
        """Whether the listing says so, or a reply of this model once did."""
        return entry.is_elsewhere or faults.full_name(entry.name) in self._given_away

    async def _loaded(self) -> tuple[str, ...]:
        return tuple(name for name, _ in await self._models("/api/ps"))

    async def _is_in_memory(self, model: str) -> bool | None:
        """Whether the model is loaded; None where that cannot be learnt quickly."""
        with suppress(ProviderError), _in_our_words():
            async with asyncio.timeout(_GLANCE_S):
                return faults.full_name(model) in map(faults.full_name, await self._loaded())
        return None

    async def _models(self, path: str) -> list[tuple[str, dict[str, Any]]]:
        """The entries of a listing, by name."""
        match await self._get(path):
            case {"models": list(entries)}:
                named = [(entry.get("name"), entry) for entry in entries if isinstance(entry, dict)]
                return [(name, entry) for name, entry in named if isinstance(name, str)]
            case {"models": None}:
                return []
            case _:
                raise ProviderGarbled(self.name, detail="a listing without models")

    async def _get(self, path: str) -> object:
        async with self._client.stream("GET", path) as response:
            body = await _body(response, _LISTING_BYTES)
        if response.status_code != 200:
            raise faults.refusal(response.status_code, b"", model="")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise ProviderGarbled(self.name, detail="an answer that is not JSON") from None


@dataclass(frozen=True, slots=True)
class _Listed:
    """A model as `/api/tags` lists it."""

    name: str
    is_elsewhere: bool
    may_think: bool

    @classmethod
    def from_entry(cls, name: str, entry: Mapping[str, Any]) -> _Listed:
        """Read an entry. Older servers name no capabilities: then the model is asked to think, and may refuse."""
        is_elsewhere = bool(entry.get("remote_host") or entry.get("remote_model")) or faults.is_cloud_name(name)
        return cls(name, is_elsewhere, may_think="thinking" in (entry.get("capabilities") or ("thinking",)))


async def _body(response: httpx2.Response, limit: int) -> bytes:
    """The body, up to about `limit` bytes."""
    body = b""
    async with aclosing(response.aiter_raw()) as blocks:
        async for block in blocks:
            body += block
            if len(body) > limit:
                break
    return body


async def _drain(blocks: AsyncIterator[bytes]) -> None:
    """Read what follows the end mark, so that the connection can be used again; it is usually nothing."""
    with suppress(TimeoutError, httpx2.TransportError):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in blocks:
                pass


def _with_short_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names, and those that mean the same without `:latest`."""
    short = (name.removesuffix(":latest") for name in names if name.endswith(":latest"))
    return (*names, *short)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Say in the words of `chatapp.errors` what went wrong on the way."""
    try:
        yield
    except (httpx2.TransportError, TimeoutError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> ProviderError:
    detail = type(error).__name__
    match error:
        case ConnectionForbidden():
            return ProviderUnavailable(faults.PROVIDER, detail=str(error))
        case httpx2.PoolTimeout():
            return ProviderBusy(faults.PROVIDER, detail=detail)
        case httpx2.TimeoutException() | TimeoutError():
            return ProviderTimeout(faults.PROVIDER, detail=detail)
        case httpx2.RemoteProtocolError():
            return ProviderGarbled(faults.PROVIDER, detail=detail)
        case _:
            return ProviderUnavailable(faults.PROVIDER, detail=detail)
