"""Numbers that are given to one person: record, account, insurance, social security, licence, vehicle, device.

A label and enough digits decide; without a label the shape must be unmistakable, or the sentence about a patient.
"""

from __future__ import annotations

import re

from chatapp.privacy.notation import first_words, one_of, pattern, words
from chatapp.privacy.rules import DIGITS, NUMBER, Look, Reading, Rule, always

IS = (
    r"(?:[ \t]{0,3}(?:#|[:=\"'|-]|n°|nº|no\b\.?|nr\b\.?|num(?:ber|ero)?\b\.?|id\b|is\b|was\b|of\b)){0,4}[ \t\n\"']{0,3}"
)
"""What may stand between a label and its value: `MRN # is: "`."""
_CODE = r"(?P<it>(?:(?-i:[A-Z]{1,4})[-_ ]?|[A-Z]{1,4}-?)?(?:\d[ \t\n.\-/]{0,2}(?:[A-Z](?=\d))?){3,24}\d[A-Z]{0,2}\b)"
"""Four digits or more, with up to four letters before them, however they are grouped."""
_MIXED = r"(?P<it>(?=(?:[A-Z-]{0,9}\d){3})[A-Z0-9]{1,20}(?:[-.][A-Z0-9]{1,12}){0,5}\b)"
"""Letters and digits in any order, at least three of them digits."""

_RECORD = r"""
    mrns? emrn m\.r\.n\.? mr_?# mr(?=_?[:\#]?_?[A-Z]?\d) med\.?_recs? medical_records? med_record chart
    record_(?:number|no|id|\#) patient_?-?(?:number|no\b|id\b|\#|nr|identifier) pt_?-?(?:number|no\b|id\b|\#)
    paciente_(?:id\b|no\b|num) patienten-?(?:nummer|nr) patientennummer unit_?(?:\#|no\b|number)
    hosp_?(?:\#|no\b|number) hospital_?(?:\#|no\b|number) file_?(?:\#|no\b|number) emr_(?:\#|no\b|number|id)
    ehr_(?:\#|no\b|number|id) enterprise_id admission_(?:no\b|number) opd_(?:no\b|number) folder_(?:no\b|number) urn crn
    cartella historia(?:_clinica)? nhc expediente dossier(?:_patient|_medical)? ipp fallnummer
    fall-?nr aktenzeichen prontuario registro processo
"""
_RECORD_ELSEWHERE = one_of(
    "病历号 病歷號 住院号 就诊号 门诊号 カルテ番号 患者番号 등록번호 رقم_الملف رقم_المريض номер_карты"
)
_ACCOUNT = r"account acct acc(?=_?\#) csn har fin encounter visit_(?:number|no|id|\#) guarantor cuenta compte konto"
_PLAN = r"""
    member(?:_id|_no|_number|_\#|\#)? insurance(?:_id|_no|_number|_\#|\#) subscriber insured_(?:id|no|number)
    beneficiary payer_(?:id|no|number) medicare medicaid medi-?cal hicn? mbi policy_(?:id|no\b|number|\#)
    plan_(?:id|no\b|number|\#) group_(?:id|no\b|number|\#) claims?(?:_(?:id|no\b|number|\#))? clm phn pa\#
    auth(?:_(?:id|no\b|number|ref|\#))?
    authorization(?:_(?:id|no\b|number|ref|\#))? nhs aetna cigna humana anthem
    bcbs blue_cross tricare poliza afiliado tarjeta_sanitaria mutuelle versicherungsnummer versicherungsnr
    versichertennummer versichertennr carteirinha
"""
_LICENCE = r"""
    drivers?_(?:licen[cs]e|lic\.?|id) driver's_(?:licen[cs]e|lic\.?|id) dl lic\._?\# lic_?\# license licence
    permiso_de_conducir permis_de_conduire fuhrerschein state_id
"""
_PLATE = "plates? driver_of matricula kennzeichen immatriculation"
_SERIAL = r"serial ser s/n sn device_id device_identifier udi lot"
_OTHER = r"""
    accession specimen path_(?:case|no|number) pathology_(?:case|no|number) trial_subject
    student_id study_(?:id|subject|participant) subject participant enrollee enrolee rx(?:_number|_no|_?\#)
    prescription_(?:number|no|\#) bracelet wristband inmate booking passport pasaporte donor(?:_id)? transplant_id
    registry_(?:id|number|no) case_(?:number|no|\#) slide_(?:number|no|\#) docket student_(?:no|number)
    employee_(?:no|number|id) inmate_(?:no|number) transmitter unos research_code dni nie cpf curp
"""
_SOCIAL = r"""
    ssn s\.s\.n\.? ss(?=_?\#) soc(?:_sec(?:urity)?)? social(?:_sec(?:urity)?)? nuss
    sozialversicherungsnummer securite_sociale
"""
_MEDICARE_SHAPE = (
    r"\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
)
"""A Medicare Beneficiary Identifier: eleven places, some digits, some letters without S, L, O, I, B, Z."""

_LAST_FOUR = r"(?: (?:last|final) (?:four|4)| digits| ending(?: in)?| ends? in){0,3}" + IS
_COUNTED = one_of("mg mL ml units? IU cells copies USD dollars patients")
_OTHER_PEOPLES = pattern(
    r"\b(?:GL|ledger|cost|budget|bank|software|medical|nursing|service|github|user|npi|dea|site)[ -]{1,2}$"
)
_SAFE_BEFORE = pattern(
    r"\b(?:PMID|CPT|ICD\S*|NDC|LOINC|NCT|ISBN|ISSN|DOI|ticket|version|build|commit|hash|port|request|invoice|order|PO|zip"
    r"|code|error|grant|room|extension|ext|meeting|id)[ :#.-]{0,3}$"
)
_DEVICE = pattern(
    r"\b"
    + one_of(r"""
    pacemaker pacer a?icd pump implant\w* stent valve prosthe\w+ graft lvad cpap bipap concentrator stimulator shunt
    lead generator hearing_aid cochlear loop_recorder glucometer cgm joint hip knee
    """)
    + r"\b"
)


def _not_a_year(_reading: Reading, match: re.Match[str]) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", match["it"]) is None


_EXAMPLE = re.compile(r"\D*(\d)(?:\D?\1)+\D*|\D*0?123\D?45\D?6?7?8?9?\D*")
"""A number that is there to show what one looks like: 000000, 123-45-6789."""


def _not_staff_or_money(reading: Reading, match: re.Match[str]) -> bool:
    if _EXAMPLE.fullmatch(match["it"]):
        return False
    return _OTHER_PEOPLES.search(reading.before(match.start())) is None and _not_a_year(reading, match)


def _no_card(reading: Reading, match: re.Match[str]) -> bool:
    return not {"card", "badge", "extension", "invoice", "grant", "visa"} & reading.cues


def _in_a_sentence_about_care(reading: Reading, match: re.Match[str]) -> bool:
    if _EXAMPLE.fullmatch(match.group()):
        return False
    return reading.evidence(match.start()).bedside and _SAFE_BEFORE.search(reading.before(match.start())) is None


def _of_a_device_in_use(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    return evidence.person or reading.shows(match.start(), _DEVICE)


def _plate(_reading: Reading, match: re.Match[str]) -> bool:
    return match["it"].isupper() and any(map(str.isdigit, match["it"]))


def _four_digits(_reading: Reading, match: re.Match[str]) -> bool:
    return sum(map(str.isdigit, match["it"])) >= 4


def _labelled(name: str, kind: str, labels: str, value: str, look: Look) -> Rule:
    """A rule for a value behind one of `labels`."""
    source = rf"(?<!/){one_of(labels)}{IS}{value}"
    return Rule(name, kind, pattern(source), DIGITS, look, starts=first_words(labels))


RULES = (
    Rule(
        "social-last-four",
        "SSN",
        pattern(
            r"(?:last[- ](?:four|4)|ssn ends?|social ends?)"
            r"(?: of (?:his|her|the|their|pt'?s?) (?:ssn|social))?(?:,| is| are| in|:| =)? ?(?P<it>\d{4})\b"
        ),
        look=_no_card,
        starts=words("last ssn social"),
    ),
    Rule("social-masked", "SSN", pattern(r"(?<![\w-])[x*#]{3}-?[x*#]{2}-?\d{4}\b"), words("x xx xxx *")),
    Rule(
        "record-ending",
        "MRN",
        pattern(r"(?:mrn|chart|record|acct|account) (?:number )?(?:ending|ends) (?:in |with )?#?\d{3,6}\b"),
        starts=words("mrn chart record acct account"),
    ),
    Rule(
        "social-shape",
        "SSN",
        re.compile(r"(?<!-)(?!123-45-6789|000)\d{3}(?:-\d{2}-|[ .]\d{2}[ .])\d{4}(?![\d-])"),
        starts=NUMBER,
    ),
    _labelled("social-label", "SSN", _SOCIAL, _LAST_FOUR + r"(?P<it>(?:[\dx*][ \t\n.-]{0,3}){4,14})", _four_digits),
    _labelled("record-label", "MRN", _RECORD, _CODE, _not_staff_or_money),
    Rule(
        "record-label-abroad",
        "MRN",
        re.compile(rf"{_RECORD_ELSEWHERE}\W{{0,4}}(?P<it>[A-Z]{{0,3}}\d[\d -]{{2,20}}\d)"),
        words("号 號 番 번 رقم номер"),
    ),
    Rule("record-after-name", "MRN", re.compile(r"(?<=[A-Z]{2}[ ,])\d{2}-\d{2}-\d{2,3}(?![\d-])"), starts=NUMBER),
    _labelled("account-label", "ACCOUNT", _ACCOUNT, _CODE, _not_staff_or_money),
    _labelled("plan-label", "BENEFICIARY", _PLAN, _MIXED, _not_a_year),
    Rule("medicare-shape", "BENEFICIARY", re.compile(_MEDICARE_SHAPE), starts=NUMBER),
    _labelled("licence-label", "LICENSE", _LICENCE, _MIXED, _not_staff_or_money),
    _labelled("vehicle-number", "VEHICLE", "vin", r"(?P<it>[A-HJ-NPR-Z0-9]{11,17})\b", always),
    _labelled(
        "vehicle-plate",
        "VEHICLE",
        _PLATE,
        r"(?P<it>(?=[A-Z -]{0,8}\d)(?=[\d -]{0,8}[A-Z])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5})\b",
        _plate,
    ),
    _labelled("device-serial", "DEVICE", _SERIAL, _MIXED, _of_a_device_in_use),
    Rule("device-udi", "DEVICE", re.compile(r"\(01\)\d{14}(?:\(\d{2}\)[\w-]{1,20}){0,4}"), words("(")),
    _labelled("other-label", "OTHER_ID", _OTHER, _MIXED, _not_a_year),
    Rule(
        "number-in-care",
        "MRN",
        re.compile(rf"(?<![\w.,$#/:+-])\d{{6,10}}(?![\w,/%:-]|\.\d| ?{_COUNTED}\b)"),
        look=_in_a_sentence_about_care,
        starts=NUMBER,
    ),
)
