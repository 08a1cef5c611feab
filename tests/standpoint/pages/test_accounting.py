"""Passages and dropped spans account for every character, whatever the page."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from standpoint.pages.reading import read_page

LINES = (
    "The council met on Monday. It agreed on nothing, and it will meet again in a week.",
    "A paragraph that is cut in the middle of its sentence by a channel's limit on the length of what may be posted,",
    "and goes on here.",
    "Related articles",
    "Comments",
    "Home",
    "March 3, 2024",
    "👍 12",
    "#hashtag #other",
    "https://page.example/a",
    "💬 Ola Brandt: We shall see.",
    "Photo: Ola Brandt",
    "• first;",
    "the inter-",
    "national court",
    "Read more",
    "x" * 1700,
    "Слова на другом языке стоят здесь, и это предложение.",
    "&amp; so on.",
    "",
    "   ",
    "\ufeff",
)
lines = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=60)), max_size=25)
breaks = st.sampled_from(["\n", "\r\n", "\n\n", "\r", "\u2028", "\x0c"])


@given(lines, breaks)
@settings(max_examples=300, deadline=None)
def test_spans_cover_the_page_without_overlap(check_page, content, line_break):
    text = line_break.join(content).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    page = read_page(text.encode(), "page")
    assert page.characters == text
    check_page(page)


@given(st.binary(max_size=300), st.sampled_from([None, "cp1251", "utf-16", "no-such-charset", "idna"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_page(check_page, data, charset):
    check_page(read_page(data, "page", charset))


@given(lines)
@settings(max_examples=100, deadline=None)
def test_no_passage_comes_twice(content):
    texts = [p.text.casefold() for p in read_page("\n\n".join(content * 2).encode("utf-8", "replace"), "page").passages]
    assert len(texts) == len(set(texts))


def test_line_breaks_move_offsets_and_nothing_else(check_page, golden_pages):
    for golden in golden_pages:
        unix = read_page(golden.text.encode(), "page")
        windows = read_page(golden.text.replace("\n", "\r\n").encode(), "page")
        assert [p.text for p in unix.passages] == [p.text for p in windows.passages]
        check_page(windows)


def test_byte_order_mark_is_a_character_and_no_part_of_a_passage(check_page):
    page = read_page("\ufeffThe council met on Monday and agreed on nothing.".encode(), "page")
    assert [(p.start, p.end) for p in page.passages] == [(1, 49)]
    check_page(page)


def test_empty_page_has_nothing():
    page = read_page(b"", "page")
    assert (page.passages, page.dropped) == ((), ())


def test_a_lone_statement_without_a_full_stop_is_kept():
    assert [p.text for p in read_page(b"Lift the ban on the ferries now", "page").passages] == [
        "Lift the ban on the ferries now"
    ]
