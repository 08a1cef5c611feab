"""Timed transcripts, subtitles and interviews: who speaks, what is joined, and what is no transcript."""

from __future__ import annotations

from pathlib import Path

import pytest

from standpoint.pages import read_page
from standpoint.pages.cues import is_subtitles
from standpoint.pages.stamped import is_stamped

GOLDEN = Path(__file__).parents[2] / "golden" / "pages" / "shapes"


def speakers(name: str) -> list[str | None]:
    return [passage.speaker for passage in read_page((GOLDEN / name).read_bytes(), name).passages]


def texts(page: str) -> list[str]:
    return [passage.text for passage in read_page(page.encode(), "page").passages]


def test_the_markup_of_a_cue_names_the_speaker():
    assert speakers("subtitles/harbour-forum.vtt") == ["Ilda Marrow", "Pelle Aster", "Ilda Marrow", "Pelle Aster"]


def test_a_name_above_a_turn_is_its_first_paragraphs_speaker():
    assert speakers("timed/pier-podcast.txt")[:3] == ["Jorun Astley", "Per Vessen", None]


def test_a_name_before_a_colon_is_the_speaker_though_it_is_one_word():
    said = "[00:00:{0:02}] {1}: The lane must be closed to warships before {2}."
    page = "\n".join(
        said.format(i, name, day)
        for i, (name, day) in enumerate(zip(["Odder", "Marrow"] * 2, ["May", "June", "July", "autumn"], strict=True))
    )
    passages = read_page(page.encode(), "page").passages
    assert [passage.speaker for passage in passages] == ["Odder", "Marrow"] * 2
    assert passages[0].text == "Odder: The lane must be closed to warships before May."
    assert page[passages[1].start :].startswith("Marrow: The lane")


def cue(number: int, start: str, end: str, text: str) -> str:
    return f"{number}\n00:00:{start} --> 00:00:{end}\n{text}\n\n"


def test_cues_are_joined_until_a_pause():
    page = cue(1, "01,000", "03,000", "The vote on the lane") + cue(2, "03,000", "05,000", "was put off until June.")
    page += cue(3, "05,100", "07,000", "Nobody was glad of it.") + cue(4, "12,000", "14,000", "The pilots protested.")
    assert texts(page) == [
        "The vote on the lane was put off until June. Nobody was glad of it.",
        "The pilots protested.",
    ]


def test_the_same_name_before_each_cue_of_a_turn_is_told_once():
    page = cue(1, "01,000", "03,000", "SAL ODDER: We came to vote,") + cue(
        2, "03,000", "05,000", "SAL ODDER: and we shall."
    )
    page += cue(3, "05,100", "07,000", "ILDA MARROW: You came to wait.")
    assert texts(page) == ["SAL ODDER: We came to vote, and we shall.", "ILDA MARROW: You came to wait."]


@pytest.mark.parametrize(
    "page",
    [
        "The ship sailed at 10:45 and came back at 11:30. At 12:15 it sailed again.\nNobody was on board.",
        "10:00 Opening\n11:30 Coffee\n12:00 The floor is open\n09:00 Doors\n08:30 Registration",
        "The subtitles begin with 00:00:01,000 --> 00:00:02,000, which is early.\nThe rest is silence.\nSo it goes.",
        "The council met. It agreed on nothing.\n\n[1:2] is a verse, and [3:4] another.\n\nThe choir sang both.",
    ],
)
def test_times_in_an_article_make_no_transcript(page):
    assert not is_stamped(page)
    assert not is_subtitles(page)


def test_brackets_that_say_something_stay():
    page = (
        "The council met on Monday.\n\n(The pilots, who were not invited, met on the quay and voted against the lane.)"
    )
    assert len(texts(page)) == 2
