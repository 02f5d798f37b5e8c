"""HTTP, WebSocket, browser."""
