"""What would happen to a draft: the verdict and the route, without storing, logging or sending anything of it.

It runs while somebody types, so a long draft is read off the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatapp.events import Route
from chatapp.messages import CompletionRequest, Conversation, Message, Mode, Text
from chatapp.privacy.gate import Judgement
from chatapp.router.router import Question, Router


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer: what was found in the draft, and the route the question would take."""

    judgement: Judgement
    route: Route


class Drafts:
    """Judges drafts as the router would judge the question."""

    def __init__(self, router: Router, *, default_mode: Mode, looks_like_schedule: Callable[[str], bool]) -> None:
        self._router = router
        self._default_mode = default_mode
        self._looks_like_schedule = looks_like_schedule

    def __repr__(self) -> str:
        return f"<Drafts for {self._router!r}>"

    async def check(self, text: str, conversation: Conversation | None, mode: Mode | None = None) -> Checked:
        """Judge a draft in its conversation; None: a new one, of `mode`.

        Raises:
            ContextTooLong: it would not fit any model.
        """
        question = Question(
            request=CompletionRequest(model="", messages=(Message("user", (Text(text),)),)),
            text=text,
            mode=conversation.mode if conversation else mode or self._default_mode,
            locked_by=conversation.locked_by if conversation else None,
            schedule=self._looks_like_schedule(text),
        )
        routing = await self._router.decide(question)
        judgement = await self._router.judge(lambda: self._router.gate.examine(text), len(text))
        return Checked(judgement, routing.candidates[0].route)
