"""Bulletins in capitals and articles in one line: what is joined, where it is cut, and nothing lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standpoint.pages.bulletin import is_bulletin
from standpoint.pages.oneline import is_one_line
from standpoint.pages.reading import read_page
from standpoint.pages.sentences import find_ends

GOLDEN = Path(__file__).parents[2] / "golden" / "pages" / "shapes"
FOLDERS = ("bulletin", "oneline", "timed", "subtitles")
PAGES = [
    path.with_name(path.name.removesuffix(".spans.json"))
    for folder in FOLDERS
    for path in sorted((GOLDEN / folder).glob("*.spans.json"))
]


def texts(page: str) -> list[str]:
    return [passage.text for passage in read_page(page.encode(), "page").passages]


def test_capitals_keep_their_case_and_lose_their_hyphens():
    passages = read_page((GOLDEN / "bulletin" / "tern-wire.txt").read_bytes(), "page").passages
    assert passages[-1].text.endswith("THE CONSULATE DECLINED TO COMMENT.")
    assert {passage.language for passage in passages} == {"en"}
    assert {passage.speaker for passage in passages} == {None}


@pytest.mark.parametrize(
    "page",
    [
        "NATO AND THE EU met on Monday. They agreed on NOTHING, said the chair, and they will meet again in a week.",
        "STATEMENT\n\nThe ministry protests against the map. It has handed over a note, and a ruler.\n\nMORE FOLLOWS",
    ],
)
def test_some_capitals_make_no_bulletin(page):
    assert not is_bulletin(page)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("He met Mr. Orlich and Dr. M. Lant of the U.S. consulate at 5 p.m. in Merrow. Nobody came.", 1),
        ("Am 3. März sprach z. B. Frau Dr. Orlich. Danach war Ruhe.", 1),
        ("В 1974 г. А. П. Тервин продал 40 тыс. овец, т. е. все стадо. Никто не возражал.", 1),
        ("El Sr. Aster y la Sra. Lant viajaron a EE. UU. el lunes. Volvieron.", 1),
        ("It cost 6.5 million. Then it cost 9.1 million. Nobody paid.", 2),
    ],
)
def test_abbreviations_initials_and_numbers_end_no_sentence(text, count):
    assert len(find_ends(text)) == count


def test_a_quotation_is_not_cut_in_two():
    said = "“We came to vote. We waited for six hours. We counted the coats, and there were enough for a majority.”"
    page = " ".join(f"{said[:-2]} on day {i}.” The chair of day {i} said so to the reporters." for i in range(30))
    pieces = texts(page)
    assert len(pieces) > 3
    assert all(piece.count("“") == piece.count("”") for piece in pieces)
    assert " ".join(pieces) == page


def test_a_short_page_in_one_line_stays_whole():
    page = "The vote was put off until June. Nobody was glad of it, said the chair on Tuesday."
    assert not is_one_line(page)
    assert texts(page) == [page]


@pytest.mark.parametrize("golden", PAGES, ids=lambda path: path.name)
@given(start=st.integers(0, 2500), size=st.integers(0, 300))
@settings(max_examples=15, deadline=None)
def test_pages_with_a_hole_are_accounted_for(check_page, golden, start, size):
    text = golden.read_text(encoding="utf-8")
    check_page(read_page((text[:start] + text[start + size :]).encode(), "page"))
