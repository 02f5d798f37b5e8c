"""What kind of question it is: our users' prompts with the task each should get, and the laws of the score."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.events import Task, Verdict
from chatapp.router.classify import ANSWERS, COMPLEX_AT, Rule, classify

SIMPLE = """
hi
Thanks, that helped!
What is the dose range of amoxicillin for otitis media?
What does SIADH stand for?
Normal range for serum potassium?
When does the new academic year start?
How many hours off after a 24-hour call?
What is the half-life of vancomycin?
Is amiodarone safe in pregnancy?
What class of drug is sertraline?
Which renal function tests do I order before contrast?
What is the ICD-10 code for hypertension?
Who runs the code blue team at night?
What does NYHA class III mean?
When do we start a loop diuretic?
What is a crossover study design?
Define tachyphylaxis.
Explain the ACGME 80-hour rule
Wie hoch ist die Maximaldosis von Paracetamol?
¿Cuál es la dosis máxima de ibuprofeno?
布洛芬的最大剂量是多少？
What is the difference between T3 and T4?
First-line treatment for uncomplicated cystitis?
Who do I call for a python bite?
Can you spell tachydysrhythmia?
"""

CODE = """
Write a Python function that checks whether two shifts overlap
Fix this bug: the for loop skips the last element
Why does my SQL query return duplicates?
regex for a US phone number
How do I undo the last git commit?
Write a function to check if a date falls on a weekend
Refactor this class to use composition
What does "TypeError: 'NoneType' object is not subscriptable" mean?
Excel formula that counts the night shifts in a row
How do I merge two dataframes on a date column?
const total = shifts.reduce((a, s) => a + s.hours, 0) gives NaN, why?
def overlap(a, b): return a < b
Explain the time complexity of quicksort
Review this code and fix the off-by-one error
VBA macro to colour weekends in a roster
Schreibe eine Python-Funktion, die doppelte Dienste findet
How can I rebase my branch without a merge conflict?
SELECT name FROM residents WHERE hours > 80
Write a script to rename all files in a folder
What is a race condition?
How do I sort a list of tuples by the second element?
R code for a Kaplan-Meier curve
"""

COMPLEX = """
Compare night float and 24-hour call for a program of twelve residents.
What are the trade-offs of a 4+1 schedule?
Prove that the square root of two is irrational
Think step by step: who can cover Friday if nobody may work two nights in a row?
Design a fair holiday call system for 14 residents.
Help me analyse why our residents report burnout after the ICU block.
Pros and cons of early tracheostomy?
Give me a differential diagnosis for hypercalcaemia with a low PTH.
Evaluate the evidence for balanced crystalloids in sepsis.
Derive the Henderson-Hasselbalch equation.
Critique this trial: open label, composite endpoint, stopped early.
Draft a curriculum on quality improvement for interns, taking into account competing service demands.
Interpret this ABG: pH 7.21, pCO2 60, HCO3 24.
62M with COPD, CKD and heart failure has a lactate of 4.1 after contrast. What is the most likely cause and the next \
step?
Vergleiche Nachtdienst und Rufbereitschaft für ein kleines Team
Compara las ventajas y desventajas de las guardias de 24 horas
比较夜班制度和二十四小时值班的优缺点
Walk me through the root cause of a missed handoff.
What would happen if we dropped home call, and under what conditions would that break duty-hour rules?
Weigh the risks and benefits of anticoagulation in a frail adult with falls.
Steelman both sides of the 80-hour limit.
Which of these two electives should I take, and why?
If a test has sensitivity 90% and specificity 95% at a prevalence of 1%, what is the positive predictive value?
A residency has 12 residents and 3 sites, each site needs 2 at night and nobody may work more than 6 nights a month. \
How many nights are left uncovered in a 30-day month if two are on leave?
"""

GENERAL = """
Write a friendly e-mail to the residents that says the Thursday conference moves to room 4, starts at noon, brings \
lunch, and asks everyone to answer by Tuesday evening.
Translate this into plain English for the newsletter: the department wishes to inform all members of staff that the \
car park behind the east wing remains closed until the works are over in spring.
Tell me about the history of the residency system in the United States, who began it, how it spread to other \
hospitals, and what changed when duty-hour limits came in.
Summarise the following paragraph in two sentences: night float was introduced to shorten shifts, and many \
programmes have used it since, though views on its merits differ between sites and years.
I am new here as a coordinator and would like to know what people in this job usually do in the first month, whom \
they meet, and which dates matter most.
Explain how insulin pumps work to a medical student who has never seen one, and mention the common alarms and what a \
nurse usually does about them.
Give me some ideas for a wellness afternoon for about twenty residents, with something outside, something calm, and \
nothing that costs more than a few dollars each.
"""


def lines(task: Task, block: str) -> list[tuple[str, Task]]:
    return [(line, task) for line in block.strip().splitlines()]


PROMPTS = [*lines("simple", SIMPLE), *lines("code", CODE), *lines("complex", COMPLEX), *lines("general", GENERAL)]


@pytest.mark.parametrize(("prompt", "task"), PROMPTS)
def test_our_users_prompts_get_the_task_they_need(prompt: str, task: Task) -> None:
    assert classify(prompt).task == task


LONG_ROSTER_QUESTION = "Who covers the ward on the Friday after the holiday? " * 30
CODE_SIGNS = [
    "```\nx\n```",
    "async def overlap(a, b):",
    "class Shift:",
    "import os.path",
    "from datetime import date",
    "#include <stdio.h>",
    "$ ls -l",
    "function hours (shift) { return 1 }",
    "let total = 0",
    "(a, b) => a",
    "SELECT name\nFROM shifts",
    "Traceback (most recent call last)",
    "it raises KeyError",
    "<div class='x'>",
    "printf('x')",
    "git stash it all",
    "roster['mon'] = 3",
    "a == b",
    "why is it O(n) here",
]


@pytest.mark.parametrize("text", CODE_SIGNS)
def test_code_that_stands_there_is_seen(text: str) -> None:
    assert classify(text).rule == "code_shown"


@pytest.mark.parametrize(
    ("text", "verdict", "schedule", "tools", "rule", "task"),
    [
        ("Compare A and B", "sensitive", True, True, "patient_data", "privacy"),
        ("Compare A and B", "unknown", True, True, "privacy_unknown", "privacy"),
        ("Compare A and B", "clear", True, True, "schedule", "tools"),
        ("Compare A and B", "clear", False, True, "tools_given", "tools"),
        ("def f(x): pass", "clear", False, True, "tools_given", "tools"),
        ("def f(x): pass", "clear", False, False, "code_shown", "code"),
        ("Write a regex for pager numbers", "clear", False, False, "code_asked", "code"),
        ("What is recursion?", "clear", False, False, "code_topic", "code"),
        ("Compare Python and Java", "clear", False, False, "hard_question", "complex"),
        ("Compare A and B", "clear", False, False, "hard_question", "complex"),
        ("Compare A and B. " + LONG_ROSTER_QUESTION, "clear", False, False, "complex_request", "complex"),
        ("What is A?", "clear", False, False, "short_question", "simple"),
        (LONG_ROSTER_QUESTION, "clear", False, False, "general", "general"),
        ("", "clear", False, False, "short_question", "simple"),
    ],
)
def test_the_first_rule_that_applies_decides(
    text: str, verdict: Verdict, schedule: bool, tools: bool, rule: Rule, task: Task
) -> None:
    found = classify(text, verdict=verdict, schedule=schedule, tools=tools)
    assert (found.rule, found.task) == (rule, task)


@pytest.mark.parametrize(
    ("easier", "harder"),
    [
        ("What is a study design?", "Design a study."),
        ("Which plan do we have?", "Plan a month."),
        (
            "Summarise: we compare two drugs and analyse the trade-offs.",
            "We compare two drugs and analyse the trade-offs.",
        ),
        ("How is it done?", "How is it done? Who pays? What breaks?"),
        ("Cover the night.", "Cover the night, unless two are away, and if so, without overtime."),
        ("Topics: a, b, c", "Topics:\n- a\n- b\n- c\n"),
        ("Patient with COPD: what now?", "A 62 yo with COPD: what now?"),
        ("How many nights?", "How many nights do 3 residents cover in 30 days with 2 off?"),
        ("Write a letter", "Write a protocol"),
    ],
)
def test_what_makes_a_question_harder_raises_its_score(easier: str, harder: str) -> None:
    assert classify(easier).score < classify(harder).score


def test_a_script_without_spaces_is_measured_by_its_characters() -> None:
    assert classify("这个药怎么吃").task == "simple"
    assert classify("请写一封信给所有的住院医师通知他们下周四的会议改在四号房间中午开始" * 2).task == "general"


def test_each_rule_has_a_sentence_a_person_can_read() -> None:
    for _, reason in ANSWERS.values():
        assert reason[0].isupper()
        assert reason.endswith(("answers.", "leaves the house."))
        assert "!" not in reason


FRAGMENTS = [
    "compare",
    "-",
    "\n- ",
    "design",
    "3",
    "?",
    "def f(",
    "```",
    "please",
    "比较",
    "62m with",
    "if",
    "how many",
    "sort",
]
TEXTS = st.one_of(
    st.text(max_size=300),
    st.sampled_from([prompt for prompt, _ in PROMPTS]),
    st.lists(st.sampled_from(FRAGMENTS)).map(" ".join),
)
WORDS_OF_REASONING = st.sampled_from(
    [
        "Compare the trade-offs.",
        "step by step",
        "and then design a better one",
        "why",
        "prove it",
        "Evaluate the evidence, pros and cons",
        "explain the mechanism",
        "unless",
        "What would happen if it failed?",
        "分析",
    ]
)


@given(TEXTS, st.sampled_from(["clear", "sensitive", "unknown"]), st.booleans(), st.booleans())
def test_any_text_gets_an_answer_and_a_held_back_one_is_private(
    text: str, verdict: Verdict, schedule: bool, tools: bool
) -> None:
    found = classify(text, verdict=verdict, schedule=schedule, tools=tools)
    assert 0.0 <= found.score <= 1.0
    assert (found.task, found.reason) == ANSWERS[found.rule]
    assert (found.task == "privacy") == (verdict != "clear")
    assert found == classify(text, verdict=verdict, schedule=schedule, tools=tools)


@settings(max_examples=500)
@given(TEXTS, st.lists(WORDS_OF_REASONING, min_size=1, max_size=4))
def test_words_of_reasoning_never_lower_the_score(text: str, more: list[str]) -> None:
    assert classify("\n".join([text, *more])).score >= classify(text).score


@given(TEXTS)
def test_a_question_for_the_strong_model_has_the_score_for_it(text: str) -> None:
    found = classify(text)
    if found.task == "complex":
        assert found.score >= COMPLEX_AT
    if found.task in ("simple", "general"):
        assert found.score < COMPLEX_AT


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "\n", "(", "- ", "1. ", "def ", "please ", "SELECT ", "<div", "x[", "compare ", "let x", "function ("],
)
def test_the_longest_text_takes_milliseconds(unit: str) -> None:
    text = unit * (32_000 // len(unit))
    classify(text[:100])
    started = time.process_time()
    classify(text)
    assert time.process_time() - started < 0.25
