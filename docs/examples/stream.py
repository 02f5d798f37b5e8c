"""Read an answer as it is written, with a tool the model may ask for.

    OLLAMA_URL=http://localhost:11434 python docs/examples/stream.py

The router hands a tool call on and runs nothing: what becomes of it is up to the program.
"""

from __future__ import annotations

import asyncio
import sys

from chatapp import LLMRequest, LLMRouter

PAGER = {
    "name": "who_is_on_call",
    "description": "Name of the team that is on call for a service on a day.",
    "input_schema": {
        "type": "object",
        "properties": {"service": {"type": "string"}, "day": {"type": "string", "description": "YYYY-MM-DD"}},
        "required": ["service", "day"],
    },
}


async def main(question: str) -> None:
    async with LLMRouter() as router:
        async for chunk in router.stream(LLMRequest(prompt=question, tools=[PAGER])):
            print(chunk.content, end="", flush=True)
            if chunk.tool_call:
                print(f"\n{chunk.model} asks for {chunk.tool_call.name} with {chunk.tool_call.arguments}")
            if chunk.done and chunk.usage:
                print(f"\n{chunk.provider} · {chunk.model} · {chunk.usage.completion_tokens} tokens")


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "Which team is on call for cardiology on 2026-07-04?"))
