"""Files that are handed in: what is text, what is a table, what a model sees of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.chat.attachments import file_name, read_attachment
from chatapp.errors import BadInput

ROSTER = "resident,date,start,end\n" + "".join(f"Lee,2026-07-{day:02},07:00,19:00\n" for day in range(1, 9))


def test_a_model_sees_name_columns_and_the_first_rows() -> None:
    attached = read_attachment("roster.csv", ROSTER.encode())
    assert (attached.kind, attached.rows, attached.text) == ("table", 8, ROSTER)
    assert attached.summary.splitlines() == [
        "roster.csv: table, 8 rows, columns:",
        "resident, date, start, end",
        *(f"Lee, 2026-07-0{day}, 07:00, 19:00" for day in range(1, 6)),
        "(3 more)",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_found(delimiter: str) -> None:
    attached = read_attachment("a.txt", ROSTER.replace(",", delimiter).encode())
    assert (attached.kind, attached.rows) == ("table", 8)


def test_a_table_may_have_no_header() -> None:
    attached = read_attachment("a.csv", b"Lee,2026-07-01,07:00\nKim,2026-07-02,19:00\n")
    assert attached.rows == 2
    assert attached.summary.startswith("a.csv: table, 2 rows, 3 columns without names\nLee, 2026-07-01, 07:00")


def test_cells_may_hold_commas_and_line_breaks() -> None:
    attached = read_attachment("a.csv", b'who,note\n"Lee, Anna","one\ntwo"\nKim,three\n')
    assert (attached.kind, attached.rows) == ("table", 2)
    assert "Lee, Anna, one two" in attached.summary


@pytest.mark.parametrize(
    "text",
    [
        "Dear all,\nthe roster is ready.\n",
        '[{"resident": "Lee"},\n{"resident": "Kim"}]',
        "BEGIN:VCALENDAR\nA:1,2\nB:1,2\n",
    ],
)
def test_other_text_stays_text(text: str) -> None:
    attached = read_attachment("a.txt", text.encode())
    assert (attached.kind, attached.text) == ("text", text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_umlauts_survive_the_usual_encodings(encoding: str) -> None:
    assert read_attachment("a.csv", "who,day\r\nMüller,Mon\r\n".encode(encoding)).text == "who,day\nMüller,Mon\n"


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7 ...", b"PK\x03\x04rest", b"a\x00b", b"\x1f\x8b\x08", b"ab\x01\x02", b"\xff\xfea", b"\x81\x8d"]
)
def test_binary_files_are_refused_with_what_is_accepted(body: bytes) -> None:
    with pytest.raises(BadInput, match="CSV, TSV, TXT, ICS or JSON"):
        read_attachment("a.bin", body)


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_an_empty_file_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="empty"):
        read_attachment("a.csv", body)


def test_a_summary_stays_small_whatever_the_file_holds() -> None:
    wide = "\n".join(",".join("x" * 500 for _ in range(300)) for _ in range(9))
    assert len(read_attachment("a.csv", wide.encode()).summary) < 6000
    assert len(read_attachment("a.txt", b"x" * 1_000_000).summary) < 300


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("C:\\Users\\lee\\roster.csv", "roster.csv"),
        ("../../etc/passwd", "passwd"),
        ("ro\u202evsc.ster\x07.csv", "ro vsc.ster .csv"),
        ("", "attachment"),
        ("...", "attachment"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_file_names_are_made_fit_to_be_shown(given_name: str, shown: str) -> None:
    assert file_name(given_name) == shown


@given(st.text())
def test_no_file_name_holds_a_path_or_a_hidden_character(name: str) -> None:
    shown = file_name(name)
    assert 0 < len(shown) <= 120
    assert not {"/", "\\"} & set(shown)
    assert not any(unicodedata.category(it) in ("Cc", "Cf", "Cs", "Zl", "Zp") for it in shown)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        attached = read_attachment("a", body)
    except BadInput:
        return
    assert "\x00" not in attached.text
    assert attached.rows >= 0
