"""What a sentence says besides identifiers: is it about one person, about care, about a roster, about rules in general?

The families of rules ask here before they call a date, a number or an unknown word somebody's.
"""

from __future__ import annotations

import re
from functools import cached_property

from chatapp.privacy.notation import Signal, first_words, one_of
from chatapp.privacy.vocabulary import is_drug

_LAB = Signal(
    """
    k na ca cl cr creat creatinine bun wbc anc hgb hb hct plt platelets? inr ptt lactate lact bicarb hco3 trop
    troponin glucose bg fsbg ammonia qtc ef bnp a1c ph pco2 po2 bili bilirubin lipase ferritin tsh potassium sodium
    calcium magnesium phos albumin gfr egfr spo2 sats? bp map hr rr temp tmax fever rate gcs esr crp d-dimer alt ast
    alp ck ldh psa cea hemoglobin haemoglobin urine_output ciwa nihss meld
    """,
    then=r"(?!\w)\+{0,2}(?: (?:is|was|of|now|at|up|down|to|still|only|a)){0,3} ?[:=]? ?[<>~]? ?\d",
)
_MAGNESIUM = re.compile(r"\bMg(?: is| of)? ?[:=]? ?[0-4]\.\d")
_STATE = Signal(r"""
    desat desats desatted desatting desaturated desaturating coded coding arrested fell failed vomited vomiting
    crashed crashing seized bled bleeding spiked spiking died expired decompensated decompensating deteriorated
    deteriorating aspirated bradying tachy tachycardic brady bradycardic hypotensive hypoxic febrile confused agitated
    delirious obtunded lethargic unresponsive altered intubated extubated septic tolerating ambulating refuses refused
    refusing complains complained complaining c/o presents_with presented developed admitted readmitted discharged
    transferred npo worsening went_into pulled_his pulled_her pulled_out full_code dnr dni comfort_care sitter_needed
    wants_to_leave asking_to_leave ready_to_go wants_to_go wants_to_stop wants_to_know wants_to_fly wants_to_eat
    wants_to_withdraw trying_to_leave leave_ama post-?op postop s/p pod_?\#?\d
    needs_(?:a|an|his|her|more|new|iv|prn|refill) still_(?:has|in|on|not|having) closing_gap
    on_(?:bipap|hfnc|the_vent) showed shows came_back oozing in_labor found_down
    needs_(?:pt|ot|picc|dialysis|snf|rehab) g\d+p\d+ pulling_(?:at|out|on) beats_of
""")
_GIVING = """
    on got gets get_his get_her getting gave given received receiving started_on restarted took takes taking
    loaded_with refill_of allergic_to held holding home_w home_w/ home_with missed_his missed_her wants his her
    """
_GIVEN = re.compile(rf"\b{one_of(_GIVING)} ((?:[\w-]{{1,30}} ?){{1,3}})", re.IGNORECASE)
_BEGIN_GIVING = first_words(_GIVING)
_ROOM = re.compile(
    r"\b(?:rm|room|bed|icu|ICU|MICU|SICU|CCU|ward|bay|in) ?#?(?!(?:19|20)\d\d\b)\d{0,2}[A-Z]{0,2}-?\d{1,4}[A-Za-z]?\b"
    r"(?! ?(?:mg|min|minutes|h|hours?|days?|weeks?|months?|years?|patients|cases|of|%))"
)
_AGE_AND_SEX = re.compile(
    r"(?<![\d.:/-])\d{1,3}(?:"
    r"[ -]?(?:yo|y/o|y\.o\.?|yrs?[ -]?old|years?[ -]old|months?[ -]old|weeks?[ -]old|days?[ -]old)\b"
    r"|/10 pain\b|[ -]?y?o? ?[MF](?![\w/%.-])|[mf](?![\w/%.-])| ?(?:anos|ans|Jahre|jahrige[rn]?)\b|岁)"
)
_ONE_PATIENT = (
    r"_(?:\w+_){0,2}?(?:patient|client)(?!s|_(?:safety|flow|care|population|portal|encounters?|satisfaction))"
)
_PERSON = Signal(
    rf"""
    he she him his her hers pt pts patient's wife husband spouse son daughter mother mom father dad sister brother
    next_of_kin the_family gentleman lady my{_ONE_PATIENT} our{_ONE_PATIENT} the{_ONE_PATIENT} this{_ONE_PATIENT}
    patient_(?:is|was|has|had|lost|gained|fell|needs|wants|denies|reports|states|with|on|who) that{_ONE_PATIENT}
    a{_ONE_PATIENT} an{_ONE_PATIENT} one{_ONE_PATIENT} new{_ONE_PATIENT} clinic{_ONE_PATIENT} icu{_ONE_PATIENT}
    el_paciente la_paciente un_paciente una_paciente le_patient la_patiente der_patient die_patientin o_paciente
    a_paciente
    """
)
_CARE = Signal("""
    admitted admission discharge discharged readmitted seen surgery biopsy underwent had s/p status_post diagnosed
    started lab labs visit appointment procedure infusion transfusion transfused delivered died death presented onset
    symptoms follow_up follow-up followup clinic operated hospitalized hospitalised intubated extubated op_note
    implanted placed consult consulted dx hx fever chest_pain cancer stroke diabetes pneumonia sepsis wound pain rash
    refill portal tube drain eval dispo extubation f/u lmp edd drip orders transfuse transfusing got_his got_her
    pacemaker mri scan vaccine chemo radiation hospital came_in er stent transplant
""")
_SCHEDULE = Signal(r"""
    shift shifts on_call on-call post_call post-call pre_call pre-call
    call_(?:schedule|nights?|days?|shifts?|pool|room) take_call q\d_call pager covers
    covering_(?:the|for|my|this|icu|ward|nights?) cover_(?:tonight|on|my|this|next|call)
    coverage_(?:on|this|next|call) swap swaps swapped swapping blocks?_\d block_schedule rotation rotations rotates
    vacation pgy resident residents intern interns fellow fellows chiefs chief(?!_complaint) roster schedule schedules
    scheduled scheduling nights night_float night_team jeopardy moonlight moonlighting duty_hours? evaluations
    evaluation(?!_(?:of|for)) conference lecture didactics grand_rounds milestones interview interviews backup back-up
    days?_off time_off leave_request pto holiday census committee meetings faculty_meeting staff_meeting team_meeting
    faculty semester graduation deadline senior_with residency
""")
_POLICY = Signal("""
    policy policies guideline guidelines patients regulation regulations studies trials adults fda cms cdc version
    release published approved standard template templates example examples fictional sample imaginary outcomes
    in_general children_with
""")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")


class Evidence:
    """What one sentence, or one text, says. Each question is answered once, when it is first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = frozenset(_WORD.findall(text.lower()))
        self._has_digit = _DIGIT.search(text) is not None

    @cached_property
    def bedside(self) -> bool:
        """It tells how one patient is, what they got or where they lie."""
        return self.tells_of_one or (self._has_digit and self._shows(_ROOM))

    @cached_property
    def tells_of_one(self) -> bool:
        """It tells how one patient is or what they got, wherever they lie."""
        return self.measured or self.aged or self._says(_STATE) or self._given

    @cached_property
    def _given(self) -> bool:
        """Somebody has, or wants, a drug."""
        if self._words.isdisjoint(_BEGIN_GIVING):
            return False
        return any(any(map(is_drug, match[1].split())) for match in _GIVEN.finditer(self._text))

    @cached_property
    def measured(self) -> bool:
        """It gives a laboratory value or vital sign with its number."""
        return self._has_digit and (self._says(_LAB) or self._shows(_MAGNESIUM))

    @cached_property
    def aged(self) -> bool:
        """It gives an age as notes do: `62M`, `47-year-old`."""
        return self._has_digit and self._shows(_AGE_AND_SEX)

    @cached_property
    def person(self) -> bool:
        """It speaks of one patient, or of somebody of theirs."""
        return self.aged or self._says(_PERSON)

    @cached_property
    def care(self) -> bool:
        """Something was done, or happened, to somebody."""
        return self.bedside or self._says(_CARE)

    @cached_property
    def schedule(self) -> bool:
        """It is about who works when."""
        return self._says(_SCHEDULE)

    @cached_property
    def general(self) -> bool:
        """It is about rules, studies or patients in general."""
        return self._says(_POLICY)

    def _says(self, signal: Signal) -> bool:
        return signal.stands_in(self._text, self._words)

    def _shows(self, shape: re.Pattern[str]) -> bool:
        return shape.search(self._text) is not None
