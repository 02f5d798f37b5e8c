"""Ask one question and read the whole answer: who gave it, why, and what it took.

    OLLAMA_URL=http://localhost:11434 python docs/examples/ask.py "Explain the ACGME 80-hour rule"

With ANTHROPIC_API_KEY set, hard questions without patient data may go to the cloud; the printed reason says so.
"""

from __future__ import annotations

import asyncio
import sys

from chatapp import LLMRequest, LLMRouter


async def main(question: str) -> None:
    async with LLMRouter() as router:
        print(router.classify(question).reason)
        response = await router.generate(LLMRequest(prompt=question, provider="auto"))
        print(response.content)
        print(f"{response.provider} · {response.model} · {response.usage.completion_tokens} tokens")


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "Explain the ACGME 80-hour rule"))
