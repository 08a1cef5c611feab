"""Golden pages: a page of our own writing beside the spans that a reader of it wants kept or dropped."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from standpoint.encoding import normalise
from standpoint.pages.page import BLANK, Page

GOLDEN = Path(__file__).parents[2] / "golden" / "pages"


@dataclass(frozen=True)
class GoldenPage:
    name: str
    outlet: str
    text: str
    spans: tuple[dict[str, Any], ...]

    @property
    def expected(self) -> list[tuple[int, int, str]]:
        return [(span["start"], span["end"], span.get("reason", "")) for span in self.spans]


def read_golden_pages() -> list[GoldenPage]:
    pages = []
    for path in sorted(GOLDEN.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
        pages.append(GoldenPage(path.stem, content["outlet"], text, tuple(content["spans"])))
    return pages


@pytest.fixture(scope="session")
def golden_pages() -> list[GoldenPage]:
    return read_golden_pages()


def account_for(page: Page) -> None:
    """Check that a page's spans cover it in order, and that its passages are tight and clean."""
    position = 0
    for span in sorted([*page.passages, *page.dropped], key=lambda span: span.start):
        assert span.start == position
        assert span.end > span.start
        position = span.end
    assert position == len(page.characters)
    for passage in page.passages:
        covered = page.characters[passage.start : passage.end]
        assert covered == covered.strip()
        assert passage.text
        assert passage.text == normalise(passage.text)
    for span in page.dropped:
        if span.reason == BLANK:
            assert not normalise(page.characters[span.start : span.end])


@pytest.fixture(scope="session")
def check_page() -> Callable[[Page], None]:
    return account_for


@pytest.fixture(scope="session")
def count_work() -> Callable[[Callable[[], object]], int]:
    """Return a function that counts the lines of our code that run for a call: repeatable, unlike seconds."""

    def count(call: Callable[[], object]) -> int:
        steps = 0

        def trace(frame: FrameType, event: str, _: object) -> Any:
            nonlocal steps
            steps += event == "line"
            return trace if "standpoint" in frame.f_code.co_filename else None

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(before)
        return steps

    return count
