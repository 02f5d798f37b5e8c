"""What the demo's stand-ins say, by topic: texts only, in Markdown, written to be useful at a first look.

Nothing here names a person, a date, an address or a number that a detector could take for one: a reply becomes history.
When which one is said is left to `replies.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

LOCAL_NOTE = "> Demo: a scripted reply of the stand-in for the **local** model, not a model. It stayed in the house."
CLOUD_NOTE = "> Demo: a scripted reply of the stand-in for the **cloud** model, not a model. Nothing left this machine."


@dataclass(frozen=True, slots=True)
class Topic:
    """A reply and what calls for it.

    Args:
        cues: words in lower case; a question that holds one of them is about this.
        thinking: what the cloud stand-in thinks aloud before it.
    """

    cues: tuple[str, ...]
    thinking: str
    text: str


DUTY_HOURS = Topic(
    cues=(
        "acgme",
        "80 hour",
        "80-hour",
        "80 h",
        "duty hour",
        "duty-hour",
        "work hour",
        "work-hour",
        "day off in seven",
    ),
    thinking="They ask about duty hours. A table of the limits, then what is counted, then the usual traps.",
    text="""\
## The ACGME 80-hour rule

Residents work at most **80 hours a week, averaged over four weeks**. The average leaves room for one heavy week, not
for four of them. These limits belong together:

| What | Limit | Averaged |
|---|---|---|
| Hours a week | 80, with moonlighting | over 4 weeks |
| Free of all work and study | 1 day in 7 | over 4 weeks |
| One continuous period | 24 hours, and up to 4 more for hand-over and education | no |
| Off after 24 hours of in-house call | 14 hours at least | no |
| Off between two scheduled periods | 8 hours (should) | no |
| In-house call | no more often than every third night | over 4 weeks |

**What counts.** All clinical and educational work in the house, clinical work done from home, and every hour of
moonlighting. Call taken at home counts for the time spent on patient care, not for the time spent waiting.

**Where schedules usually break**

1. A week of nights beside a week of long days: each looks fine, the four weeks together do not.
2. A 24-hour call followed by a morning clinic: the 14 hours off are gone.
3. A "free" day that begins after a night shift: a day off is 24 hours in a row without duties, call at home included.

Check the edition of the Common Program Requirements that your program follows: a specialty may be stricter. Paste a
roster and say *check this schedule*, and the figures are worked out for each resident.
""",
)

HAND_OFF = Topic(
    cues=(
        "hand-off",
        "handoff",
        "hand off",
        "handover",
        "hand-over",
        "hand over",
        "i-pass",
        "ipass",
        "sign-out",
        "sbar",
    ),
    thinking="A hand-off is wanted. I-PASS gives the order; an example and a checklist make it usable at once.",
    text="""\
## A hand-off with I-PASS

| Letter | Stands for | Say |
|---|---|---|
| **I** | Illness severity | *stable*, *watcher* or *unstable*: this first |
| **P** | Patient summary | why they came, what happened, where things stand, the plan |
| **A** | Action list | what to do, by whom, by when |
| **S** | Situation awareness, contingencies | what may happen, and what to do then |
| **S** | Synthesis by the receiver | the receiver sums up, asks, and repeats what is to be done |

### An invented example

> **Watcher.** Adult, second day after an open appendectomy, fever since noon. Cultures taken, antibiotics broadened,
> fluids running; blood pressure has been steady.
> **To do:** look at the lactate at 22:00; look at the wound once tonight.
> **If** the pressure falls or the heart rate stays above 120: call the senior, give a fluid bolus, repeat the lactate.

### Before you leave

- [ ] The sickest first, while everyone is awake for it
- [ ] Each task has a time and an owner
- [ ] Each *if* has a *then*
- [ ] Pending results are named, with who looks at them
- [ ] The receiver has said it back

Your unit's own template comes first; this is the order, not the form.
""",
)

HYPERKALAEMIA = Topic(
    cues=("hyperkal", "potassium"),
    thinking="A high potassium. The ladder in order, and why; no doses, those belong to the local protocol.",
    text="""\
## High potassium: the ladder

**First:** is it real? Repeat the sample if it may be haemolysed, but do not wait for the repeat where the ECG has
changed or somebody is unwell. Take a **12-lead ECG**, start monitoring, and call for senior help early.

| Rung | What it does | With | Begins within |
|---|---|---|---|
| 1. Protect the heart | steadies the membrane, moves no potassium | intravenous calcium | minutes; does not last |
| 2. Shift it into cells | buys hours | insulin with glucose; nebulised salbutamol (albuterol) | 15 to 30 minutes |
| 3. Take it out | the only lasting rung | binders; loop diuretics; dialysis | hours; dialysis sooner |
| 4. Stop the cause | or it comes back | drugs, diet, obstruction, tissue damage, acidosis | from now on |

Many protocols call 5.5 to 5.9 mmol/L *mild*, 6.0 to 6.4 *moderate* and 6.5 or more *severe*. Changes in the ECG make
any of them an emergency.

- [ ] ECG before and after calcium; it may need repeating while the changes last
- [ ] Glucose checked often for hours after insulin: late hypoglycaemia is the common harm
- [ ] ACE inhibitors, ARBs, potassium-sparing diuretics, trimethoprim, NSAIDs and supplements looked for, and held
- [ ] Potassium repeated after 1 to 2 hours, and again once the shift wears off
- [ ] Nephrology called where it is severe, does not fall, or there is no urine

**Doses are left out on purpose:** follow your local protocol and your pharmacist, above all in kidney failure,
pregnancy, children, and with digoxin.
""",
)

CODE_SQL = Topic(
    cues=("sql", "database"),
    thinking="A query over shifts. Hours per resident and week, then the average; one dialect, named.",
    text="""\
## Hours per resident, as SQL

For PostgreSQL, over a table `shifts (resident_id, starts_at, ends_at)`:

```sql
WITH weekly AS (
    SELECT resident_id,
           date_trunc('week', starts_at) AS week,
           sum(extract(epoch FROM ends_at - starts_at)) / 3600 AS hours
    FROM shifts
    GROUP BY resident_id, date_trunc('week', starts_at)
)
SELECT resident_id,
       round(sum(hours)::numeric / 4, 1) AS hours_per_week
FROM weekly
WHERE week >= date_trunc('week', now()) - interval '4 weeks'
  AND week <  date_trunc('week', now())
GROUP BY resident_id
HAVING sum(hours) / 4 > 80
ORDER BY hours_per_week DESC;
```

It divides by four and not by the number of rows, so a week without work counts as zero hours.

Two things it does not do: a shift that runs over midnight on Sunday counts wholly in the week it began, and overlapping
shifts are counted twice. For a judgement that has to hold, use `validate_schedule`.
""",
)

CODE_PYTHON = Topic(
    cues=("python", "a function", "script that", "write code", "source code", "regular expression", "javascript"),
    thinking="A small program about schedules. Short, typed, with the assumption said and a line that checks it.",
    text="""\
## Weekly hours in Python

```python
from collections import defaultdict
from datetime import datetime, timedelta


def hours_by_week(shifts: list[tuple[datetime, datetime]]) -> dict[tuple[int, int], float]:
    \"\"\"Hours worked in each ISO week. Shifts may run over midnight, but must not overlap.\"\"\"
    hours: dict[tuple[int, int], float] = defaultdict(float)
    for start, end in shifts:
        while start < end:
            midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time())
            until = min(end, midnight)
            year, week, _ = start.isocalendar()
            hours[year, week] += (until - start).total_seconds() / 3600
            start = until
    return dict(hours)
```

Each shift is cut at midnight, so a Sunday night is split between the two weeks it belongs to. Times are taken as they
stand on the clock; where the clocks change, use times with a zone.

| Call | Gives |
|---|---|
| a shift from Monday 07:00 to 19:00 | one week, 12.0 hours |
| a shift from Sunday 19:00 to Monday 07:00 | two weeks, 5.0 and 7.0 hours |

Ask for it in *SQL* to see another scripted reply.
""",
)

SWAP_REQUEST = Topic(
    cues=("swap", "e-mail", "email", "cover my", "trade shift", "trade my", "change shifts"),
    thinking="A request to swap shifts. Short, everything the scheduler needs in one look, and both people agree.",
    text="""\
## A shift swap, ready to send

**Subject:** Swap request: my Saturday night for a Tuesday night

> Hello,
>
> may we swap two shifts? My colleague and I both agree.
>
> | | Now | After the swap |
> |---|---|---|
> | Saturday night | me | my colleague |
> | Tuesday night of the week after | my colleague | me |
>
> Both of us would still have one day in seven free and at least 8 hours between shifts. Neither of us is on call the
> day before. If this works for you, please change it in the schedule; if not, everything stays as it is.
>
> Thank you

Before you send it:

- [ ] Put in the two names and dates
- [ ] Your colleague has agreed in writing
- [ ] The four weeks around it still keep to the duty-hour rules: paste the roster here and ask for a check
- [ ] No patient is named in it; the mail does not need one
""",
)

KEPT_HERE = Topic(
    cues=("mrn", "patient", "record number", "date of birth", "dob", "ssn", "bed "),
    thinking="",
    text="""\
## This is where patient data is answered

A real local model would answer your question here. The stand-in can only show what happened to it:

1. The privacy gate read the whole request before anything was sent: this message, the history, attachments.
2. Where it finds something that may identify a patient, the conversation is **locked to local**. From then on every
   message in it is answered in the house, the harmless ones too.
3. If the local model is down, such a question waits. It is never handed to the cloud instead.

| Look at | You see |
|---|---|
| the chip under this reply | who answered, and by which rule |
| the header | the lock, once it is on |
| the side panel | what left the house, and what was kept |

To see the other side, start a new conversation and ask something harmless, such as *Explain the ACGME 80-hour rule*.
""",
)

TOUR = Topic(
    cues=(),
    thinking="No scripted reply fits this. Say so, and show what there is to try.",
    text="""\
## What this demo can show you

There is no scripted reply for that; a real model would answer it. Here is what is worth trying:

| Try | To see |
|---|---|
| *Explain the ACGME 80-hour rule* | a reply streaming in, and the chip that says who gave it |
| paste a roster and write *check this schedule* | a tool at work: each rule, each resident, exact hours |
| ask about an invented patient, with a name and a record number | the lock: answered here, and so is all that follows |
| *Write a hand-off template* | a checklist with I-PASS |
| *Write a Python function for weekly hours* | code, routed to the model for code |
| *Draft a swap request* | a mail you could send |

Then make something fail: in the demo corner of the side panel, let the local or the cloud stand-in refuse or hang.
After five failures its breaker opens, counts down, tries once, and closes when the stand-in is well again.

```csv
resident,start,end
Resident A,2026-07-06 07:00,2026-07-07 11:00
Resident A,2026-07-07 19:00,2026-07-08 07:00
Resident B,2026-07-06 07:00,2026-07-06 19:00
```

Three lines to paste for a first check.
""",
)

TOPICS = (HYPERKALAEMIA, SWAP_REQUEST, HAND_OFF, CODE_SQL, CODE_PYTHON, DUTY_HOURS, KEPT_HERE)
"""In the order in which they are looked for; `TOUR` is for all else. `KEPT_HERE` is never said by the cloud."""
