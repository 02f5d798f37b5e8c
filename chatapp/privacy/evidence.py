"""What a sentence says besides identifiers: is it about one person, about care, about a roster, about rules in general?

The families of rules ask here before they call a date, a number or an unknown word somebody's.
"""

from __future__ import annotations

import re
from functools import cached_property

from chatapp.privacy.notation import one_of, pattern

_LAB_NAME = one_of("""
    [Kk] [Nn]a Mg [Cc]a Cl [Cc]r [Cc]reat [Cc]reatinine BUN bun WBC wbc ANC [Hh]gb [Hh]b [Hh]ct [Pp]lt [Pp]latelets?
    INR inr
    PTT ptt [Ll]actate [Ll]act [Bb]icarb HCO3 [Tt]rop [Tt]roponin [Gg]lucose BG FSBG [Aa]mmonia QTc qtc EF ef BNP bnp
    A1c a1c
    pH pCO2 PCO2 pO2 [Bb]ili [Bb]ilirubin [Ll]ipase [Ff]erritin TSH tsh [Pp]otassium [Ss]odium [Cc]alcium [Mm]agnesium
    [Pp]hos [Aa]lbumin e?GFR SpO2 spo2 [Ss]ats? O2_sat BP bp MAP HR hr RR rr [Tt]emp [Tt]max [Ff]ever rate GCS gcs ESR
    CRP
    D-dimer ALT AST ALP CK LDH PSA CEA [Hh]a?emoglobin [Uu]rine_output CIWA NIHSS MELD
""")
_LAB = re.compile(rf"\b{_LAB_NAME}\b(?: (?:is|was|of|now|at|up|down|to|still|only|a)){{0,3}} ?[:=]? ?[<>~]? ?\d")

_STATE = re.compile(
    r"\b"
    + one_of(r"""
    desat\w* coded coding arrested fell failed vomited vomiting crashed crashing seized bled bleeding spiked spiking
    died
    expired decompensated deteriorat\w+ aspirated bradying tachy tachycardic brady bradycardic hypotensive hypoxic
    febrile
    confused agitated delirious obtunded lethargic unresponsive altered intubated extubated septic tolerating ambulating
    refuses refused refusing complains complained complaining c/o presents_with presented developed admitted readmitted
    discharged transferred NPO npo worsening went_into pulled_(?:his|her|out) full_code DNR DNI comfort_care
    sitter_needed
    (?:wants|asking|ready|threatening|trying)_to_(?:leave|go|stop|know|fly|eat|withdraw) leave_ama post-?op s/p
    POD_?\#?\d
    needs_(?:a|an|his|her|more|new|iv|IV|prn|refill) still_(?:has|in|on|not|having) closing_gap
    on_(?:bipap|hfnc|the_vent)
    """)
    + r"\b"
)
_DRUG = r"(?:\w+ ){0,2}?[a-z]*" + one_of("""
    pril sartan olol statin cillin mycin micin oxacin azole zepam zolam parin xaban gatran farin formin gliptin flozin
    glutide sulin semide thiazide dipine triptan setron prazole tidine phine codone morphone fentanil tanyl pentin
    balin mab
    vir cycline sone solone lone amine idine arone digoxin aspirin heparin lasix eliquis zosyn ancef ativan haldol
    keppra
    xarelto plavix coumadin tpa vanc vanco cefepime ceftriaxone pressors chemo dialysis
""")
_GIVEN = re.compile(
    r"\b"
    + one_of("""
    on got gets? getting gave given received receiving started_on restarted took takes loaded_with refill_of allergic_to
    held holding home_w home_w/ home_with missed_(?:his|her) get_(?:his|her) (?:his|her)
    """)
    + rf" {_DRUG}\b"
)
_ROOM = re.compile(
    r"\b(?:rm|room|bed|icu|ICU|MICU|SICU|CCU|ward|bay|in) ?#?(?!(?:19|20)\d\d\b)\d{0,2}[A-Z]{0,2}-?\d{1,4}[A-Za-z]?\b"
    r"(?! ?(?:mg|min|minutes|h|hours?|days?|weeks?|months?|years?|patients|cases|of|%))"
)
_AGE_AND_SEX = re.compile(
    r"(?<![\d.:/-])\d{1,3}(?:"
    r"[ -]?(?:yo|y/o|y\.o\.?|yrs?[ -]?old|years?[ -]old|months?[ -]old|weeks?[ -]old|days?[ -]old)\b"
    r"|[ -]?y?o? ?[MF](?![\w/%.-])|[mf](?![\w/%.-])| ?(?:anos|ans|Jahre|jahrige[rn]?)\b|岁)"
)
_PERSON = pattern(
    r"\b(?:he|she|him|his|her|hers|pts?|pt's|patient's"
    r"|(?:my|our|the|this|that|a|an|one|new|clinic|icu|this) (?:\w+ ){0,2}?(?:patient|client)"
    r"(?!s|\s(?:safety|flow|care|population|portal|encounters?|satisfaction)\b)"
    r"|wife|husband|spouse|son|daughter|mother|mom|father|dad|sister|brother|next of kin|the family|gentleman|lady"
    r"|(?:el|la|un|una|le|der|die|o|a) (?:paciente|patiente?|patientin))\b"
)
_CARE = pattern(
    r"\b"
    + one_of("""
    admitted admission discharged? readmitted seen surgery biopsy underwent had s/p status_post diagnosed started
    labs? visit
    appointment procedure infusion transfus\\w+ delivered died death presented onset symptoms follow[-_]?up clinic
    operated
    hospitali[sz]ed intubated extubated op_note implanted placed consult\\w* dx hx fever chest_pain cancer stroke
    diabetes
    pneumonia sepsis wound pain rash refill portal
    """)
    + r"\b"
)
_SCHEDULE = pattern(
    r"\b"
    + one_of(r"""
    (?<!midline_)shifts? on[-_]call (?:post|pre)[-_]call call_(?:schedule|nights?|days?|shifts?|pool|room) take_call
    q\d_call
    pager cover(?:s|ing|age)?_(?:tonight|on|the|my|this|next|call|nights?|weekends?|icu|ward) cover_tonight swap\w*
    blocks?_\d
    block_schedule rotations? rotates? vacation PGY\S* residents? interns? fellows? chiefs?(?!_complaint) roster
    schedul\w+
    nights night_float night_team jeopardy moonlight\w* duty_hours? evaluations?(?!_(?:of|for)) conference lecture
    didactics?
    grand_rounds milestones? interviews? backup back-up days?_off time_off leave_request PTO holiday census committee
    (?<!family_)meetings? faculty semester graduation deadline senior_with residency
    """)
    + r"\b"
)
_POLICY = pattern(
    r"\b"
    + one_of(r"""
    polic(?:y|ies) guidelines? patients regulations? in_general studies trials adults children_with FDA CMS CDC version
    release published approved standard templates? examples? fictional sample imaginary outcomes
    """)
    + r"\b"
)


class Evidence:
    """What one sentence, or one text, says. Each question is answered once, when it is first asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def bedside(self) -> bool:
        """It tells how one patient is, what they got or where they lie."""
        return (
            self.measured
            or self.aged
            or any(signal.search(self._text) is not None for signal in (_STATE, _ROOM, _GIVEN))
        )

    @cached_property
    def measured(self) -> bool:
        """It gives a laboratory value or vital sign with its number."""
        return _LAB.search(self._text) is not None

    @cached_property
    def aged(self) -> bool:
        """It gives an age as notes do: `62M`, `47-year-old`."""
        return _AGE_AND_SEX.search(self._text) is not None

    @cached_property
    def person(self) -> bool:
        """It speaks of one patient, or of somebody of theirs."""
        return self.aged or _PERSON.search(self._text) is not None

    @cached_property
    def care(self) -> bool:
        """Something was done, or happened, to somebody."""
        return self.bedside or _CARE.search(self._text) is not None

    @cached_property
    def schedule(self) -> bool:
        """It is about who works when."""
        return _SCHEDULE.search(self._text) is not None

    @cached_property
    def general(self) -> bool:
        """It is about rules, studies or patients in general."""
        return _POLICY.search(self._text) is not None
