"""Answer without any way out of the house, look at who is there, and say plainly what is missing.

    OLLAMA_URL=http://localhost:11434 python docs/examples/airgapped.py

With `airgap_mode=True` no cloud provider is built, whatever keys the environment holds.
"""

from __future__ import annotations

import asyncio
import sys

from chatapp import LLMRequest, LLMRouter
from chatapp.errors import ChatError


async def main(question: str) -> None:
    async with LLMRouter(airgap_mode=True) as router:
        for name, health in (await router.health_check_all()).items():
            print(f"{name}: {'answers' if health.available else health.error_message}")
            for model in health.missing_models:
                print(f"  {model} is not on this machine. `ollama pull {model}` adds it.")
        try:
            response = await router.generate(LLMRequest(prompt=question, provider="ollama"))
        except ChatError as error:
            print(error)
        else:
            print(response.content)
        stats = router.get_stats()
        print(f"{stats.left_house} requests left the house, {stats.completion_tokens} tokens were written in it.")


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "How many hours off follow a 24-hour call?"))
