"""Numbers and addresses that are given to one person: record, account, insurance, licence, device, telephone, mail, web.

A label and enough digits decide; without a label the shape must be unmistakable or the sentence about a patient.
"""

from __future__ import annotations

import ipaddress
import re

from chatapp.privacy.rules import DIGITS, Reading, Rule, pattern, words

_IS = r"(?:[ \t]{0,3}(?:#|no\b\.?|nr\b\.?|n°|nº|num(?:ber|ero)?\b\.?|id\b|is\b|was\b|of\b|[:=\"'|\-]|numero\b)){0,4}[ \t\n\"']{0,3}"
"""What may stand between a label and its value: `MRN # is: "`."""
_CODE = r"(?P<it>[A-Z]{0,4}[-_ ]?(?:\d[ \t\n.\-/]{0,2}(?:[A-Z](?=\d))?){3,24}\d[A-Z]{0,2}\b)"
"""Four digits or more, with up to four letters before them, however they are grouped."""
_MIXED = (
    r"(?P<it>(?=[A-Z0-9\-]{0,24}\d[A-Z0-9\-]{0,24}\d[A-Z0-9\-]{0,24}\d)[A-Z0-9]{1,12}(?:[-.][A-Z0-9]{1,12}){0,5}\b)"
)
"""Letters and digits in any order, at least three of them digits."""


def _year_alone(_reading: Reading, match: re.Match[str]) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", match["it"]) is None


def _of_a_patient(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    return evidence.person or evidence.bedside


def _not_staff_or_money(reading: Reading, match: re.Match[str]) -> bool:
    before = reading.text[max(0, match.start() - 24) : match.start()]
    return _OTHER_PEOPLES.search(before) is None and _year_alone(reading, match)


_OTHER_PEOPLES = pattern(
    r"\b(?:GL|ledger|cost|budget|bank|software|medical|nursing|service|github|user|email|npi|dea|site)[ -]{1,2}$"
)

_RECORD = (
    r"\b(?:mrn|emrn|m\.r\.n\.?|mr ?#|mr(?= ?[:#]? ?[A-Z]?\d)|med(?:ical)?\.? rec(?:ord)?s?(?: number| no)?|chart(?: number| no)?|record (?:number|no|id|#)"
    r"|(?:patient|pt|paciente|patienten) ?-?(?:number|no\b|id\b|#|nr|identifier|nummer)|unit ?(?:#|no\b|number)|hosp(?:ital)? ?(?:#|no\b|number)"
    r"|file (?:#|no\b|number)|emr (?:#|no\b|number|id)|ehr (?:#|no\b|number|id)|historia(?: clinica)?|nhc|h\.?c\.?|expediente"
    r"|dossier(?: patient| medical)?|ipp|fallnummer|fall-?nr|aktenzeichen|prontuario|registro|processo)"
)
_PLAN = (
    r"\b(?:member|insurance|subscriber|policy|beneficiary|medicare|medicaid|medi-?cal|hicn?|mbi|health plan|plan|group|insured"
    r"|nhs|aetna|cigna|humana|anthem|bcbs|blue cross|tricare|claim|payer|poliza|afiliado|tarjeta sanitaria|cip|mutuelle|secu"
    r"|versicherungs?(?:nummer|nr)|versicherten(?:nummer|nr)|krankenkasse|sus|carteirinha|convenio)"
)
_OTHER = (
    r"\b(?:accession|specimen|path(?:ology)? (?:case|no|number)|trial subject|study (?:id|subject|participant)|subject|participant"
    r"|enrol?lee|rx(?: number| no| ?#)|prescription (?:number|no|#)|bracelet|wristband|inmate|booking|passport|pasaporte|claim"
    r"|donor(?: id)?|transplant id|unos|registry (?:id|number|no)|case (?:number|no|#)|order (?:number|no|#)(?= for)|dni|nie|cpf|curp|nino)"
)

_NUMBERS = (
    Rule("record-label", "MRN", pattern(_RECORD + _IS + _CODE), DIGITS, _not_staff_or_money),
    Rule(
        "record-label-cjk",
        "MRN",
        re.compile(
            r"(?:病历号|病歷號|住院号|就诊号|门诊号|カルテ番号|患者番号|등록번호|رقم الملف|رقم المريض|номер карты)\W{0,4}(?P<it>[A-Z]{0,3}\d[\d -]{2,20}\d)"
        ),
    ),
    Rule("record-after-name", "MRN", re.compile(r"\b[A-Z]{2,20},? (?P<it>\d{2}-\d{2}-\d{2,3})(?![\d-])"), words("-")),
    Rule(
        "record-bare",
        "MRN",
        re.compile(
            r"(?<![\w.,$#/:+-])(?<!PMID )(?<!CPT )(?<!NCT )(?<!ticket )(?<!version )(?<!build )(?P<it>\d{6,10})(?![\w,/%:-]|\.\d| ?(?:mg|mL|ml|units?|IU|cells|copies|USD|dollars)\b)"
        ),
        DIGITS,
        lambda reading, match: reading.evidence(match.start()).bedside,
    ),
    Rule(
        "account-label",
        "ACCOUNT",
        pattern(
            r"\b(?:account|acct|a/c|csn|har|fin|encounter|visit (?:number|no|id|#)|guarantor|cuenta|compte|konto)"
            + _IS
            + _CODE
        ),
        DIGITS,
        _not_staff_or_money,
    ),
    Rule("plan-label", "BENEFICIARY", pattern(_PLAN + _IS + _MIXED), DIGITS, _year_alone),
    Rule(
        "medicare-shape",
        "BENEFICIARY",
        re.compile(
            r"\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
        ),
        DIGITS,
    ),
    Rule(
        "social-shape",
        "SSN",
        re.compile(r"(?<![\d-])(?P<it>\d{3}(?:-\d{2}-|[ .]\d{2}[ .]|\u2022\d{2}\u2022)\d{4})(?![\d-])"),
        DIGITS,
    ),
    Rule(
        "social-label",
        "SSN",
        pattern(
            r"\b(?:ssn?|soc(?:ial)?(?: sec(?:urity)?)?|nuss|sozialversicherungsnummer|securite sociale)\b(?: ?(?:last|final) (?:four|4)| ?digits| ending(?: in)?)*"
            + _IS
            + r"(?P<it>(?:[\dx*][ \t\n.\-]{0,3}){4,14})(?<=[\dx*\s])"
        ),
        DIGITS,
        lambda _reading, match: sum(map(str.isdigit, match["it"])) >= 4,
    ),
    Rule(
        "licence-label",
        "LICENSE",
        pattern(
            r"\b(?:driver'?s?'? (?:licen[cs]e|lic\.?|id)|dl|licen[cs]e|permiso de conducir|permis de conduire|fuhrerschein|state id)"
            + _IS
            + _MIXED
        ),
        DIGITS,
        _not_staff_or_money,
    ),
    Rule("vehicle-number", "VEHICLE", pattern(r"\bvin\b" + _IS + r"(?P<it>[A-HJ-NPR-Z0-9]{11,17})\b"), words("vin")),
    Rule(
        "vehicle-plate",
        "VEHICLE",
        pattern(
            r"\b(?:plates?|driver of|car|vehicle|tag|matricula|kennzeichen|immatriculation)"
            + _IS
            + r"(?P<it>(?=[A-Z0-9\- ]{0,8}\d)(?=[A-Z0-9\- ]{0,8}[A-Z])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5})(?<=[A-Z\d]\d|.[A-Z])\b"
        ),
        words("plate plates driver car vehicle tag matricula kennzeichen immatriculation"),
        lambda _reading, match: match["it"] == match["it"].upper() and any(map(str.isdigit, match["it"])),
    ),
    Rule(
        "device-serial",
        "DEVICE",
        pattern(r"(?:\b(?:serial|ser)\b|\bs/n\b|\bsn\b|\bdevice (?:id|identifier)\b|\budi\b|\blot\b)" + _IS + _MIXED),
        words("serial ser n sn device udi lot"),
        lambda reading, match: _MEDICAL_DEVICE.search(reading.text) is not None or _of_a_patient(reading, match),
    ),
    Rule("device-udi", "DEVICE", re.compile(r"\(01\)\d{14}(?:\(\d{2}\)[\w-]{1,20}){0,4}"), words("(")),
    Rule("other-label", "OTHER_ID", pattern(_OTHER + _IS + _MIXED), DIGITS, _year_alone),
)
_MEDICAL_DEVICE = pattern(
    r"\b(?:pacemaker|pacer|icd|aicd|pump|implant\w*|stent|valve|prosthe\w+|graft|lvad|cpap|bipap|concentrator|stimulator|shunt|port|lead|generator|hearing aid|cochlear|monitor|loop recorder|glucometer|cgm|joint|hip|knee)\b"
)

# --- telephone -------------------------------------------------------------------------------------------------------

_TOLL_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\b")
_OFFICE = pattern(
    r"\b(?:pager|office|desk|help ?desk|front desk|operator|hotline|switchboard|pharmacy|poison|department|dept|chiefs?|on-?call"
    r"|conference line|dial-?in|zoom|support|scheduling|vendor|clinic (?:phone|number|fax)|dr\.?|doctor|coordinator|extension)\b"
)
_NUMBER = r"(?P<it>(?:\+?\d{1,3}[ .-]{0,2})?(?:\(\d{3}\) ?|\d{3}[ .-]{1,2})\d{3}[ .-]{1,2}\d{4}(?!\d)|\+\d{1,3}(?:[ .-]?\d{2,4}){3,5}(?!\d))"
_CALL = r"\b(?:phone|tel|telephone|cell|mobile|call|callback|reach|contact|text|voicemail|home|number|telefono|telefon|tel\.|telefone|movil|handy|portable|ph)\b(?: (?:is|at|on|him|her|them|me|back|number|no|the|his|son|daughter|wife|husband|mother|mom|family|patient|pt))*"


def _a_patients_line(reading: Reading, match: re.Match[str]) -> bool:
    if _TOLL_FREE.match(match["it"]):
        return False
    start, end = reading.sentence(match.start())
    return reading.evidence(match.start()).person or _OFFICE.search(reading.text, start, end) is None


_TELEPHONE = (
    Rule(
        "fax-label",
        "FAX",
        pattern(
            r"\bfax(?:ed|es)?\b(?: (?:is|at|to|number|no|it|the|her|his|line))*[ \t]{0,3}[:#.]?[ \t]{0,3}(?P<it>\+?(?:\d[ .()-]{0,2}){7,15})"
        ),
        words("fax faxed faxes"),
        _a_patients_line,
    ),
    Rule("phone-shape", "PHONE", re.compile(r"(?<![\d.-])" + _NUMBER), DIGITS, _a_patients_line),
    Rule(
        "phone-label",
        "PHONE",
        pattern(_CALL + _IS + r"(?P<it>\(?\+?(?:\d[ .()-]{0,2}){6,14}\d)(?!\d)"),
        DIGITS,
        _a_patients_line,
    ),
    Rule("phone-label-cjk", "PHONE", re.compile(r"(?:电话|手机|電話|هاتف|جوال|тел)\W{0,4}(?P<it>\+?\d[\d -]{5,16}\d)")),
)

# --- mail and web ----------------------------------------------------------------------------------------------------

_ROLE = pattern(
    r"^(?:info|support|help|admin|office|chiefs?|gme|noreply|no-reply|scheduling|contact|hr|it|residency|program|coordinator|privacy|security|sales|billing|team|hello|editor|user|test|example|name|first\.last|someone|foo)\b"
)
_WORKPLACE = pattern(r"(?:\.edu|\.gov|\.mil|example\.\w+|hospital\w*\.\w+|health\w*\.\w+|clinic\w*\.\w+|med\w*\.\w+)$")


def _a_patients_mail(reading: Reading, match: re.Match[str]) -> bool:
    local, _, domain = match["it"].partition("@")
    evidence = reading.evidence(match.start())
    if evidence.person or evidence.bedside:
        return True
    return _ROLE.search(local) is None and _WORKPLACE.search(domain) is None and not evidence.schedule


_PERSONAL_PAGE = pattern(
    r"//(?:\w+\.)?(?:facebook|instagram|tiktok|linkedin|gofundme|caringbridge|twitter|x|youtube|flickr)\.\w+/\w"
)


def _a_patients_page(reading: Reading, match: re.Match[str]) -> bool:
    return _PERSONAL_PAGE.search(match["it"]) is not None and reading.whole.person


def _a_patients_address(reading: Reading, match: re.Match[str]) -> bool:
    try:
        address = ipaddress.ip_address(match["it"])
    except ValueError:
        return False
    return address.is_global and (reading.whole.person or "patient" in reading.cues)


_NETWORK = (
    Rule(
        "mail-shape",
        "EMAIL",
        re.compile(r"(?<![\w.+-])(?P<it>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4})"),
        words("@"),
        _a_patients_mail,
    ),
    Rule(
        "mail-spoken",
        "EMAIL",
        pattern(
            r"(?<![\w.-])(?P<it>[\w-]{1,40}(?:(?: dot |\.| ?\[dot\] ?| ?\(dot\) ?)[\w-]{1,40}){0,3}(?: at | ?\[at\] ?| ?\(at\) ?|@)[\w-]{2,40}(?:(?: dot | ?\[dot\] ?| ?\(dot\) ?)[\w-]{2,20}){1,3})\b"
        ),
        words("dot"),
    ),
    Rule(
        "url-of-record",
        "URL",
        pattern(
            r"(?P<it>(?:https?://|www\.)[^\s\"'<>]{0,200}(?:patients?|chart|mrn|pid|encounter|record|pt|results?|member)(?:_?id)?[/=:][A-Z-]{0,8}\d{3,}[^\s\"'<>]{0,200})"
        ),
        words("http https www"),
    ),
    Rule("url-of-person", "URL", pattern(r"(?P<it>https?://[^\s\"'<>]{1,300})"), words("http https"), _a_patients_page),
    Rule(
        "ip-of-person",
        "IP",
        re.compile(
            r"(?<![\w.:])(?P<it>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{1,4}(?::{1,2}[0-9a-fA-F]{1,4}){3,7})(?![\w.:])"
        ),
        DIGITS,
        _a_patients_address,
    ),
)

RULES = _NUMBERS + _TELEPHONE + _NETWORK
