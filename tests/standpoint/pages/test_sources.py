"""Structure of what is read from five real pages that lie outside the repository; skipped where they are missing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from standpoint.pages.reading import read_page

SHARED = Path(os.environ.get("STANDPOINT_SHARED", Path(__file__).parents[4] / "shared")) / "sources"
PAGES = sorted(SHARED.glob("*.txt"))

pytestmark = pytest.mark.skipif(not PAGES, reason=f"no pages in {SHARED}; set STANDPOINT_SHARED to the shared folder")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name[:3])
def test_no_repeat_no_furniture(path):
    passages = read_page(path.read_bytes(), path.name).passages
    texts = [passage.text.casefold() for passage in passages]
    assert len(texts) >= 5
    assert len(texts) == len(set(texts))
    for text in texts:
        assert len(text) >= 20
        assert not re.match(r"(#\w+\s*)+$|https?://\S+$|more from|related|read more|subscribe|share\b|©", text)


@pytest.mark.parametrize(
    ("prefix", "paragraphs"), [("000", (11, 11)), ("002", (9, 9)), ("003", (6, 7)), ("004", (10, 10))]
)
def test_number_of_paragraphs(prefix, paragraphs):
    for path in PAGES:
        if path.name.startswith(prefix):
            assert paragraphs[0] <= len(read_page(path.read_bytes(), path.name).passages) <= paragraphs[1]


def test_two_languages_in_one_channel():
    for path in PAGES:
        if path.name.startswith("001"):
            languages = [passage.language for passage in read_page(path.read_bytes(), path.name).passages]
            assert languages.count("ru") == 4
            assert set(languages) == {"ru", "en"}
