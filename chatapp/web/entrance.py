"""`/ws/chat` from the outside: who is let in, how many, and one socket a tab.

What is said once somebody is in is `socket.py`; who they are and where from is `auth.py`.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.websockets import WebSocket

from chatapp.web.socket import Connection, Reception


class ChatSocket:
    """`/ws/chat`."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._connections: set[Connection] = set()

    def __repr__(self) -> str:
        return f"<ChatSocket {len(self._connections)} connections>"

    async def serve(self, websocket: WebSocket) -> None:
        """One browser, from handshake to close."""
        reception = self._reception
        if not reception.doorkeeper.allows_handshake(websocket.headers):
            await websocket.send_denial_response(Response(status_code=403))
            return
        if len(self._connections) >= reception.limits.sockets:
            await websocket.send_denial_response(Response(status_code=503, headers={"retry-after": "5"}))
            return
        await websocket.accept()
        connection = Connection(websocket, reception, reception.doorkeeper.user(websocket))
        self._replace(connection)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    def _replace(self, connection: Connection) -> None:
        """A tab has one socket: the one it opened last."""
        for other in self._connections:
            if connection.tab and (other.tab, other.user.id) == (connection.tab, connection.user.id):
                other.close(4409)
