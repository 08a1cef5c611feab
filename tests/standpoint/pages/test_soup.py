"""HTML, JSON and feeds: exact offsets, any soup, and work that grows with the page and no faster."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standpoint.encoding import normalise
from standpoint.pages.channel import read_channel
from standpoint.pages.feed import read_feed
from standpoint.pages.mending import mend_text
from standpoint.pages.reading import read_page
from standpoint.pages.web import read_web_page

GOLDEN = Path(__file__).parents[2] / "golden" / "pages" / "shapes"
READERS = (read_web_page, read_channel, read_feed)
PAGES = [path.with_name(path.name.removesuffix(".spans.json")) for path in sorted(GOLDEN.rglob("*.spans.json"))]


WORDS = st.sampled_from(
    ["council", "treaty", "ma&ntilde;ana", "&laquo;grain&raquo;", "A&amp;B", "&#8212;", "ridge", "x<b>y</b>z"]
)
SENTENCE = st.lists(WORDS, min_size=12, max_size=30).map(lambda words: f"The {' '.join(words)} ended.")


@pytest.mark.parametrize(
    "title",
    ["404 nets returned to their owners", "Access denied to the archive: a protest", "Log in the river stops ferry"],
)
def test_a_headline_that_begins_like_an_error_is_none(title):
    said = "The watch of the harbour confirmed the report on Monday."
    page = read_page(f"<html><title>{title}</title><body><h1>{title}</h1><p>{said}</p></body></html>".encode(), "page")
    assert [p.text for p in page.passages] == [said]


def strip_tags(source: str) -> str:
    return normalise(html.unescape(re.sub(r"<[^<>]*>", "", source)))


@given(st.lists(SENTENCE, min_size=1, max_size=6, unique_by=strip_tags), st.sampled_from(["\n", " ", "\r\n\t", ""]))
@settings(max_examples=100, deadline=None)
def test_text_is_the_slice_without_its_markup(check_page, sentences, between):
    source = f"<html><body>{between.join(f'<p>{between}{s}{between}</p>' for s in sentences)}</body></html>"
    page = read_page(source.encode(), "page")
    check_page(page)
    assert page.passages
    for passage in page.passages:
        assert passage.text == strip_tags(source[passage.start : passage.end])
        assert passage.text in [strip_tags(sentence) for sentence in sentences]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), st.booleans())
@settings(max_examples=150, deadline=None)
def test_json_text_is_the_decoded_slice(check_page, word, ascii_only):
    said = normalise(f"The envoy wrote {word.replace('<', '').replace('&', '')} on the wall of the embassy and left.")
    source = json.dumps({"messages": [{"id": 1, "text": said}]}, ensure_ascii=ascii_only)
    page = read_page(source.encode(), "page")
    check_page(page)
    for passage in page.passages:
        assert passage.text == normalise(mend_text(json.loads(f'"{source[passage.start : passage.end]}"')))


SOUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div",
                "class='comments'>",
                "</div>",
                "<br>",
                "<a",
                "href=x>",
                "</a>",
                "<li>",
                "<ul>",
                "</ul>",
                "<table><td>",
                "<script>",
                "</script>",
                "<style>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "<h2>",
                "</h2>",
                "<title>",
                "<sup>1</sup>",
                "<pre>",
                "<span",
                "class=share>",
                "</span>",
                "&amp;",
                "&lt;p&gt;",
                "&NotEqualTilde;",
                "&#0;",
                "&#x110000;",
                "&nbsp;",
                "<",
                ">",
                '"',
                "'",
                "=",
                '<a="',
                "<p\x00",
                "</",
                "<!",
                "<?",
                "<p/>",
                "<article>",
                "<nav>",
                "</nav>",
                "<form>",
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                '"text"',
                '"messages"',
                "\\u",
                "\\ud800",
                '\\"',
                "\\",
                "<item>",
                "</item>",
                "<description>",
                "</description>",
                "<content:encoded>",
                "<title/>",
                "<entry>",
            ]
        ),
        st.just("The council met on Monday, and it agreed on nothing at all. "),
        st.text(max_size=12),
    ),
    max_size=40,
).map("".join)
HEADS = st.sampled_from(
    ["<!doctype html>", "<html><p>", "<rss><channel>", "<feed>", '{"text": "', '{"messages": [{"text": [', '[{"body":']
)


@given(HEADS, SOUP)
@settings(max_examples=400, deadline=None)
def test_any_soup_is_accounted_for(check_page, head, soup):
    text = (head + soup).encode("utf-8", "replace").decode()
    for reader in READERS:
        spans = reader(text)
        assert all(a.end <= b.start for a, b in pairwise(spans))
    page = read_page(text.encode(), "page")
    assert page.characters == text
    check_page(page)


@given(HEADS, st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_page(check_page, head, data):
    check_page(read_page(head.encode() + data, "page"))


UNITS = [
    *("<p>", "<a ", '<a ">" ', "<!--", "</div>", "<div class=related>", "<li>", "&", "&amp;", "<", "<script>", "<sup>"),
    *("<item>", "<title>", "<![CDATA[", "[", '{"text":', '"', '"a",', "\\u0041", "<p>Some ships sailed.", "<br>"),
    "<span class=share>",
]


@pytest.mark.parametrize("head", ["<!doctype html>", "<rss>", '{"text": ["'])
@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_page(head, unit, count_work):
    """Count the lines of our code that run for a page and for one four times as long: no more than five times."""

    def count(repeats: int) -> int:
        return count_work(lambda: read_page((head + unit * repeats).encode(), "page"))

    count(10)  # what is loaded once does not count
    assert count(1200) <= 5 * count(300) + 1000


POLISH = (
    "<html><head><meta charset='iso-8859-2'></head><body><p>Rząd ogłosił, że łodzie wypłyną w środę.</p></body></html>"
)


def test_declared_charset_is_believed_where_the_page_is_not_utf_8():
    page = read_page(POLISH.encode("iso-8859-2"), "page")
    assert page.encoding == "iso8859-2"
    assert [p.text for p in page.passages] == ["Rząd ogłosił, że łodzie wypłyną w środę."]
    assert read_page(POLISH.encode(), "page").encoding == "utf-8"


@given(st.sampled_from(PAGES), st.integers(0, 5000), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_pages_with_a_hole_are_accounted_for(check_page, golden, start, size):
    data = golden.read_bytes()
    check_page(read_page(data[:start] + data[start + size :], "page"))


def test_paragraphs_in_a_list_stay_apart_and_formats_are_joined():
    first, second = "The gate was opened at dawn.", "It was closed at noon."
    for body in ([first, second], [{"text": first}, {"text": second}]):
        page = read_page(json.dumps({"title": "Gate", "body": body}).encode(), "page")
        assert [p.text for p in page.passages] == [first, second]
    mixed = ["The gate was ", {"type": "bold", "text": "opened"}, " at dawn."]
    page = read_page(json.dumps({"messages": [{"text": mixed}]}).encode(), "page")
    assert [p.text for p in page.passages] == [first]


def test_an_entity_is_never_cut_in_two(check_page):
    word = "x&fjlig;"  # two letters from one entity, and a cut that falls between them
    page = read_page(f"<html><p>{word * 2000}</p></html>".encode(), "page")
    check_page(page)
    assert "".join(p.text for p in page.passages) == normalise(html.unescape(word * 2000))
