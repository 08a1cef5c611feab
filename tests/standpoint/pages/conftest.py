"""Golden pages: a page of our own writing beside the spans that a reader of it wants kept or dropped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
