"""`chatapp classify`: JSON lines in, JSON lines out, in order (contract, section 5). Starts nothing, opens nothing.

Says what hybrid mode would do with each text or conversation if a cloud were configured and well.
"""

from __future__ import annotations

from typing import Annotated, Any, BinaryIO, Literal

import orjson
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from chatapp.gatehouse import build_gate
from chatapp.messages import CompletionRequest, Message, Text
from chatapp.privacy.gate import ClearedRequest, Judgement
from chatapp.router.classify import classify
from chatapp.router.route import Case, Policy, choose
from chatapp.settings import Settings
from chatapp.tools.schedules import looks_like_schedule


class Said(BaseModel):
    """One entry of a conversation."""

    role: Literal["user", "assistant", "system", "tool"] = "user"
    content: str


class Line(BaseModel):
    """One line of input: a text, or a conversation with its oldest entry first."""

    id: Annotated[str | int, Field(union_mode="left_to_right")]
    text: str | None = None
    turns: Annotated[list[Said], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Line:
        if (self.text is None) == (self.turns is None):
            raise ValueError("either text or turns")
        return self


_LINES = TypeAdapter(Line)


def classify_lines(lines: BinaryIO, out: BinaryIO, settings: Settings) -> None:
    """Answer each line with a line, at once; one that cannot be read with an `error` of one sentence."""
    classifier = Classifier(settings)
    for line in lines:
        out.write(orjson.dumps(classifier.answer(line)) + b"\n")
        out.flush()


class Classifier:
    """Classifies lines as the router would. Remembers a bounded number of verdicts, and no text."""

    def __init__(self, settings: Settings) -> None:
        self._gate = build_gate(settings)
        self._policy = Policy("cloud" if settings.default_provider == "anthropic" else "local", fallback=False)
        self._local_models = {
            "simple": settings.ollama_fast_model,
            "tools": settings.ollama_tool_model,
            "code": settings.ollama_code_model,
        }
        self._local_model = settings.ollama_model
        self._cloud_model = settings.anthropic_model

    def answer(self, line: bytes) -> dict[str, Any]:
        """The answer to one line."""
        try:
            asked = _LINES.validate_json(line)
        except ValidationError:
            return {"id": _id_of(line), "error": "a line is {id, text} or {id, turns: [{role, content}]}"}
        turns = asked.turns if asked.turns is not None else [Said(content=asked.text or "")]
        judgement = self._judge(turns)
        text = next((said.content for said in reversed(turns) if said.role == "user"), "")
        return {"id": asked.id, **self._decide(text, judgement)}

    def _judge(self, turns: list[Said]) -> Judgement:
        messages = tuple(
            Message("assistant" if said.role == "assistant" else "user", (Text(said.content),)) for said in turns
        )
        judged = self._gate.judge(CompletionRequest(model="", messages=messages))
        return Judgement("clear") if isinstance(judged, ClearedRequest) else judged.judgement

    def _decide(self, text: str, judgement: Judgement) -> dict[str, Any]:
        schedule = looks_like_schedule(text)
        task = classify(text, verdict=judgement.verdict, schedule=schedule)
        free = classify(text, schedule=schedule)
        choice = choose(
            Case(
                verdict=judgement.verdict, kinds=judgement.kinds, locked_by=None, mode="hybrid", wish="auto",
                task=free.task, task_reason=free.reason, cloud=True,
            ),
            self._policy,
        )  # fmt: skip
        cloud = choice.order[0] == "cloud"
        role = "tools" if schedule else task.task
        return {
            "verdict": judgement.verdict,
            "phi": judgement.verdict != "clear",
            "kinds": list(judgement.kinds),
            "task": task.task,
            "score": round(task.score, 3),
            "cloud": cloud,
            "model": self._cloud_model if cloud else self._local_models.get(role, self._local_model),
            "rule": choice.rule,
            "reason": choice.reason,
        }


def _id_of(line: bytes) -> object:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value.get("id") if isinstance(value, dict) else None
