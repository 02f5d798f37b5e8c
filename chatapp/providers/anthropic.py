"""The cloud provider: Anthropic's Messages API, over its SDK. It can only be handed what the privacy gate cleared.

What is sent and what events mean is said in `anthropic_request.py` and `anthropic_reply.py`, what errors mean in
`anthropic_faults.py`; here are the connection, its deadlines and its end. Retries and fallback belong to the router.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import httpx2
import orjson

from chatapp.errors import (
    ContextTooLong,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderTimeout,
    ProviderUnavailable,
)
from chatapp.ports import Health, ProviderEvent
from chatapp.privacy.gate import ClearedRequest
from chatapp.providers.anthropic_faults import fault
from chatapp.providers.anthropic_reply import ErrorInStream, NotTheProtocol, Reply, WindowFull
from chatapp.providers.anthropic_request import wire_request
from chatapp.providers.patience import Patience
from chatapp.providers.sse import EventReader, EventTooLong
from chatapp.providers.transport import ABORT, http_client

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic, AsyncStream
    from anthropic.types import RawMessageStreamEvent

API_VERSION = "2026-10-21"
_AFTERMATH_S = 0.25
_LOGGERS_THAT_PRINT_PAYLOADS = ("anthropic", "httpx2")


class AnthropicProvider:
    """Answers over the Messages API.

    The SDK takes more than a second to import, so that waits until `warm` or the first call.

    Args:
        max_tokens: of one reply; window: of the model, in tokens.
        first_token_s: until the first real event. idle_s: between two. call_s: from the first to the end. Seconds.
        connect_s, pool_s: to connect, for a free connection. check_s: for a health check.
        event_bytes: the most of one event. answer_chars: where a reply is cut off.
        ca_file: certificates believed besides the system's.
    """

    kind: Literal["cloud"] = "cloud"

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "https://api.anthropic.com",
        max_tokens: int = 8192,
        window: int = 200_000,
        connect_s: float = 5.0,
        pool_s: float = 2.0,
        first_token_s: float = 30.0,
        idle_s: float = 20.0,
        call_s: float = 300.0,
        check_s: float = 5.0,
        event_bytes: int = 1_048_576,
        answer_chars: int = 2_097_152,
        ca_file: Path | None = None,
        name: str = "anthropic",
    ) -> None:
        parts = urlsplit(base_url)
        self.name = name
        self.host = parts.hostname or ""
        self.endpoint = f"{self.host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._max_tokens = max_tokens
        self._window = window
        self._first_token_s = first_token_s
        self._idle_s = idle_s
        self._call_s = call_s
        self._check_s = check_s
        self._event_bytes = event_bytes
        self._answer_chars = answer_chars
        self._http = http_client(connect_s=connect_s, pool_s=pool_s, ca_file=ca_file)
        self._http.event_hooks = {"request": [self._send_only_our_headers]}
        self._sdk: AsyncAnthropic | None = None

    def __repr__(self) -> str:
        return f"<AnthropicProvider {self.name} at {self.endpoint}: {'warm' if self._sdk else 'cold'}>"

    def window(self, model: str) -> int:
        """The context window used, in tokens, whatever the model."""
        return self._window

    async def warm(self) -> None:
        """Import the SDK, off the event loop. The first call does so too; later ones cost nothing."""
        await self._warm_sdk()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def stream(self, request: ClearedRequest) -> AsyncGenerator[ProviderEvent, None]:
        """Answer.

        Raises:
            ProviderError: there is no answer, or it broke off. Success is `Completed` and nothing else.
        """
        asked = request.payload
        body = wire_request(asked, provider=self.name, max_tokens=self._max_tokens)
        sdk = await self._warm_sdk()
        first_token_by = asyncio.get_running_loop().time() + self._first_token_s
        with self._faults(asked.model):
            async with asyncio.timeout_at(first_token_by):
                opened = await _open(sdk, body)
            async with opened, aclosing(self._read(opened.response, asked.model, first_token_by)) as events:
                async for event in events:
                    yield event

    async def _read(
        self, response: httpx2.Response, model: str, first_token_by: float
    ) -> AsyncGenerator[ProviderEvent, None]:
        """The events of a reply that has begun.

        Raises:
            ErrorInStream, NotTheProtocol, WindowFull, EventTooLong, TimeoutError, httpx2.HTTPError
        """
        reply = Reply(self.name, model, most_chars=self._answer_chars)
        reader = EventReader(most_bytes=self._event_bytes)
        abort = response.extensions[ABORT]
        first_token_s = first_token_by - asyncio.get_running_loop().time()
        patience = before_the_first = Patience(first_token_s, first_token_s, abort)
        blocks = response.aiter_bytes()
        try:
            patience.wait()
            async for block in blocks:
                said = reply.read(reader.read(block))
                if not reply.stirred:
                    continue
                if patience is before_the_first:
                    patience.stop()
                    patience = Patience(self._idle_s, self._call_s, abort)
                patience.rest()
                for event in said:
                    yield event
                if reply.complete:
                    await _read_out(blocks)
                    return
                patience.wait()
        except httpx2.HTTPError:
            if patience.is_over:
                raise TimeoutError from None
            raise
        finally:
            patience.stop()
        raise NotTheProtocol("ended without message_stop")

    async def check(self) -> Health:
        """Ask for the list of models: no prompt leaves, and it costs nothing."""
        began = time.monotonic()
        try:
            with self._faults(""):
                async with asyncio.timeout(self._check_s):
                    response = await self._http.get(f"{self._base_url}/v1/models", params={"limit": 1000})
                if not response.is_success:
                    raise _Refused(response)
                models = _read_models(response.content)
        except ProviderError as error:
            words = " ".join(filter(None, (type(error).__name__, error.detail)))
            return Health(available=False, error=words, outcome=error.outcome)
        return Health(available=True, latency_ms=(time.monotonic() - began) * 1000, models=models)

    async def _warm_sdk(self) -> AsyncAnthropic:
        if self._sdk is None:
            self._sdk = await asyncio.to_thread(self._build_sdk)
        return self._sdk

    def _build_sdk(self) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic

        for name in _LOGGERS_THAT_PRINT_PAYLOADS:
            logging.getLogger(name).setLevel(logging.WARNING)
        sdk = AsyncAnthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            max_retries=0,
            timeout=self._http.timeout,
            http_client=self._http,
            open_telemetry=False,
        )
        _ = sdk.messages  # imported on first use, which takes as long again
        return sdk

    async def _send_only_our_headers(self, request: httpx2.Request) -> None:
        """Let no other header out: the SDK adds those of ANTHROPIC_CUSTOM_HEADERS, and what machine this is."""
        ours = {
            "host": request.url.netloc.decode("ascii"),
            "authorization": f"Bearer {self._api_key}",
            "anthropic-version": API_VERSION,
            "user-agent": "chatapp",
            "accept": "application/json",
        }
        if request.method == "POST":
            ours |= {"content-type": "application/json", "content-length": str(len(request.content))}
        request.headers = httpx2.Headers(ours)

    @contextmanager
    def _faults(self, model: str) -> Iterator[None]:
        """Translate what the network, the server and the protocol raise into our own errors."""
        try:
            yield
        except TimeoutError as error:
            raise ProviderTimeout(self.name, detail="silence") from error
        except _Refused as error:
            header = error.response.headers.get("retry-after")
            raise fault(self.name, model, error.response.status_code, error.body, header, time.time()) from error
        except ErrorInStream as error:
            raise fault(self.name, model, 200, error.body, None, time.time()) from error
        except WindowFull as error:
            raise ContextTooLong(self.name, detail="model_context_window_exceeded") from error
        except (NotTheProtocol, EventTooLong) as error:
            raise ProviderGarbled(self.name, detail=str(error)) from error
        except httpx2.HTTPError as error:
            raise _network_fault(self.name, error) from error


class _Refused(Exception):
    """Answered with a status that is no success. `body`: as JSON, or None."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(response.status_code)
        self.response = response
        self.body = _json(response.content)


async def _open(sdk: AsyncAnthropic, body: dict[str, Any]) -> AsyncStream[RawMessageStreamEvent]:
    """Send the request; return once the answer has begun.

    Raises:
        _Refused, httpx2.HTTPError
    """
    from anthropic import APIConnectionError, APIStatusError

    try:
        opened: AsyncStream[RawMessageStreamEvent] = await sdk.messages.create(**body, stream=True)
    except APIStatusError as error:
        raise _Refused(error.response) from None
    except APIConnectionError as error:
        if isinstance(error.__cause__, httpx2.HTTPError):
            raise error.__cause__ from None
        raise httpx2.NetworkError(type(error.__cause__).__name__) from error
    return opened


async def _read_out(blocks: AsyncIterator[bytes]) -> None:
    """Read what follows the end mark, so that the connection can take the next call; but do not wait for it."""
    with suppress(TimeoutError, httpx2.HTTPError):
        async with asyncio.timeout(_AFTERMATH_S):
            async for _ in blocks:
                pass


def _network_fault(provider: str, error: httpx2.HTTPError) -> ProviderError:
    detail = type(error).__name__
    match error:
        case httpx2.PoolTimeout():
            return ProviderBusy(provider, detail=detail)  # our own lack of connections says nothing about the provider
        case httpx2.TimeoutException():
            return ProviderTimeout(provider, detail=detail)
        case httpx2.DecodingError():
            return ProviderGarbled(provider, detail=detail)
        case _:
            return ProviderUnavailable(provider, detail=detail)


def _read_models(listing: bytes) -> tuple[str, ...]:
    """Ids of the models that still answer.

    Raises:
        NotTheProtocol: this is no list of models.
    """
    match _json(listing):
        case {"data": [*models]}:
            return tuple(name for model in models if (name := _callable_model(model)))
        case _:
            raise NotTheProtocol("not a list of models")


def _callable_model(model: object) -> str | None:
    match model:
        case {"lifecycle": "retired"}:
            return None
        case {"id": str(name)}:
            return name
        case _:
            return None


def _json(body: bytes) -> object:
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return value
