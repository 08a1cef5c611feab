"""Marks of text browsers and agencies, and hard-wrapped lines that rarely break inside a sentence."""

from __future__ import annotations

import pytest

from standpoint.pages.reading import read_page

_PROSE = "The council of the valley voted on Tuesday to reopen the tunnel, by 31 votes to 28, and against the mayor."


def texts(page: str) -> list[str]:
    return [passage.text for passage in read_page(page.encode(), "page").passages]


def test_numbers_of_links_are_no_part_of_the_text():
    page = (
        "[1]News [2]Sport\n\n"
        "[3]The council of the valley voted on Tuesday to reopen the [4]tunnel, and nobody was glad.\n\n"
        "References\n\n   1. https://valley.example/\n   2. https://valley.example/sport\n   3. https://valley.example/c\n"
    )
    (passage,) = read_page(page.encode(), "page").passages
    assert passage.text == "The council of the valley voted on Tuesday to reopen the tunnel, and nobody was glad."
    assert page[passage.start : passage.end].startswith("The council")
    assert page[passage.end - 1] == "."


def test_numbers_of_references_stay_where_no_addresses_are_listed():
    page = f"{_PROSE}\n\nThe report [1]names three causes, [2]two of them old, and [3]one disputed.\n"
    assert "[2]two of them old" in texts(page)[1]


@pytest.mark.parametrize("mark", ["(END)", "ENDS", "-0-", "[Ends]", "###", "kb/wz/nad", "kb/wz 231847 Oct 25"])
def test_an_end_mark_behind_the_last_sentence_is_dropped(mark):
    assert texts(f"{_PROSE}\n\n{_PROSE.replace('Tuesday', 'Friday')} {mark}\n")[-1].endswith("against the mayor.")


@pytest.mark.parametrize("words", ["and/or", "the END", "at 1830", "END of it."])
def test_words_like_an_end_mark_stay(words):
    said = "The mayor called the vote a farce. He promised to ask the court of the valley whether it was one"
    page = f"{_PROSE}\n\n{said}, {words}\n"
    assert texts(page)[-1].endswith(words)


def test_paragraphs_between_blank_lines_are_whole_where_no_line_has_room():
    lines = [
        "The assembly of the northern province rejected the toll on Thursday by a",
        'vote of 44 to 31. "We will not charge our neighbours for bread," said Ilse',
        "Marten, who leads the largest group.",
        "",
        "The finance committee had recommended the toll. Its chairman, Otto Frey,",
        "40, said that the road would crumble without it.",
    ]
    assert texts("\r\n".join(lines)) == [" ".join(lines[:3]), " ".join(lines[4:])]
