# ruff: noqa: E501 - it is prose
"""Answers as cloud models give them to questions that hold nothing: example names, dates, doses, tables, letters, code.

None of them holds anything about a real or an invented patient: whoever reads along ought to let them pass.
"""

from __future__ import annotations

from typing import Final

ANSWERS: Final = {
    "night float": """## Night float and 24-hour call, side by side

| | Night float | 24-hour call |
|---|---|---|
| Hand-offs per week | 10 to 14 | 4 to 6 |
| Longest stretch | 12–14 h | 24 h + 4 h for transitions |
| Average weekly hours | 60–70 | 72–80 |

**1. Fatigue.** Landrigan et al. (N Engl J Med 2004;351:1838–48) found 36 % more serious errors with extended shifts.
**2. Continuity.** More hand-offs mean more lost information; the I-PASS study (Starmer 2014) cut errors by 23 %.
**3. Rules.** The ACGME allows at most 80 hours a week, averaged over four weeks, and one day in seven free.

Step by step: (a) count the nights; (b) decide who covers days 1–5; (c) try it from July 1 for one block.""",
    "swap request": """Here is a draft you can adapt:

> Subject: Shift swap request, Saturday March 14
>
> Dear Dr. Patel,
>
> I would like to swap my Saturday day shift (07:00–19:00) with Dr. Nguyen, who has agreed to cover it. In return I will
> take the night of Tuesday, March 17. Both of us stay below 80 hours and keep 10 hours between shifts.
>
> Best regards,
> Jordan Lee, PGY-2

Why this works: it names both shifts, shows consent, and answers the duty-hour question before it is asked.""",
    "bad news": """Use SPIKES. A short role play for teaching:

**Resident:** "Mr. Smith, thank you for coming in. Before we talk about the results, what is your understanding so far?"
**Patient:** "They said there was a shadow on the scan."
**Resident:** "I wish I had better news. The biopsy shows cancer."

Then pause. Let silence do its work. Name the emotion ("I can see this is a shock") before giving any plan.
Common mistakes: too much detail at once, euphemisms, and answering a feeling with a fact.""",
    "hyperkalaemia": """For K⁺ above 6.5 mmol/L or ECG changes:

1. **Calcium gluconate 10 %**, 10 mL IV over 2–5 min; repeat after 5 min if the ECG has not changed.
2. **Insulin 10 units IV with 25 g glucose** (50 mL of 50 %); check glucose at 15, 30, 60 and 120 min.
3. **Salbutamol 10–20 mg nebulised.**
4. Stop ACE inhibitors, potassium-sparing diuretics and trimethoprim.
5. Dialysis if refractory, or in anuria.

A patient with K 6.1 and a normal ECG may need only the cause removed and a repeat in 2 hours. Follow your local protocol
where it differs. Sources: UK Kidney Association guideline, June 2020; KDIGO 2021.""",
    "chads-vasc": """**CHA₂DS₂-VASc**: congestive heart failure 1, hypertension 1, age ≥ 75 2, diabetes 1, stroke 2, vascular disease 1,
age 65–74 1, female sex 1.

Example: a 78-year-old woman with hypertension and type 2 diabetes scores 2 + 1 + 1 + 1 = 5, about 7 % a year. A
direct oral anticoagulant is preferred over warfarin (ARISTOTLE 2011, RE-LY 2009), unless there is a mechanical valve or
moderate to severe mitral stenosis.""",
    "csv parser": """```python
import csv
from datetime import date

ROWS = [
    {"name": "Alice", "start": "2026-07-01T07:00", "end": "2026-07-01T19:00"},
    {"name": "Bob", "start": "2026-07-01T19:00", "end": "2026-07-02T07:00"},
]

def read(path: str) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
```

`DictReader` takes the first row as the header. For a file from Excel open it with `encoding="utf-8-sig"`. Run it with
`python read.py --input shifts.csv`; the docs are at https://docs.python.org/3/library/csv.html.""",
    "study design": """A stepped-wedge cluster trial fits best. Randomise the six wards to the step at which they cross over:

- Step 1 (January to March): wards A and B
- Step 2 (April to June): wards C and D
- Step 3 (July to September): wards E and F

Primary outcome: medication errors per 1,000 patient-days. With an ICC of 0.02, 90 patients per ward and period, and a
baseline of 12 %, you have 80 % power to find a fall to 8 %. Analyse with a mixed model (Hussey and Hughes 2007), ward as
a random and calendar time as a fixed effect. Register it before the first patient is enrolled.""",
    "leave policy": """# Parental leave for residents

1. **Six weeks paid**, at least once during training (ACGME Institutional Requirement IV.H, in force since July 1, 2022).
2. One more week of paid time off stays available in that year.
3. Health insurance continues.

ABIM lets trainees be away for up to five weeks a year (35 days) on average; ABP and ABS have their own rules. Write to
gme@example.edu at least 60 days ahead. Questions: call the GME office at 555-0100.""",
    "case discussion": """This is a classic vignette. A 54-year-old man with crushing chest pain for two hours, ST elevation in II, III and
aVF, blood pressure 88/54: an inferior STEMI with probable right ventricular involvement.

- Right-sided leads (V4R) at once
- Fluids 250–500 mL, **no nitrates**
- Aspirin 324 mg, heparin 60 units/kg, P2Y12 inhibitor
- Catheter laboratory: door to balloon within 90 minutes

If he arrests, follow ACLS. The differential includes aortic dissection (check both arms) and pulmonary embolism.""",
    "history": """William Osler (1849–1919) founded the residency at Johns Hopkins in 1889, together with William Halsted. Osler's
saying, "Listen to your patient, he is telling you the diagnosis", is probably apocryphal. The Libby Zion case (New York
Hospital, March 1984) led to the Bell Commission and, in 1989, to New York's Code 405. The ACGME's 80-hour rule followed on
July 1, 2003, and the 16-hour limit for interns came in 2011 and went in 2017.""",
    "hand-off template": """**I** – Illness severity: stable / watcher / unstable
**P** – Patient summary: [age]-year-old [sex] with [history], admitted on [date] for [reason]
**A** – Action list: ☐ [time] check [result]; ☐ call [consultant]
**S** – Situation awareness: if [event], then [plan]
**S** – Synthesis by receiver: read back

Keep each patient to 60 seconds. Do not write names or record numbers on paper that leaves the ward.""",
    "statistics": """With a prevalence of 1 %, a sensitivity of 90 % and a specificity of 95 %, of 10,000 people:

- 100 have the disease; 90 test positive
- 9,900 do not; 495 test positive

So PPV = 90 / 585 ≈ 15.4 %, NPV = 9,405 / 9,415 ≈ 99.9 %. This is Bayes' theorem in plain numbers. As Gigerenzer showed, most
physicians guess 80–90 %.""",
    "roster advice": """Looking at the block as a whole, three changes remove most violations:

1. Move Chen's night shift of 3/14 to Alvarez; Chen then has 10 hours off before clinic.
2. Split the weekend of March 21–22 between Okafor (Sat) and Singh (Sun).
3. Give PGY-1 residents one golden weekend per block.

After that nobody is above 76 h (averaged over four weeks), and every resident has one day in seven free.""",
    "email to staff": """Subject: Flu clinic on October 12

Dear colleagues,

The flu clinic opens on Monday, October 12, from 7:00 to 15:00 in the Osler Building, Room 210. No appointment is needed;
bring your badge. Night staff can come on Thursday, October 15, from 19:00 to 21:00. Questions: Occupational Health,
extension 5-7100, or occhealth@example.edu.

Thank you for protecting our patients,
Maria Gonzalez, RN
Occupational Health""",
    "spanish": """Claro. Aquí tiene la explicación en español, para una persona de 12 años o más:

«El potasio es una sal de la sangre. Si sube demasiado, el corazón puede latir mal. Por eso repetimos el análisis y
hacemos un electrocardiograma.»

Puntos clave: frases cortas, una idea por frase y pedir que lo repita con sus propias palabras. Si el paciente no habla
español, llame a un intérprete; no use a familiares, y menos a niños.""",
    "antibiotics": """**Community-acquired pneumonia, ward patient** (ATS/IDSA 2019):

- Ampicillin–sulbactam 3 g IV q6h *plus* azithromycin 500 mg daily, **or**
- Levofloxacin 750 mg daily alone.

Treat at least 5 days. Add vancomycin only with prior MRSA or a positive nasal PCR. CURB-65 ≥ 2: admit. For a patient
with penicillin allergy ask what happened: 90 % of labels can be removed. Dr. Kimberly Blumenthal's group has good tools.""",
    "meeting minutes": """**Residency Council, minutes of September 9**

Present: Dr. Alvarez (chair), Dr. Chen, Dr. Okafor, Ms. Thompson (GME). Apologies: Dr. Singh.

1. *Parking.* Passes for night float are approved. Ms. Thompson writes to Facilities by September 16.
2. *Wellness half-day.* Dr. Chen proposes one per quarter; agreed 6 to 1.
3. *Next meeting:* October 14, 17:30, Room B-114.""",
    "fhir": """A minimal example of the resource, with invented values in angle brackets:

```json
{"resourceType": "Observation", "status": "final",
 "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}]},
 "subject": {"reference": "Patient/<id>"},
 "valueQuantity": {"value": 4.2, "unit": "mmol/L"}}
```

LOINC 2823-3 is potassium in serum or plasma; 6298-4 is potassium in blood. Validate against the profile with the HL7 validator.""",
    "ethics": """Four principles (Beauchamp and Childress, 8th edition, 2019) pull in different directions here:

- **Autonomy:** an adult with capacity may refuse blood, even if she dies of it. *Malette v. Shulman* (1990) is the usual case.
- **Beneficence:** you offer every alternative: iron, erythropoietin, cell salvage.
- **Justice:** scarce ICU beds.

Test capacity with four questions: understand, appreciate, reason, choose. Document in her words. Call the ethics service
early; call the lawyer late.""",
    "quiz": """**Question 1.** A 72-year-old woman takes warfarin for atrial fibrillation. INR is 8.2, no bleeding. What now?
A) Vitamin K 10 mg IV  B) Hold warfarin, vitamin K 1–2.5 mg by mouth  C) FFP  D) PCC

**Answer: B.** Below 10 without bleeding most guidelines hold one or two doses; above 10 give 2.5–5 mg by mouth.

**Question 2.** Which rhythm shows a sawtooth? *Atrial flutter*, typically at 300/min with 2:1 conduction: ventricular rate
150.

Shall I write ten more for the board review of May 2?""",
}
