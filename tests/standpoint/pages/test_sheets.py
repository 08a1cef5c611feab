"""Records, printed pages, Markdown: sheets of any size give the same paragraphs, any soup is accounted for."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from standpoint.pages.markdown import is_markdown, read_markdown
from standpoint.pages.pdf import is_pdf, read_pdf
from standpoint.pages.reading import read_page
from standpoint.pages.record import is_record, read_record
from standpoint.pages.turns import begins_turn, learn_convention, split_turn

GOLDEN = Path(__file__).parents[2] / "golden" / "pages" / "shapes"
READERS = (read_record, read_pdf, read_markdown)
PAGES = [path for shape in ("record", "pdf", "markdown") for path in sorted((GOLDEN / shape).glob("*.*[dt]"))]

PARAGRAPHS = [
    "On Monday the council of the nine harbours met to discuss the northern lane, which has been closed to "
    "warships since the winter. It agreed on nothing, but it agreed on it politely, and the members went to the "
    "concert together.",
    "A spokeswoman for the pilots said that a lamp on a mine is still a mine. Her guild refuses to take ships "
    "through at night, and it has told the ministry so in three letters, of which the ministry has answered the "
    "first.",
    "Shipowners are divided. Those with insurance want an escort, paid for by somebody else, while those without "
    "it would rather see the strait closed until the ice has gone out and the price of flour has come down.",
    "The minister, who had been asked for a date, named a season. He added that spring comes late in the upper "
    "valley, that it has always come, and that he would welcome any proposal which costs the treasury less than "
    "eleven million.",
    "Two of the nine states keep warships above the size that the draft allows. Neither has said how it will vote "
    "in June; both have sent their ambassadors on leave, one to the mountains and one to his mother.",
    "Until then the ferries sail by day. On the quay at Dorn the sacks are stacked under a tarpaulin that belongs "
    "to the opera, and a dog of uncertain ownership guards them against gulls, customs officers and journalists.",
]


def print_sheets(width: int, height: int, feed: str) -> str:
    lines = [line for paragraph in PARAGRAPHS for line in (*textwrap.wrap(paragraph, width), "")][:-1]
    sheets = [lines[i : i + height] for i in range(0, len(lines), height)]
    # A sheet that ends with a full line and a full stop says nothing of whether its paragraph goes on.
    ends = [next(line for line in reversed(sheet) if line) for sheet in sheets[:-1]]
    assume(not any(end.endswith((".", ";")) and len(end) > 0.7 * width for end in ends))
    assume(not any(a[-1].endswith(".") and b[0] for a, b in pairwise(sheets)))
    return "".join(
        f"Council of the Nine Harbours          Record of the week\n\n{chr(10).join(sheet)}\n\n- {number} -\n{feed}"
        for number, sheet in enumerate(sheets, 1)
    )


@given(st.integers(55, 95), st.integers(9, 30), st.sampled_from(["\f", "\n"]))
@settings(max_examples=100, deadline=None)
def test_paragraphs_are_whole_whatever_the_sheet(check_page, width, height, feed):
    page = read_page(print_sheets(width, height, feed).encode(), "page")
    check_page(page)
    assert [p.text for p in page.passages] == PARAGRAPHS


@given(st.integers(60, 90), st.sampled_from([1, 5]))
@settings(max_examples=50, deadline=None)
def test_line_numbers_belong_to_no_passage(check_page, width, every):
    lines = [line for paragraph in PARAGRAPHS for line in (*textwrap.wrap(paragraph, width), "")]
    numbered, number = [], 0
    for line in lines:
        number += bool(line)
        shown = f"{number:3d}" if line and not number % every else "   "
        numbered.append(f"{shown}   {line}".rstrip())
    page = read_page("\n".join(numbered).encode(), "page")
    check_page(page)
    assert [p.text for p in page.passages] == PARAGRAPHS


@given(st.integers(30, 48))
@settings(max_examples=30, deadline=None)
def test_columns_are_read_one_after_the_other(check_page, width):
    left = [line for text in PARAGRAPHS[:3] for line in (*textwrap.wrap(text, width), "")]
    right = [line for text in PARAGRAPHS[3:] for line in (*textwrap.wrap(text, width), "")]
    rows = max(len(left), len(right))
    left, right = left + [""] * (rows - len(left)), right + [""] * (rows - len(right))
    page = read_page(
        "\n".join(f"{a:{width}}      {b}".rstrip() for a, b in zip(left, right, strict=True)).encode(), "page"
    )
    check_page(page)
    assert {p.text for p in page.passages} == set(PARAGRAPHS)
    for passage in page.passages:
        assert passage.text.startswith(page.characters[passage.start : passage.start + 20])


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("The PRESIDENT: We begin.", "The PRESIDENT"),
        ("Ms. BRANT (Ostrel) (spoke in French): We object.", "Ms. BRANT (Ostrel) (spoke in French)"),
        ("MINISTER KELL — We do not.", "MINISTER KELL"),
        ("Abg. Dr. Lenz (XYZ): Das ist falsch.", "Abg. Dr. Lenz (XYZ)"),
        (
            "Mme Jeanne Lorrain, ministre des transports. Les dragueurs partiront.",
            "Mme Jeanne Lorrain, ministre des transports",
        ),
        ("Jon Tarn (PPE). – Madam President, no.", "Jon Tarn (PPE)"),
        ("In favour: Brask, Dorn.", None),
        ("On Monday: nothing.", None),
    ],
)
def test_labels_of_records(line, speaker):
    convention = learn_convention([*[line] * 3, *["The CHAIR: Order."] * 2])
    assert split_turn(line, convention)[0] == speaker


def test_a_full_stop_ends_a_label_only_where_labels_do():
    line = "Mr. Hale. He was late."
    assert not begins_turn(line, learn_convention([line, "The PRESIDENT: Order.", "Ms. BRANT (Ostrel): We object."]))


PLAIN = (
    "The minister spoke for an hour.\n\nMr. Tarn: It was too long.\n\nThe council did not vote on it, and went home.",
    "Prices rose by 4 per cent * in March.\n\n* preliminary figures of the office, which is closed on Mondays.",
    "A first paragraph of news stands here.\n-----\nAnd a second one below the line, with # and * and _ in it.",
    "1. The talks go on.\n2. The ships do not sail.\n3. The pilots wait for both.",
    "The motion was adopted late at night. (Applause) was heard from the gallery, and then nothing.",
)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_pages_are_not_taken(text):
    assert not is_record(text)
    assert not is_markdown(text)
    assert not is_pdf(text)


SOUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "\n",
                    "\n\n",
                    "\f",
                    "  ",
                    "      ",
                    "The council met on Monday, and it agreed on nothing. ",
                    "12",
                    "- 7 -",
                ),
                *(
                    "Page 3 of 4\n",
                    "Mr. Alder (Norland): ",
                    "The PRESIDENT: ",
                    "(Applause)\n",
                    "In favour:\n",
                    "1 See a note.\n",
                ),
                *(
                    "# ",
                    "**",
                    "*",
                    "_",
                    "`",
                    "```\n",
                    "> ",
                    "- ",
                    "[",
                    "](http://a.b)",
                    "![x](y)",
                    "---\n",
                    "| a | b |\n",
                ),
                *(
                    "|---|---|\n",
                    "[^1]",
                    "[^1]: a note\n",
                    "<!--",
                    "-->",
                    "\\",
                    "&amp;",
                    "inter-\n",
                    "a ....... 7\n",
                    "Q. ",
                    "A. ",
                ),
            ]
        ),
        st.text(max_size=15),
    ),
    max_size=60,
).map("".join)


@given(SOUP)
@settings(max_examples=300, deadline=None)
def test_any_soup_is_accounted_for(check_page, soup):
    text = soup.encode("utf-8", "replace").decode()
    for reader in READERS:
        assert all(a.end <= b.start for a, b in pairwise(reader(text)))
    check_page(read_page(text.encode(), "page"))


@given(st.sampled_from(PAGES), st.integers(0, 4000), st.integers(0, 400), st.booleans())
@settings(max_examples=150, deadline=None)
def test_pages_with_a_hole_are_accounted_for(check_page, path, start, size, cut):
    text = path.read_bytes().decode()
    check_page(read_page((text[:start] + ("" if cut else text[start + size :])).encode(), "page"))


UNITS = [
    *(
        "Mr. A. B. C. ",
        "по ",
        "Thank you Mr. mr ",
        "a, ",
        "(a) ",
        "12 \n",
        "a   b   ",
        "word word\n",
        "\f7\n",
        "a\f",
        "- ",
        "> > ",
    ),
    *(
        "**a** ",
        "*a",
        "_a_ ",
        "[a](b) ",
        "[",
        "](",
        "](a",
        "`",
        "![",
        "|a|b|\n",
        "<!-- ",
        "<a ",
        "\\*",
        "1 a.1\n",
        "....",
        "A B ",
    ),
    *(
        "Mr. Tarn: No.\n\n",
        "I thank the member. ",
        "The motion was adopted\n",
        "# a\n",
        "- a\n",
        "a\n---\n",
        "[a]: b\n",
    ),
]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_page(reader, unit, count_work):
    """Count the lines of our code that run for a page and for one four times as long: no more than five times."""

    def count(repeats: int) -> int:
        return count_work(lambda: reader(unit * repeats))

    count(10)
    assert count(1200) <= 5 * count(300) + 2000
