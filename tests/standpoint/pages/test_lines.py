"""Lines into blocks: what is joined, what is cut, and that work grows with the page and no faster."""

from __future__ import annotations

import sys
import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.pages.reading import read_page
from standpoint.pages.sentences import LONGEST, cut_sentences
from standpoint.pages.speakers import split_speaker

PARAGRAPH = (
    "The council of the nine harbours met on Monday to discuss the northern lane, closed to warships since "
    "the winter. It agreed on nothing, but it agreed on it politely, and the members went to the concert together."
)


def texts(page: str) -> list[str]:
    return [passage.text for passage in read_page(page.encode(), "page").passages]


@given(st.integers(50, 95))
def test_hard_wrapped_paragraphs_are_joined_at_any_width(width):
    wrapped = "\n".join(textwrap.wrap(PARAGRAPH, width))
    assert texts(wrapped + "\n\n" + wrapped.replace("Monday", "Friday")) == [
        PARAGRAPH,
        PARAGRAPH.replace("Monday", "Friday"),
    ]


def test_double_spaced_lines_are_joined():
    page = "\n\n\n".join(
        "\n\n".join(textwrap.wrap(PARAGRAPH.replace("Monday", day), 60)) for day in ("Monday", "Friday")
    )
    assert texts(page) == [PARAGRAPH, PARAGRAPH.replace("Monday", "Friday")]


def test_one_paragraph_a_line_stays_one_passage_a_line():
    page = f"{PARAGRAPH}\n{PARAGRAPH.replace('Monday', 'Friday')}"
    assert len(texts(page)) == 2


def test_one_long_line_is_cut_at_sentences_without_loss():
    numbered = " ".join(f"Sentence {i} speaks of the U.S. harbour and of Mr. Orlich." for i in range(100))
    found = texts(numbered)
    assert " ".join(found) == numbered
    assert all(text.endswith("Orlich.") and 300 <= len(text) <= LONGEST for text in found)


@given(st.text(alphabet="ab .!?", max_size=5000))
def test_pieces_are_ordered_tight_and_complete(text):
    pieces = cut_sentences(text)
    assert "".join("".join(text[a:b] for a, b in pieces).split()) == "".join(text.split())
    assert all(a[1] <= b[0] for a, b in pairwise(pieces))


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("💬 Ilda Marrow: We have a list.", "Ilda Marrow"),
        ("THE CHAIR: Order.", "THE CHAIR"),
        ("Pelle Aster, Minister of Dorn: It is not ours.", "Pelle Aster, Minister of Dorn"),
        ("Parking: the delegations agreed to meet again.", None),
        ("On Monday: nothing.", None),
        ("MYTH: the crew is held on board", None),
        ("We have three demands: peace, bread, herring.", None),
    ],
)
def test_speakers(line, speaker):
    assert split_speaker(line)[0] == speaker


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "\n",
        "#a ",
        "🔥",
        ".",
        "word\n",
        "(",
        "a@",
        "- a\n",
        "Name Name: ",
        "a.b-",
        "http://a.b/c ",
        "inter-\n",
    ],
)
def test_work_grows_with_the_page(unit, count_work):
    """Count the lines of our code that run for a page and for one four times as long: no more than five times."""

    def count(repeats: int) -> int:
        return count_work(lambda: read_page((unit * repeats).encode(), "page"))

    count(10)  # what is loaded once does not count
    assert count(8000) <= 5 * count(2000) + 1000


@pytest.mark.parametrize("heading", ["Related\n", "Comments\n", ""])
def test_work_grows_with_the_number_of_blocks(heading):
    """Blocks after a heading are looked at ahead; the look-ahead must not make reading quadratic."""
    article = PARAGRAPH + "\n"
    counts = []
    for blocks in (200, 800):
        page = (
            article + heading + "".join(f"Sentence number {i} says that {i * 7} ships sailed.\n" for i in range(blocks))
        )
        steps = 0

        def trace(frame, event, _):
            nonlocal steps
            steps += event == "line"
            return trace if "standpoint" in frame.f_code.co_filename else None

        sys.settrace(trace)
        try:
            read_page(page.encode(), "page")
        finally:
            sys.settrace(None)
        counts.append(steps)
    assert counts[1] <= 5 * counts[0]
