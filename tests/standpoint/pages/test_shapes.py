"""HTML, JSON and feeds: golden pages, and how shapes are told apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from standpoint.pages.bulletin import read_bulletin
from standpoint.pages.channel import read_channel
from standpoint.pages.cues import read_subtitles
from standpoint.pages.decoding import decode_page
from standpoint.pages.feed import read_feed
from standpoint.pages.mail import read_mail
from standpoint.pages.markdown import read_markdown
from standpoint.pages.oneline import read_one_line
from standpoint.pages.page import BLANK
from standpoint.pages.pdf import read_pdf
from standpoint.pages.plain import read_plain
from standpoint.pages.reading import read_page
from standpoint.pages.record import read_record
from standpoint.pages.shapes import choose_reader
from standpoint.pages.stamped import read_stamped
from standpoint.pages.web import read_web_page

GOLDEN = Path(__file__).parents[2] / "golden" / "pages" / "shapes"
# Folder of golden pages -> reader; pages of an older folder are told by their suffix.
READERS = {
    ".html": read_web_page,
    ".json": read_channel,
    ".xml": read_feed,
    "record": read_record,
    "pdf": read_pdf,
    "markdown": read_markdown,
    "timed": read_stamped,
    "subtitles": read_subtitles,
    "bulletin": read_bulletin,
    "mail": read_mail,
    "oneline": read_one_line,
}
NO_TEXT = ("markup", BLANK)


@dataclass(frozen=True)
class ShapedPage:
    name: str
    shape: str
    data: bytes
    spans: tuple[dict[str, Any], ...]

    @property
    def kept(self) -> list[tuple[int, int, str]]:
        return [(span["start"], span["end"], span["text"]) for span in self.spans if "reason" not in span]


def read_shaped_pages(folder: Path) -> list[ShapedPage]:
    pages = []
    for path in sorted(folder.glob("*.spans.json")):
        spans = json.loads(path.read_text(encoding="utf-8"))["spans"]
        name = path.name.removesuffix(".spans.json")
        shape = folder.name if folder.name in READERS else Path(name).suffix
        pages.append(ShapedPage(name, shape, (folder / name).read_bytes(), tuple(spans)))
    return pages


PAGES = [page for folder in (GOLDEN, *(GOLDEN / shape for shape in READERS)) for page in read_shaped_pages(folder)]
UNSEEN = read_shaped_pages(GOLDEN / "unseen")
EVERY = pytest.mark.parametrize("golden", PAGES, ids=lambda page: page.name)


def test_each_shape_has_three_golden_pages():
    for shape in READERS:
        assert sum(page.shape == shape for page in PAGES) >= 3


@EVERY
def test_passages_are_the_golden_ones(golden, check_page):
    page = read_page(golden.data, "page")
    check_page(page)
    assert [(p.start, p.end, p.text) for p in page.passages] == golden.kept


@EVERY
def test_languages_are_the_golden_ones(golden):
    wanted = {span["start"]: span["language"] for span in golden.spans if "language" in span}
    found = {passage.start: passage.language for passage in read_page(golden.data, "page").passages}
    assert {start: found.get(start) for start in wanted} == wanted


@EVERY
def test_dropped_text_has_its_reason(golden):
    page = read_page(golden.data, "page")
    for span in golden.spans:
        if "reason" in span:
            assert page.characters[span["start"] : span["end"]].startswith(span["begins"])
            over = [d for d in page.dropped if d.start < span["end"] and d.end > span["start"]]
            assert {d.reason for d in over} - set(NO_TEXT) == {span["reason"]}, span


@pytest.mark.parametrize("golden", [*PAGES, *UNSEEN], ids=lambda page: page.name)
def test_shape_is_told_by_content(golden):
    text, _ = decode_page(golden.data)
    for before in ("", "\ufeff", "\n  "):
        assert choose_reader(before + text) is READERS[golden.shape]


def test_pages_beyond_the_golden_ones():
    found = wanted = right = 0
    for golden in UNSEEN:
        free = [(s["start"], s["end"]) for s in golden.spans if s.get("reason") in ("free", "heading")]
        passages = {(p.start, p.end, p.text) for p in read_page(golden.data, "page").passages}
        passages = {p for p in passages if not any(a <= p[0] and p[1] <= b for a, b in free)}
        right += len(passages & set(golden.kept))
        found, wanted = found + len(passages), wanted + len(golden.kept)
    assert right >= 0.95 * wanted
    assert right >= 0.9 * found


@pytest.mark.parametrize(
    "text",
    [
        "<The mayor> said that a < b, and that b > c. He said it twice.",
        "<...> The talks went on.",
        "[We object,] the note says.",
        "{Applause} The floor is yours.",
        "The page begins with words. <p>It quotes a tag.</p>",
        '"messages": [] is what the file said.',
        "<- back to the list",
    ],
)
def test_plain_text_stays_plain(text):
    assert choose_reader(text) is read_plain


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>404 Not Found</title></head><body><p>Nothing lives at this address.</p></body>",
        "<!doctype html><title>Just a moment...</title><p>We look whether you are a person. It will not take long.</p>",
        "<html><body></body></html>",
        '{"error": {"code": 404, "message": "There is no article of this number in the archive of the paper."}}',
        "{}",
        "<rss version='2.0'><channel></channel></rss>",
    ],
)
def test_pages_without_an_article_have_no_passages(page, check_page):
    read = read_page(page.encode(), "page")
    check_page(read)
    assert read.passages == ()
