"""What befell a page's characters: texts are mended, offsets stay those of the page, sound text is not touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.encoding import normalise
from standpoint.pages.mending import mend_page, mend_text
from standpoint.pages.reading import read_page

ENGLISH = "The envoy’s café closed early – “We object,” said Håkon, who had paid £14 for an hour."
RUSSIAN = (
    "Власти закрыли северный порт до конца недели: лёд повредил обе створки шлюза, и ремонт займёт несколько дней."
)
SOUND = [
    "L’AMBASSADE RAPPELLE QUE LA CÔTE N’EST PAS À VENDRE.",
    "«NÃO HÁ ACORDO SEM PÃO E SEM CHÃO», disse a ministra Ângela São João.",
    "« c’est le Â de l’entrée : un accent, et rien dessous », à 210 € la tonne.",
    "Die Größe der Schäden schätzt das Amt auf 3 Mio. €, die „Ü-Straße“ eingerechnet.",
    "Bộ trưởng Ngoại giao nói rằng hai nước sẽ tiếp tục đàm phán về nghề cá trong tháng tới.",
    "Rząd sprzeciwia się nowej taryfie na śledzie, „bo uderzy w małe porty”.",
    RUSSIAN,
    "Ο υπουργός δεν δέχτηκε τη συμφωνία για τα αλιεύματα.",
    "大臣たちは水曜日に合意できなかった。",
]


def misread(text: str, charset: str, times: int = 1) -> str:
    """Return what UTF-8 looks like that was read as `charset`; bytes it does not know come through as they are."""
    for _ in range(times):
        text = "".join(decode(byte, charset) for byte in text.encode())
    return text


def decode(byte: int, charset: str) -> str:
    try:
        return bytes([byte]).decode(charset)
    except UnicodeDecodeError:
        return chr(byte)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN])
def test_utf_8_read_as_another_charset(text, charset, times):
    assert mend_text(misread(text, charset, times)) == text


def test_utf_8_read_as_cyrillic():
    assert mend_text(misread(RUSSIAN, "cp1251")) == RUSSIAN


@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
def test_cyrillic_read_as_latin(charset):
    assert mend_text(RUSSIAN.encode("cp1251").decode(charset)) == RUSSIAN


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_not_touched(text):
    assert mend_text(text) == text
    assert mend_text(f"{text}\n{misread(ENGLISH, 'cp1252')}\n{text}") == f"{text}\n{ENGLISH}\n{text}"


def test_a_word_that_is_broken_for_certain_vouches_for_one_that_may_be():
    lost = misread("The pilot Håkon rested.", "cp1252")
    assert mend_text(lost) == lost
    page = f"{misread(ENGLISH, 'cp1252')}\n{lost}"
    assert mend_text(page) == f"{ENGLISH}\nThe pilot Håkon rested."


@given(st.lists(st.sampled_from([*SOUND, ENGLISH, misread(ENGLISH, "cp1252"), "\u200b", "It&nbsp;ended."]), max_size=6))
def test_offsets_are_those_of_the_page(check_page, lines):
    text = "\n".join(lines)
    page = read_page(text.encode(), "page")
    assert page.characters == text
    check_page(page)


@given(st.text(max_size=200))
def test_a_layer_is_ordered_and_inside(text):
    layer = mend_page(text)
    if layer is not None:
        assert len(layer.text) == len(layer.starts) == len(layer.ends)
        assert all(0 <= a < b <= len(text) for a, b in zip(layer.starts, layer.ends, strict=True))
        assert list(layer.starts) == sorted(layer.starts)


def test_broken_quotation_is_one_passage_with_the_offsets_of_its_source():
    said = misread("“We object,” the envoy said on Monday, and left the hall.", "cp1252")
    page = read_page(f"\n{said}\n".encode(), "page")
    assert [(p.start, p.end) for p in page.passages] == [(1, 1 + len(said))]
    assert page.passages[0].text == "“We object,” the envoy said on Monday, and left the hall."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Dorn &amp; Brask signed the treaty on Monday.", "Dorn & Brask signed the treaty on Monday."),
        ("It caps the ore at 4&amp;nbsp;million tonnes.", "It caps the ore at 4 million tonnes."),
        ("&ldquo;We signed,&rdquo; the minister said.", "“We signed,” the minister said."),
        ("AT&T signed with R&D; nobody asked why.", "AT&T signed with R&D; nobody asked why."),
    ],
)
def test_entities_in_plain_text(written, read):
    page = read_page(written.encode(), "page")
    assert [(p.start, p.end, p.text) for p in page.passages] == [(0, len(written), read)]


def test_a_page_that_was_escaped_as_a_whole_is_read_as_markup():
    page = read_page(b"&lt;p&gt;The council met on Monday.&lt;/p&gt;&lt;p&gt;It agreed on nothing.&lt;/p&gt;", "page")
    assert [p.text for p in page.passages] == ["The council met on Monday.", "It agreed on nothing."]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028", "\u0085", "\r\r\n"])
def test_every_kind_of_line_end(line_end):
    said = ["The council met on Monday and agreed.", "The miners did not, and they said so at length."]
    page = read_page(line_end.join(said).encode(), "page")
    assert [p.text for p in page.passages] == said


def test_a_next_line_mark_among_lines_is_an_ellipsis_of_another_charset():
    page = read_page("He said: “We wait\x85 and wait.”\nThen he left the hall, and nobody followed.".encode(), "page")
    assert next(p.text for p in page.passages) == "He said: “We wait… and wait.”"


@given(st.text(st.characters(include_characters="\u00ad\u200b\u00a0\u2060 abc.", categories=[]), max_size=60))
def test_invisible_characters_are_in_no_text(check_page, text):
    page = read_page(f"The council met; {text} it agreed.".encode(), "page")
    check_page(page)
    assert [p.text for p in page.passages] == [normalise(page.characters)]


def test_a_mark_that_was_white_space_ends_no_passage():
    page = read_page("The talks went on for a week\x85\n".encode(), "page")
    assert [(p.start, p.end, p.text[-5:]) for p in page.passages] == [(0, 28, "week…")]
