"""Ways to reach one person: telephone, fax, mail, pages and network addresses.

The helpdesk, the duty pager, a role's mailbox and an office's line reach a workplace, not a patient.
"""

from __future__ import annotations

import ipaddress
import re

from chatapp.privacy.identifiers import IS
from chatapp.privacy.notation import first_words, one_of, pattern, words
from chatapp.privacy.rules import DIGITS, NUMBER, Reading, Rule

_NUMBER = (
    r"(?:(?:\d{1,3}[ .-]{0,2})?\(?\d{3}(?:\) ?|[ .-]{1,2})\d{3}[ .-]{1,2}\d{4}(?!\d)"
    r"|(?<=\+)\d{1,4}(?:[ .-]?\d{2,4}){2,5}(?!\d))"
)
_DIGITS_IN_ANY_GROUPS = r"(?P<it>\(?\+?(?:\d[ .()-]{0,2}){6,14}\d)(?!\d)"
_CALL = """
    phone tel telephone cell mobile call callback reach contact text voicemail home number telefono telefon handy
    movil
"""
_WHOM = one_of("is at on him her them me back number no the his son daughter wife husband mother mom family patient pt")
_TOLL_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\b")
_OFFICE = pattern(
    r"\b"
    + one_of("""
    pager office desk help_?desk operator hotline switchboard pharmacy poison department dept chiefs? on-?call
    conference_line dial-?in zoom support scheduling vendor clinic_(?:phone|number|fax) dr doctor coordinator
    extension
    """)
    + r"\b"
)
_ROLE = pattern(
    r"^"
    + one_of("""
    info support help admin office chiefs? gme noreply no-reply scheduling contact hr it residency program coordinator
    privacy security sales billing team hello editor user test example name first\\.last someone foo
    """)
    + r"\b"
)
_WORKPLACE = pattern(r"(?:\.edu|\.gov|\.mil|example\.\w+|(?:hospital|health|clinic|med)\w*\.\w+)$")
_DOT = r"(?: dot | ?[\[(]dot[\])] ?)"
_AT = r"(?: at | ?[\[(]at[\])] ?|@)"
_OF_A_RECORD = r"(?:patients?|chart|mrn|pid|encounter|record|pt|results?|member)(?:_?id)?[/=:][A-Z-]{0,8}\d{3,}"
_PERSONAL_SITE = pattern(
    r"(?:^|//)(?:\w{1,20}\.)?(?:facebook|instagram|tiktok|linkedin|gofundme|caringbridge|twitter|x|youtube|flickr)\.\w+/\w"
)


def reaches_a_patient(reading: Reading, at: int) -> bool:
    """Whether the sentence around a number speaks of somebody, or at least of no office."""
    return reading.evidence(at).person or not reading.shows(at, _OFFICE)


def _a_patients_line(reading: Reading, match: re.Match[str]) -> bool:
    if _TOLL_FREE.match(match["it"] if "it" in match.re.groupindex else match.group()):
        return False
    return reaches_a_patient(reading, match.start())


def _a_patients_mail(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    if evidence.person or evidence.bedside:
        return True
    local, _, domain = match["it"].partition("@")
    return _ROLE.search(local) is None and _WORKPLACE.search(domain) is None and not evidence.schedule


def _a_patients_page(reading: Reading, match: re.Match[str]) -> bool:
    return _PERSONAL_SITE.search(match["it"]) is not None and reading.whole.person


def _a_patients_machine(reading: Reading, match: re.Match[str]) -> bool:
    try:
        address = ipaddress.ip_address(match["it"])
    except ValueError:
        return False
    public = address.is_global or any(address in network for network in _EXAMPLE_NETWORKS)
    return public and (reading.whole.person or reading.whole.tells_of_one or "patient" in reading.cues)


_EXAMPLE_NETWORKS = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
"""Kept for examples, but nobody who types one says that it is one."""


RULES = (
    Rule(
        "fax-label",
        "FAX",
        pattern(r"fax(?:ed|es)?\b[^\d\n]{0,40}(?P<it>\+?(?:\d[ .()-]{0,2}){6,14}\d)"),
        DIGITS,
        _a_patients_line,
        starts=words("fax faxed faxes"),
    ),
    Rule("phone-shape", "PHONE", re.compile(rf"(?<![\d.-]){_NUMBER}"), look=_a_patients_line, starts=NUMBER),
    Rule(
        "phone-label",
        "PHONE",
        pattern(rf"{one_of(_CALL)}(?: {_WHOM}){{0,4}}\b{IS}{_DIGITS_IN_ANY_GROUPS}"),
        DIGITS,
        _a_patients_line,
        starts=first_words(_CALL),
    ),
    Rule(
        "phone-label-abroad",
        "PHONE",
        re.compile(r"(?:电话|手机|電話|هاتف|جوال|тел)\W{0,4}(?P<it>\+?\d[\d -]{5,16}\d)"),
        words("电 手 電 ه ج т"),
    ),
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
            rf"(?<![\w.-])[\w-]{{1,40}}(?:(?:{_DOT}|\.)[\w-]{{1,40}}){{0,3}}{_AT}[\w-]{{2,40}}"
            rf"(?:{_DOT}[\w-]{{2,20}}){{1,3}}\b"
        ),
        words("dot"),
    ),
    Rule(
        "page-of-record",
        "URL",
        pattern(rf"(?:https?://|www\.)[^\s\"'<>]{{0,200}}?{_OF_A_RECORD}[^\s\"'<>]{{0,200}}"),
        starts=words("http https www"),
    ),
    Rule(
        "page-of-person",
        "URL",
        pattern(
            r"(?P<it>(?:https?://|www\.|(?:facebook|instagram|linkedin|gofundme|caringbridge|tiktok)\.\w{2,7}/)[^\s\"'<>]{1,300})"
        ),
        look=_a_patients_page,
        starts=words("http https www facebook instagram linkedin gofundme caringbridge tiktok"),
    ),
    Rule(
        "machine-of-person",
        "IP",
        re.compile(r"(?<![\w.:])(?P<it>\d{1,3}(?:\.\d{1,3}){3}|\d[0-9a-f]{0,3}(?::{1,2}[0-9a-f]{1,4}){3,7})(?![\w.:])"),
        look=_a_patients_machine,
        starts=NUMBER,
    ),
)
