"""What kind of question this is, and how much it wants the strong model: a task, a score, a rule and a sentence.

Word lists, shapes and fixed weights, read in one pass: no network, no model, the same answer every time. Whether a
text holds patient data or a schedule is found out elsewhere; which provider gets the task is `route.py`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from chatapp.events import Task, Verdict

COMPLEX_AT = 0.5
"""From this score on a question is for the strong model, however short it is."""
SIMPLE_BELOW = 0.35
"""Below this score a short question is for the fast model."""
SHORT_WORDS = 25.0
"""Up to so many words a question is short; two characters of a script without spaces count as one."""

Rule = Literal[
    "patient_data",
    "privacy_unknown",
    "schedule",
    "tools_given",
    "code_shown",
    "code_asked",
    "code_topic",
    "hard_question",
    "complex_request",
    "short_question",
    "general",
]

ANSWERS: MappingProxyType[Rule, tuple[Task, str]] = MappingProxyType(
    {
        "patient_data": ("privacy", "Patient data was found: the local model answers, and nothing leaves the house."),
        "privacy_unknown": (
            "privacy",
            "The privacy check could not decide: the local model answers, and nothing leaves the house.",
        ),
        "schedule": ("tools", "A schedule to work on: the model for tools answers."),
        "tools_given": ("tools", "The request brings its own tools: the model for tools answers."),
        "code_shown": ("code", "There is code in it: the local code model answers."),
        "code_asked": ("code", "Code is asked for: the local code model answers."),
        "code_topic": ("code", "A question about code: the local code model answers."),
        "hard_question": ("complex", "Short, but it needs careful reasoning: the strong model answers."),
        "complex_request": ("complex", "It needs careful reasoning: the strong model answers."),
        "short_question": ("simple", "Short question: the fast local model answers."),
        "general": ("general", "A general question: the default model answers."),
    }
)
"""What follows from each rule: the task, and the sentence for the user."""


@dataclass(frozen=True, slots=True)
class Classification:
    """How a question was understood. `score`: 0..1, how much it wants the strong model. No word of it stands here."""

    task: Task
    score: float
    rule: Rule
    reason: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text prepared for look-ups. `tokens`: case-folded words and marks; `line`: the same, between single spaces."""

    text: str
    folded: str
    tokens: list[str]
    words: frozenset[str]
    line: str
    size: float

    @property
    def is_short(self) -> bool:
        return self.size <= SHORT_WORDS


_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)?|[.?!;:,\n()]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_MARKS = frozenset(".?!;:,\n()")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(f" {' '.join(phrase.split())} " for phrase in text.split(","))


# --- what makes a question hard --------------------------------------------------------------------------------------

_ASKS = _words(
    """compare contrast analyse analyze design redesign prove derive critique synthesise synthesize reconcile
    devise formulate optimise optimize weigh justify"""
)
"""Plain wishes for reasoning where they are orders ("compare …", "help me design …"); elsewhere a hint."""
_OPENERS = _words(
    """evaluate assess appraise interpret discuss propose argue develop plan diagnose prioritise prioritize"""
)
"""The same, but everyday words of a ward: orders only where a sentence begins with them."""
_LEADS = _words("please to you me us and then also now carefully critically")
_PLAIN = _phrases(
    """step by step, trade offs, trade off, tradeoffs, tradeoff, pros and cons, advantages and disadvantages,
    strengths and weaknesses, risks and benefits, benefits and risks, differential diagnosis, root cause,
    think through, work through, reason through, walk me through, first principles, what would happen if,
    under what conditions, under which conditions, in depth, critically, reasoned argument, make the case,
    both sides, for and against, and why, steelman, play devil's advocate, what am i missing"""
)
_PLAIN_ELSEWHERE = _words(
    """vergleiche vergleichen analysiere analysieren beweise entwirf entwerfen begründe bewerte erörtere compara
    analiza demuestra diseña evalúa justifica comparez analysez démontrez démontrer concevez évaluez
    justifiez analise demonstre confronta analizza progetta dimostra valuta vergelijk analyseer ontwerp
    porównaj przeanalizuj karşılaştır"""
)
_PLAIN_STEMS = _words(
    """比较 比較 分析 设计 設計 证明 証明 权衡 權衡 逐步 비교 분석 설계 증명
    сравни проанализир докажи спроектир قارن حلل तुलना विश्लेषण"""
)
"""Looked for anywhere: these scripts have no spaces, or their words many endings."""
_HINTS = _phrases(
    """how would you, how would we, how should we, how could we, how can we, how should i, how do i cover, such
    that, so that no, without breaking, what breaks, what could go wrong, is it worth, why might, why would,
    which is better, which would you, most likely, next step, next best step, best approach, best strategy,
    best way to, difference between, help me decide, take into account, taking into account, implications,
    competing, conflicting, root causes, workup, differential, rationale, reasoning, what are the
    consequences, long term, evidence for, evidence against, schritt für schritt, paso a paso, étape par
    étape, passo a passo, vor und nachteile, ventajas y desventajas, avantages et inconvénients"""
)
_FAINT = _words(
    """why explain versus vs mechanism recommend approach strategy framework hypothesis evidence factors consider
    causes interactions ethical constraints balance management confounding bias warum erkläre pourquoi
    expliquez porque explica"""
)
_CONDITIONS = _words("if unless while without except given assuming although despite whereas must cannot whether")
_MAKES = _words("write draft create make build develop propose outline prepare produce")
_WORKS = _words(
    """protocol curriculum strategy policy proposal framework guideline essay manuscript rubric grant roadmap
    pathway argument analysis trial study plan simulation"""
)
_PUZZLES = _phrases(
    """how many, how much, how long, how far, what percentage, probability, expected value, predictive value,
    likelihood, odds, what is the chance"""
)
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•]|\(?(?:\d{1,2}|[a-h])[.)])[ \t]", re.MULTILINE)
_VIGNETTE = re.compile(r"\b\d{1,3}(?:[ -]?(?:year|yr)s?[ -]old\b| ?(?:yo|y/o)\b| ?[mf] (?:with|w/|presents))")
_ERRAND = re.compile(
    r"\s*(?:(?:please|kindly|hi|hello|hey|can you|could you|would you|help me|i need you to)\b[ ,]*)*"
    r"(?:translate|summari[sz]e|proofread|reformat|rephrase|rewrite|reword|paraphrase|shorten|spell|define|convert"
    r"|list|(?:fix|correct) the (?:grammar|spelling)|alphabeti[sz]e|sort|capitali[sz]e|thanks|thank you)\b"
)
"""Work on words that stand there already: easy, however long the text."""


def _score(reading: _Reading) -> float:
    """Evidence added up, 0..1. Whatever is appended to a text can only add to it."""
    plain, hints = _wishes(reading)
    score = _capped(0.5 * min(plain, 1) + 0.15 * max(plain - 1, 0), 0.8)
    score += _capped(0.2 * hints, 0.6) + _capped(0.08 * len(reading.words & _FAINT), 0.24)
    score += _shape(reading)
    if _ERRAND.match(reading.folded):
        score -= 0.3
    return round(min(max(score, 0.0), 1.0), 3)


def _wishes(reading: _Reading) -> tuple[int, int]:
    """How many plain wishes for reasoning, and how many hints of one."""
    plain = sum(phrase in reading.line for phrase in _PLAIN) + len(reading.words & _PLAIN_ELSEWHERE)
    plain += sum(stem in reading.folded for stem in _PLAIN_STEMS) if not reading.text.isascii() else 0
    hints = sum(phrase in reading.line for phrase in _HINTS)
    if not reading.words.isdisjoint(_ASKS | _OPENERS):
        orders, mentions = _orders(reading.tokens)
        plain, hints = plain + orders, hints + mentions
    if reading.words & _MAKES and reading.words & _WORKS:
        hints += 2
    return plain, hints


def _orders(tokens: list[str]) -> tuple[int, int]:
    """Distinct verbs of reasoning that are orders, and those that are merely mentioned ("study design")."""
    orders: set[str] = set()
    mentions: set[str] = set()
    before = "."
    for token in tokens:
        if token in _ASKS:
            (orders if before in _MARKS or before in _LEADS else mentions).add(token)
        elif token in _OPENERS and before in _MARKS:
            orders.add(token)
        before = token
    return len(orders), len(mentions)


def _shape(reading: _Reading) -> float:
    """What the outer form says: length, several questions, lists, conditions, cases and sums."""
    questions = reading.folded.count("?") + reading.folded.count("？") + reading.folded.count("؟")
    numbers = sum(token[0].isdigit() for token in reading.tokens)
    score = _capped(0.1 * max(questions - 1, 0), 0.2)
    score += _capped(0.06 * len(_LIST_ITEM.findall(reading.text)), 0.24)
    score += _capped(0.06 * len(reading.words & _CONDITIONS), 0.18)
    score += _capped(0.0008 * reading.size, 0.24)
    if numbers >= 1 and _VIGNETTE.search(reading.folded):
        score += 0.25
    if numbers >= 3 and any(phrase in reading.line for phrase in _PUZZLES):
        score += 0.45
    return score


def _capped(value: float, most: float) -> float:
    return min(value, most)


# --- what makes a question one about code ----------------------------------------------------------------------------

_SIGN = re.compile(
    r"[`=\[{<$#]|[a-zA-Z]\(|SELECT|Traceback|(?:Error|Exception)\b"
    r"|\b(?:def|class|import|git|npm|pip|docker|kubectl|conda) "
)
"""Without one of these no code is shown: most texts need no closer look."""
_SHOWN = re.compile(
    r"""```
    |^[ \t]*(?:async[ ]+)?(?:def|class)[ ]+\w+[ ]?[(:]
    |^[ \t]*(?:import[ ]+\w+(?:[.]\w+)*[ \t;]*$|from[ ]+[\w.]+[ ]+import\b|\#include\b|\$[ ]\w)
    |\bfunction[ ]?\w{0,60}[ ]?\([^)\n]{0,80}\)[ ]?\{
    |\b(?:const|let|var)[ ]\w{1,60}[ ]?=
    |\)[ ]?=>
    |\bSELECT\b[^;]{1,200}\bFROM\b
    |\bTraceback[ ]\(most[ ]recent
    |(?<=[a-z])(?:Error|Exception)\b
    |</?(?:div|span|html|body|script|table|head|form)\b[^>\n]{0,80}>
    |\b(?:print|printf|len|range|console\.log|System\.out\.println|VLOOKUP|COUNTIFS?|SUMIFS?)\(
    |\b(?:git|npm|pip|docker|kubectl|conda)[ ](?:install|commit|push|pull|rebase|merge|clone|checkout|run|build|stash)\b
    |\[[\w"']{0,60}\][ ]?=|===?[ ]?\w|[!+]=[ ]?\w|\bO\((?:n|1|log)""",
    re.MULTILINE | re.VERBOSE,
)
_FIRM = _words(
    """python javascript typescript kotlin golang php powershell bash sql mysql postgres postgresql sqlite html css
    numpy pandas django flask fastapi nodejs vba dockerfile docker kubernetes github gitlab npm pytest junit
    regex regexp json yaml api apis sklearn pytorch tensorflow dataframe dataframes graphql mongodb vlookup
    xlookup countif sumif ggplot2 dplyr tidyverse java debug debugger refactor segfault recursion boolean
    hashmap stacktrace js tuples dijkstra quicksort mergesort backend frontend coding async mutex webhook
    localhost pseudocode macro fizzbuzz linter dockerize"""
)
"""One of these is enough."""
_FIRM_PHRASES = _phrases(
    """for loop, while loop, infinite loop, linked list, binary search, binary tree, list comprehension, unit test,
    unit tests, merge conflict, stack trace, null pointer, off by one, time complexity, syntax error, stack
    overflow, memory leak, race condition, pull request, cron job, dynamic programming, hash map, source
    code, code review, regular expression, regular expressions, primary key, foreign key, left join, inner
    join, version control, excel formula, sheets formula, spreadsheet formula, data frame, write a program,
    write a script, r script, r code, shell script, lines of code, programming language, command line"""
)
_LOOSE = _words(
    """function functions method methods class variable variables loop loops array arrays string strings integer
    integers pointer compiler script scripts query queries bug bugs algorithm exception endpoint thread
    cache dictionary tuple iterator parser decorator inheritance repo repository branch program code snippet
    syntax module library framework index null undefined nan stdout column columns database table csv print
    prints duplicates"""
)
"""Two of these are enough where something is to be done with them: a ward has functions, classes and loops too."""
_LOOSE_PHRASES = _phrases(
    """function that, function to, function which, this code, my code, code that, code to, method that, class that,
    my query, this query, this function, this loop, this script"""
)
_DOINGS = _words(
    """write fix implement optimise optimize review rewrite build create make add generate convert return returns
    run runs throw throws crash crashes fails compile compiles deploy parse parses test skip skips sort
    sorts reverse merge"""
)
_WARD = re.compile(
    r" (?:(?:renal|kidney|liver|hepatic|thyroid|cardiac|heart|lung|pulmonary|executive|cognitive|ventricular|lv|rv"
    r"|immune|platelet|bowel|sexual|motor|nerve|endothelial|adrenal|swallowing) functions?|functions? tests?"
    r"|(?:icd|10|11|9|cpt|hcpcs|billing|diagnosis|procedure|drg|loinc|snomed|zip|dress|door|access|full|blue|no|stroke"
    r"|trauma|sepsis|honor|ethics) codes?"
    r"|codes? (?:status|blue|stroke|sepsis|trauma|white|pink|red|team|cart|leader|discussion)"
    r"|(?:nyha|drug|killip|asa) class|class (?:i|ii|iii|iv|\d|effect)"
    r"|loop (?:diuretics?|recorder)|bowel loops?|python bites?)(?= )"
)
"""What a ward calls so."""


def _code_rule(reading: _Reading) -> Rule | None:
    """Whether it is about code, and by what sign; clinical words that look like code are put aside first."""
    if _SIGN.search(reading.text) and _SHOWN.search(reading.text):
        return "code_shown"
    named = "c++" in reading.folded or "c#" in reading.folded
    firm = reading.words & _FIRM or any(phrase in reading.line for phrase in _FIRM_PHRASES)
    if not named and not firm and reading.words.isdisjoint(_LOOSE):
        return None
    line = _WARD.sub(" ", reading.line)
    words = frozenset(line.split())
    doing = not words.isdisjoint(_DOINGS)
    loose = len(words & _LOOSE) + sum(phrase in line for phrase in _LOOSE_PHRASES)
    if named or words & _FIRM or any(phrase in line for phrase in _FIRM_PHRASES):
        return "code_asked" if doing else "code_topic"
    return "code_asked" if doing and loose >= 2 else None


# --- the answer ------------------------------------------------------------------------------------------------------


def classify(text: str, *, verdict: Verdict = "clear", schedule: bool = False, tools: bool = False) -> Classification:
    """Say what kind of question this is. Never raises; linear in the text, microseconds for a chat message.

    Args:
        verdict: the privacy gate's, of the whole request; anything but `clear` decides alone.
        schedule: a schedule stands in the text or in an attachment. tools: the caller's own request carries tools.
    """
    reading = _read(text)
    score = _score(reading)
    rule = _circumstance(verdict, schedule, tools) or _by_content(reading, score)
    task, reason = ANSWERS[rule]
    return Classification(task, score, rule, reason)


def _read(text: str) -> _Reading:
    folded = text.casefold()
    tokens = _TOKEN.findall(folded)
    line = f" {' '.join(tokens)} "
    marks = sum(map(tokens.count, _MARKS))
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    return _Reading(text, folded, tokens, frozenset(tokens), line, len(tokens) - marks + unspaced / 2)


def _circumstance(verdict: Verdict, schedule: bool, tools: bool) -> Rule | None:
    """What decides before the words do."""
    if verdict != "clear":
        return "patient_data" if verdict == "sensitive" else "privacy_unknown"
    if schedule:
        return "schedule"
    return "tools_given" if tools else None


def _by_content(reading: _Reading, score: float) -> Rule:
    hard = score >= COMPLEX_AT
    code = _code_rule(reading)
    if code and not (hard and code == "code_topic"):
        return code
    if hard:
        return "hard_question" if reading.is_short else "complex_request"
    return "short_question" if reading.is_short and score < SIMPLE_BELOW else "general"
