"""Every URL of the house as one list."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route, WebSocketRoute

from chatapp.web.api import Api
from chatapp.web.entrance import ChatSocket
from chatapp.web.pages import Pages


def routes(pages: Pages, api: Api, socket: ChatSocket) -> list[BaseRoute]:
    """The page, its files, its socket, and the JSON beside them."""
    return [
        Route("/", pages.page),
        Route("/static/{name:path}", pages.static),
        WebSocketRoute("/ws/chat", socket.serve),
        Route("/healthz", api.healthz),
        Route("/readyz", api.readyz),
        Route("/api/health", api.health),
        Route("/api/stats", api.stats),
        Route("/api/session", api.session),
        Route("/api/breakers/{provider}/reset", api.reset_breaker, methods=["POST"]),
        Route("/api/breakers/{provider}/hold", api.hold_breaker, methods=["POST"]),
        Route("/api/conversations", api.conversations),
        Route("/api/conversations/{id}", api.conversation),
        Route("/api/conversations/{id}", api.change_conversation, methods=["PATCH"]),
        Route("/api/conversations/{id}", api.delete_conversation, methods=["DELETE"]),
        Route("/api/attachments", api.attach, methods=["POST"]),
    ]
