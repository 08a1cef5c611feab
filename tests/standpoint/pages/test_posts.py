"""A messenger's channel copied as plain text: each post once, the better copy, without the messenger's furniture."""

from __future__ import annotations

import pytest

from standpoint.pages.plain import read_plain
from standpoint.pages.posts import is_posts, read_posts
from standpoint.pages.reading import read_page
from standpoint.pages.shapes import choose_reader

SAID = "The mission asks for a second report, written by people who have been there and counted the ships."
TAIL = "👁 1.7K\n👍 77 👎 5\nForwarded from Ministry of Orra\n👁 2.1K"


def test_a_preview_yields_to_the_whole_text_on_either_side():
    preview = SAID[:60] + "…"
    for first, second in ((preview, SAID), (SAID, preview)):
        page = read_page(f"{first}\n{TAIL}\n{second}\n👍 3".encode(), "page")
        assert [p.text for p in page.passages] == [SAID]


def test_the_copy_without_marks_is_kept_and_a_lone_marked_one_is_cleaned():
    marked = SAID.replace("second report", "**second** [report](https://reports.example/2)")
    both = f"{marked}\n{TAIL}\n{SAID}\n👍 3"
    page = read_page(both.encode(), "page")
    assert [(p.start, p.text) for p in page.passages] == [(both.index(SAID), SAID)]
    alone = read_page(f"{marked}\n{TAIL}\n👍 3".encode(), "page")
    assert [(p.start, p.end, p.text) for p in alone.passages] == [(0, len(marked), SAID)]


@pytest.mark.parametrize(
    "header",
    ["Harbour Voice, [03.02.2025 11:40]", "[2024-10-02 18:05:11]", "Forwarded from Brask Notes", "📌 Pinned message"],
)
def test_headers_are_dropped(header):
    page = read_page(f"{header}\n{SAID}\n{TAIL}".encode(), "page")
    assert [p.text for p in page.passages] == [SAID]


def test_an_article_that_counts_is_no_channel():
    article = f"{SAID}\n\nThe film had 12 views.\n\nIt was forwarded from hand to hand.\n\n{SAID} Again."
    assert not is_posts(article)
    assert choose_reader(article) is read_plain
    assert choose_reader(f"{SAID}\n{TAIL}") is read_posts
