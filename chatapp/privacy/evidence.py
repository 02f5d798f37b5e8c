"""What a sentence says besides identifiers: is it about one person, about care, about a schedule, about rules in general?

The families of rules ask here before they call a date, a number or an unknown word somebody's.
"""

from __future__ import annotations

import re
from functools import cached_property

_LAB = (
    r"K|Na|Mg|Ca|Cl|Cr|creat|creatinine|BUN|WBC|ANC|Hgb|Hb|Hct|plt|platelets?|INR|PTT|lactate|lact|bicarb|HCO3|trop|troponin"
    r"|glucose|BG|FSBG|ammonia|QTc|EF|BNP|A1c|pH|pCO2|PCO2|pO2|bili|bilirubin|lipase|ferritin|TSH|potassium|sodium|calcium"
    r"|magnesium|phos|phosphate|albumin|GFR|eGFR|SpO2|sats?|O2 sat|bp|BP|MAP|hr|HR|rr|RR|temp|Tmax|fever|rate|GCS|ESR|CRP"
    r"|D-dimer|ALT|AST|ALP|CK|LDH|PSA|CEA|hemoglobin|haemoglobin|peak flow|UOP|urine output|CIWA|NIHSS|MELD"
)
_LABS = re.compile(rf"\b(?:{_LAB})\b(?: (?:is|was|of|now|at|up|down|to|still|only|a)){{0,3}} ?[:=]? ?[<>~]? ?\d")
_STATES = re.compile(
    r"\b(?:desat\w*|desaturat\w*|coded|coding|arrested|fell|failed|vomit\w*|crash(?:ed|ing)|seiz(?:ed|ing)|bled|bleeding"
    r"|spik(?:ed|ing)|died|expired|decompensat\w+|deteriorat\w+|aspirated|bradying|tachy|tachycardic|brady|bradycardic"
    r"|hypotensive|hypoxic|febrile|afebrile|confused|agitated|delirious|obtunded|lethargic|unresponsive|altered|intubated"
    r"|extubated|septic|refus(?:es|ed|ing)|complain(?:s|ed|ing)|c/o|present(?:s|ed) with|developed|admitted|readmitted"
    r"|discharged|transferred|tolerating|ambulating|npo|NPO|worsening|went into|pulled (?:his|her|out)|full code|DNR|DNI"
    r"|comfort care|sitter|(?:wants|asking|ready|threatening|trying) to (?:leave|go|stop|know|fly|eat|withdraw)|post-?op"
    r"|s/p|POD ?#?\d|HD ?#?\d|needs? (?:a|an|his|her|more|new|iv|IV|prn)|still (?:has|in|on|not|having)"
    r"|new (?:afib|a-?fib|fever|onset|stroke|O2|oxygen|diagnosis|lbbb|LBBB|murmur|rash)|exacerbation|flare|DKA|CHF|AKI|NSTEMI|STEMI"
    r"|GI bleed|PNA|pneumonia|sepsis|cellulitis|overdose|swallow study|hip fracture|closing gap|on (?:pressors|bipap|hfnc|vent))\b"
)
_GIVEN = re.compile(
    r"\b(?:on|got|gets?|getting|gave|given|received?|receiving|started|restarted|took|takes|taking|loaded with|refill of"
    r"|allergic to|allergy to|held|holding|home w/?|dose of|course of|started on|switched to|(?:his|her)) "
    r"(?:\w+ ){0,2}?[a-z]+(?:pril|sartan|olol|statin|cillin|mycin|micin|oxacin|azole|azepam|zepam|zolam|parin|xaban|gatran|farin"
    r"|formin|gliptin|flozin|glutide|sulin|semide|thiazide|dipine|triptan|setron|prazole|tidine|done|phine|codone|morphone"
    r"|fentanil|tanyl|pentin|balin|mab|nib|vir|cycline|sone|solone|lone|amine|idine|arone|digoxin|aspirin|heparin|lasix|eliquis"
    r"|zosyn|ancef|ativan|haldol|keppra|xarelto|plavix|coumadin|tpa|vanc|vanco|cefepime|ceftriaxone|pressors|chemo|dialysis)\b"
)
_PERSON = re.compile(
    r"\b(?:he|she|him|his|her|hers|pt|pt's|(?:my|our|the|this|that|a|an|one|new|clinic|icu) (?:\w+ ){0,2}?(?:pt|patient|client)"
    r"(?!s|\s(?:safety|flow|care|population|portal)\b)|patient's|wife|husband|spouse|son|daughter|mother|mom|father|dad|sister"
    r"|brother|next of kin|gentleman|lady|el paciente|la paciente|paciente|le patient|la patiente|der patient|die patientin"
    r"|o paciente|a paciente)\b",
    re.IGNORECASE,
)
_AGE_SEX = re.compile(
    r"(?<![\d.:/-])\d{1,3}(?:[ -]?(?:yo|y/o|y\.o\.?|yrs?[ -]?old|years?[ -]old|months?[ -]old|weeks?[ -]old|days?[ -]old)\b"
    r"|[ -]?y?(?:o? ?)(?:M|F)(?![\w/%.-])|[mf](?![\w/%.-])| ?(?:anos|ans|Jahre|jahrige[rn]?)\b|岁)"
)
_BEDSIDE = re.compile(
    r"\b(?:rm|room|bed|icu|ICU|MICU|SICU|CCU|ward|bay|in) ?#?(?!(?:19|20)\d\d\b)\d{0,2}[A-Z]{0,2}-?\d{1,4}[A-Za-z]?\b(?! ?(?:mg|min|h|hours?|days?|weeks?|%))"
)
_CARE_WORDS = re.compile(
    r"\b(?:admitted|admission|discharged?|readmitted|seen|surgery|biopsy|underwent|had (?:a |an |his |her )?\w+|s/p|status post"
    r"|diagnosed|started|labs?|visit|appointment|procedure|infusion|transfus\w+|delivered|died|death|expired|presented|onset"
    r"|symptoms|follow[- ]?up|clinic|hospitali[sz]ed|intubated|extubated|operated|op note|implanted|placed|consult\w*|dx|hx)\b",
    re.IGNORECASE,
)
_SCHEDULE = re.compile(
    r"\b(?:shifts?|on[- ]call|call schedule|post[- ]call|pre[- ]call|calls?|pager|cover(?:s|ing|age|ed)?|swap\w*|blocks?|rotations?"
    r"|rotates?|vacation|PGY\S*|residents?|interns?|fellows?|chiefs?|roster|schedul\w+|nights?|night float|jeopardy|moonlight\w*"
    r"|duty hours?|evaluations?|conference|lecture|didactics?|grand rounds|milestones?|interviews?|orientation|backup|back-up"
    r"|days? off|time off|leave request|PTO|holiday|census|committee|meeting|faculty|attendings?|semester|graduation|deadline)\b",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"\b(?:policy|policies|guidelines?|protocols?|patients|regulations?|rule|recommend(?:ation)?s|in general|study|studies|trials?"
    r"|adults|children with|FDA|CMS|WHO|CDC|version|release|application|license expires|published|approved|effective|since"
    r"|standard|template|example|fictional|sample)\b",
    re.IGNORECASE,
)


class Evidence:
    """What one sentence, or one text, says. Each question is answered once, when it is first asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def bedside(self) -> bool:
        """It tells how one patient is, what they got or where they lie."""
        return any(signal.search(self._text) for signal in (_LABS, _AGE_SEX, _STATES, _BEDSIDE, _GIVEN))

    @cached_property
    def measured(self) -> bool:
        """It gives a laboratory value or vital sign with its number."""
        return _LABS.search(self._text) is not None

    @cached_property
    def person(self) -> bool:
        """It speaks of one patient, or of somebody of theirs."""
        return _PERSON.search(self._text) is not None or self.aged

    @cached_property
    def aged(self) -> bool:
        """It gives an age as notes do: `62M`, `47-year-old`."""
        return _AGE_SEX.search(self._text) is not None

    @cached_property
    def care(self) -> bool:
        """Something was done, or happened, to somebody."""
        return self.bedside or _CARE_WORDS.search(self._text) is not None

    @cached_property
    def schedule(self) -> bool:
        """It is about who works when."""
        return _SCHEDULE.search(self._text) is not None

    @cached_property
    def policy(self) -> bool:
        """It is about rules, studies or patients in general."""
        return _POLICY.search(self._text) is not None
