"""Timed transcripts, subtitles and interviews: who speaks, what is joined, and what is no transcript."""

from __future__ import annotations

from pathlib import Path

import pytest

from standpoint.pages.cues import is_subtitles
from standpoint.pages.reading import read_page
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


COURT = """THE REGISTRAR: [10:02:11] All rise.
MR FARROW: [10:03:40] The harbour book lacks three pages, [10:03:52] and nobody has said who tore them out.
MS TARR: [10:06:00] Objection.
MR FARROW: [10:06:30] Then I call the clerk, who has waited for four days without being told on whose account.
(The hearing is adjourned at 11.15 a.m.)
"""


def test_times_behind_labels_are_no_part_of_what_is_said():
    page = read_page(COURT.encode(), "page")
    assert [(p.speaker, p.text) for p in page.passages] == [
        ("MR FARROW", "MR FARROW: The harbour book lacks three pages, and nobody has said who tore them out."),
        (
            "MR FARROW",
            "MR FARROW: Then I call the clerk, who has waited for four days without being told on whose account.",
        ),
    ]
    assert [page.characters[p.end - 4 : p.end] for p in page.passages] == ["out.", "unt."]


def test_titles_of_chapters_cut_captions():
    page = (
        "Opening\n0:02\n2 seconds\nthe treaty has four articles and only\n0:06\n6 seconds\none of them is disputed\n"
        "Who is against it\n0:16\n16 seconds\nin the north the fishermen are against it\n"
        "0:20\n20 seconds\nand the third article closes the bay\n"
    )
    assert texts(page) == [
        "the treaty has four articles and only one of them is disputed",
        "in the north the fishermen are against it and the third article closes the bay",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Let me – yeah.",
        "With that, Odd – sorry, Lena, go ahead.",
        "Ruben Ataide, welcome.",
        "Frau Arnolds, wir danken Ihnen für dieses Gespräch.",
        "Señora Cabrera, muchas gracias por la entrevista.",
    ],
)
def test_turns_that_say_nothing_are_dropped(said):
    turns = [
        "ODDER: The lane must be closed to warships before the winter.",
        f"MARROW: {said}",
        "ODDER: It was open in May, and nobody was the better for it.",
    ]
    assert texts("\n\n".join(turns)) == [turns[0], turns[2]]


@pytest.mark.parametrize(
    "said",
    ["Let me say that the lane – all of it – is ours.", "I thank the minister for nothing, since nothing was done."],
)
def test_turns_that_begin_with_a_formula_and_say_something_stay(said):
    turns = ["ODDER: The lane must be closed to warships before the winter.", f"MARROW: {said}"]
    assert texts("\n\n".join(turns)) == turns


@pytest.mark.parametrize("heading", ["Zur Person", "Quién es", "About our guest", "Об авторе"])
def test_a_portrait_below_its_heading_is_no_passage(heading):
    portrait = "Hedda Arnolds, born in 1951, led four missions of mediation. She lives by the lake."
    turns = "ODDER: Did the talks fail?\n\nARNOLDS: They were never meant to succeed before the winter."
    assert portrait not in texts(f"{heading}\n{portrait}\n\n{turns}")
    assert portrait in texts(f"The winter talks\n{portrait}\n\n{turns}")
