"""Signs that stand right before or right after a name: a bed, an age, a value, a relative, a state; or a thing instead.

What stands before is searched to its end, what stands after is matched from its beginning.
"""

from __future__ import annotations

import re

from chatapp.privacy.notation import one_of, pattern

ROOM = r"(?!(?:19|20)\d\d\b)\d{0,2}[A-Za-z]{0,3}-?\d{1,4}[A-Za-z]?\b"
NO_ROOM = r"(?! ?(?:mg|min|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|patients|of|percent|cases|%|/))"
UNIT = one_of("bed rm room icu micu sicu ccu nicu picu ward bay er ed tele pacu")
AGE = r"\(?\d{1,3}(?: ?(?:yo|y/o|y\.o\.?|yrs?|[mMfF])(?![\w/%])|y[mMfF]\b|[- ]?(?:year|yr|month|week|day)s?[- ]old)"
CONDITION = one_of("""
    CHF COPD DKA AKI NSTEMI STEMI UGIB GIB PNA SBO CVA TIA new_afib new_onset new_a-?fib afib_with sepsis pneumonia
    hip_fracture exacerbation submassive_PE overdose
""")

PLACE = one_of("waiting_room lobby hallway unit icu micu ed er trauma_bay pacu")

BED_BEFORE = pattern(
    rf"(?:\b{UNIT} ?#?{ROOM}|\b\d{{1,2}}[A-Z]{{1,2}}-?\d{{1,3}}|^\s{{0,4}}\d{{1,4}}[A-Z]?)"
    r" ?[:,.)=-]{0,2} ?(?:is |has )?$"
)
BED_AFTER = pattern(
    rf",? ?\(?(?:(?:in|from|at) (?:the )?)?{UNIT} ?#?{ROOM}| in {ROOM}{NO_ROOM}(?=\W|$)| in the {PLACE}\b"
)
AGE_AFTER = pattern(rf",? ?(?:is |was )?(?:an? )?{AGE}")
BIRTH_AFTER = pattern(
    r",? ?\(?(?:dob|mrn|ssn|b\.|born|nee? |geb)\b"
    r"|,? (?:\d{1,2}/\d{1,2}/)?(?:19\d\d|20[01]\d)\b|,? \d{1,2}/\d{1,2}/[3-9]\d\b"
)
CONDITION_AFTER = pattern(rf"(?::| -)? {CONDITION}\b")
STATE_AFTER = pattern(
    r",? "
    + one_of("""
    still is was has had needs? wants got fell failed went coded arrested desat\\w* vomited refus\\w+ complain\\w* c/o
    s/p on new admitted died passed spiked crashed seized looks feels seems can't cannot won't ready pulled developed
    presented remains continues
    """)
    + r"\b"
)
ASKED_BEFORE = pattern(
    r"^\W{0,3}"
    + one_of(
        "did does has is was can could should would will and but so also re update_on how_is what_about admit discharge"
    )
    + r" $"
)
POSSESSION_AFTER = pattern(
    r"'s? (?:\w+ ){0,2}?"
    + one_of("""
    labs? K Na Mg Ca Cr WBC Hgb INR EF BP HR A1c potassium sodium creatinine lactate troponin glucose hemoglobin
    platelets? bicarb ammonia urine blood culture\\w* wife husband son daughter mother mom father dad family children
    kids sister brother chart notes? CT MRI echo ekg ecg xray cxr biopsy path op_note results? scan imaging films?
    wound drain line PICC tube meds medications? insulin antibiotics dose discharge admission surgery procedure
    consent code_status DNR goals_of_care appointment appt visit stress_test test referral foot arm leg pain fever
    rash cough symptoms stroke seizures? room bed nurse insurance sats? pressures? temp vitals
    """)
    + r"\b"
)
THING_AFTER = pattern(
    r"(?:'s?)? "
    + one_of("""
    signs? syndrome disease disorder law triad tetrad lines? score scale criteria test maneuver manoeuvre procedure
    operation tube catheter phenomenon reflex nodes? ulcers? body bodies cells? palsy fracture classification stage
    grade index formula equation rule protocol method technique approach position block effect angle point cyst
    lymphoma sarcoma tumor anemia virus fever contracture esophagus encephalopathy breathing respiration
    hospital clinic university medical health healthcare center centre school college institute foundation trial study
    et_al inc pharma street st ave avenue building auditorium library award lecture hall dictum paradox curve loop
    canal duct gland stain agar gas forceps retractor clamp needle drain suture knot brace splint collar coma_scale
    risk better vs\\.? versus dosing bolus infusion drip toxicity levels? therapy side_effects dose doe
    """)
    + r"\b| in (?:an?|children|adults|pregnancy|kids|patients)\b"
    r"|[- ](?:type|like|induced|positive|negative|related|associated)\b"
    r"| ?\(?\d+(?:\.\d+)?(?:[-/]\d+)? ?(?:mg|mcg|g|gm|units?|ml|mL|IU|mEq|mmol|%|tabs?|puffs?)\b"
)
DEED_AFTER = pattern(r" (?:still|desat\w*|coded|arrested|fell|refus\w+) ")
KIN_AFTER = pattern(r" (?:family|wife|husband|daughter|son|mother|mom|father|dad|kid|baby|twins?)\b")
DOES_AFTER = pattern(
    r" (?:eat|drink|go|shower|drive|fly|walk|leave|be discharged|get|have|take|travel|swallow|shave)\b"
)
BEGINS = re.compile(r"[\s\d.)*#>-]*$")
LISTED_AFTER = pattern(r" ?[:-] |, ")
DEFINED_BEFORE = pattern(
    r"(?:\b"
    + one_of("""
    the on start started give dose_of what_is what's define explain at vs\\.? versus by per growing grew positive_for
    """)
    + r" |[@#_\\])$"
)
THING_BEFORE = pattern(
    r"(?:\b"
    + one_of("""
    the on start started starting give giving given gave take takes taking received receiving using use via dose_of
    switch(?:ed)?_to load_with allergic_to allergy_to add hold stop continue needs? what_is what's define explain
    about called at vs\\.? versus or by type per trial positive_for rule_out r/o from in like growing grew with
    """)
    + r" |[-@#_.\\])$"
)
