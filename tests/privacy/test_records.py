"""Pasted records: fields that identify, whatever they hold; headings, placeholders and other records are left alone."""

from __future__ import annotations

import pytest

from chatapp.privacy.records import hits
from chatapp.privacy.rules import Reading


def found(text: str) -> set[tuple[str, str]]:
    return {(hit.kind, text[hit.start : hit.end]) for hit in hits(Reading(text))}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "PID|1||4471902^^^H^MR||SOLHEIM^INGRID||19610309|F|||14 ELM ST^^DULUTH||6125550190",
            {("MRN", "4471902^^^H^MR"), ("NAME", "SOLHEIM^INGRID"), ("DATE", "19610309")}
            | {("ADDRESS", "14 ELM ST^^DULUTH"), ("PHONE", "6125550190")},
        ),
        ("NK1|1|SOLHEIM^OLAV|SPO", {("NAME", "SOLHEIM^OLAV")}),
        (
            '{"resourceType": "Patient", "name": [{"family": "Solheim", "given": ["Ingrid"]}],'
            ' "birthDate": "1961-03-09"}',
            {("NAME", "Solheim"), ("NAME", "Ingrid"), ("DATE", "1961-03-09")},
        ),
        ('{"subject": {"display": "Ingrid Solheim"}}', {("NAME", "Ingrid Solheim")}),
        ('{"mrn": "4471902", "na": 121}', {("MRN", "4471902")}),
        ('{"patientName": "Ingrid Solheim"}', {("NAME", "Ingrid Solheim")}),
        (
            "mrn,last,first,dob\n4471902,Solheim,Ingrid,1961-03-09",
            {("MRN", "4471902"), ("NAME", "Solheim"), ("NAME", "Ingrid"), ("DATE", "1961-03-09")},
        ),
        ("| Patient | Room | Dx |\n|---|---|---|\n| Solheim | 4 | CHF |", {("NAME", "Solheim")}),
        ("patient\tmrn\tk\nSolheim\t4471902\t5.9", {("NAME", "Solheim"), ("MRN", "4471902")}),
        ("patient;unit\nSolheim, Ingrid;ICU\nAdeyemi;7W", {("NAME", "Solheim, Ingrid"), ("NAME", "Adeyemi")}),
    ],
)
def test_the_fields_that_tell_who_it_is_are_found_whole(text: str, fields: set[tuple[str, str]]) -> None:
    assert found(text) >= fields


@pytest.mark.parametrize(
    "text",
    [
        "PID|1||MRN||LAST^FIRST||DOB|M",
        "PID|",
        '{"resourceType": "Location", "name": "Ward 4"}',
        '{"mrn": "", "patient": "[NAME]"}',
        '{"patient": "unknown"}',
        "mrn,last,first,dob",
        "mrn,last,first,dob\n____,____,____,____",
        "name,rotation\nOsei,NICU",
        "a | b\nc | d",
        "",
    ],
)
def test_empty_forms_and_other_records_are_left_alone(text: str) -> None:
    assert found(text) == set()


def test_a_table_ends_where_its_rows_do() -> None:
    assert found("mrn,last\n4471902,Solheim\nThanks for all\nOsei,NICU") == {("MRN", "4471902"), ("NAME", "Solheim")}
