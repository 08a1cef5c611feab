"""Mails: transfer encodings with exact offsets, quoted replies, and what only quotes a mail."""

from __future__ import annotations

import base64
import quopri
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standpoint.encoding import normalise
from standpoint.pages.mail import is_mail, read_mail
from standpoint.pages.reading import read_page

GOLDEN = Path(__file__).parents[2] / "golden" / "pages" / "shapes"
HEADER = (
    "From: Guild of Pilots <guild@pilots.example>\nTo: desk@tern.example\nSubject: The map\nMIME-Version: 1.0\n"
    "Content-Type: text/plain; charset={}\nContent-Transfer-Encoding: {}\n\n"
)
WORDS = st.sampled_from(["канал", "lane", "marée", "Flöße", "«quay»", "harbour", "=", "наш"])
SENTENCES = st.lists(
    st.lists(WORDS, min_size=8, max_size=25).map(lambda words: f"The pilots said {' '.join(words)} twice."),
    min_size=1,
    max_size=4,
    unique=True,
)


def texts(page: str) -> list[str]:
    return [passage.text for passage in read_page(page.encode(), "page").passages]


@given(SENTENCES)
@settings(max_examples=60, deadline=None)
def test_quoted_printable_spans_decode_to_their_text(check_page, sentences):
    body = quopri.encodestring("\n\n".join(sentences).encode()).decode()
    page = read_page((HEADER.format("utf-8", "quoted-printable") + body).encode(), "page")
    check_page(page)
    sources = [page.characters[p.start : p.end] for p in page.passages]
    assert [normalise(quopri.decodestring(source.encode()).decode()) for source in sources] == [
        p.text for p in page.passages
    ]
    assert [p.text for p in page.passages] == sentences


@given(SENTENCES)
@settings(max_examples=60, deadline=None)
def test_base64_spans_hold_the_bytes_of_their_text(check_page, sentences):
    body = base64.encodebytes("\n\n".join(sentences).encode()).decode()
    head = HEADER.format("utf-8", "base64")
    page = read_page((head + body).encode(), "page")
    check_page(page)
    assert [p.text for p in page.passages] == sentences
    for passage in page.passages:
        place = len(body[: passage.start - len(head)].replace("\n", ""))
        code = body[passage.start - len(head) : passage.end - len(head)].replace("\n", "")
        # Bytes end within base64 characters: decode from the last whole group before.
        whole = body.replace("\n", "")[place // 4 * 4 : place + len(code) + 3]
        assert passage.text.encode() in base64.b64decode(whole[: len(whole) // 4 * 4])


def test_an_attachment_and_the_other_version_of_a_text_are_left_out():
    passages = read_page((GOLDEN / "mail" / "ostrel-map.eml").read_bytes(), "page").passages
    assert [passage.language for passage in passages] == ["ru", "ru"]


def test_a_reply_without_a_header_loses_what_it_quotes():
    page = (
        "The gate of 1974 had no customs officer, it had a man with a lamp.\n\n"
        "On Tue, Mar 12, 2024 at 9:44 PM Milan Tervin <tervin@ostrel.example> wrote:\n"
        "> A gate would make it a road for customs officers.\n> We are against it.\n> The mission says so.\n"
    )
    assert texts(page) == ["The gate of 1974 had no customs officer, it had a man with a lamp."]


def test_what_is_only_quoted_is_passed_on():
    page = (
        "From: Ula Fenn <fenn@quay.example>\nTo: desk@quay.example\nSubject: Re: map\n\n"
        "On Monday Ilda Marrow <marrow@pilots.example> wrote:\n"
        "> The guild has published its own map of the lane today.\n> It costs nobody a coin.\n"
    )
    assert " ".join(texts(page)) == "The guild has published its own map of the lane today. It costs nobody a coin."


def test_the_messages_of_a_mailbox_are_all_read():
    message = (
        "From: a@b.example\nTo: c@d.example\nSubject: {0}\nMessage-ID: <{0}@b.example>\n\nThe {0} sailed on Monday.\n"
    )
    page = "".join(f"From a@b.example Mon Mar 11 10:00:00 2024\n{message.format(what)}\n" for what in ("ferry", "tug"))
    assert texts(page) == ["The ferry sailed on Monday.", "The tug sailed on Monday."]


@pytest.mark.parametrize(
    "page",
    [
        "The minister's mail came to light on Monday.\n\nFrom: the minister\nTo: the bank\n\nThe loan was dear.",
        "From: Dorn with love. A comedy in three acts opened on Monday.\n\nNobody laughed, and the critics left early.",
        "He wrote:\n\n> The lane is closed.\n\nThen he went home, and the lane stayed open for another year.",
    ],
)
def test_an_article_that_quotes_a_mail_is_none(page):
    assert not is_mail(page)


@pytest.mark.parametrize("name", ["dorn-reply.txt", "pilotes.eml", "ostrel-map.eml", "harbour-letter.txt"])
@given(start=st.integers(0, 2500), size=st.integers(0, 300))
@settings(max_examples=25, deadline=None)
def test_mails_with_a_hole_are_accounted_for(check_page, name, start, size):
    text = (GOLDEN / "mail" / name).read_text(encoding="utf-8")
    text = text[:start] + text[start + size :]
    spans = read_mail(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    check_page(read_page(text.encode(), "page"))
