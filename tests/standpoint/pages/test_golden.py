"""Golden pages read as a person would; and every rule earns its place on two outlets."""

from __future__ import annotations

import pytest

from standpoint.pages.plain import read_plain
from standpoint.pages.reading import read_page
from standpoint.pages.rules import RULES


def spans_of(text: str, without: frozenset[str] = frozenset()) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.reason) for span in read_plain(text, without)]


def test_every_golden_page_gives_its_spans_and_reasons(golden_pages):
    assert len(golden_pages) >= 9
    for page in golden_pages:
        assert spans_of(page.text) == page.expected, page.name


def test_kept_text_language_and_speaker(golden_pages):
    for page in golden_pages:
        passages = read_page(page.text.encode(), page.name).passages
        found = [(p.start, p.text, p.language, p.speaker) for p in passages]
        kept = [span for span in page.spans if "reason" not in span]
        assert found == [(s["start"], s["text"], s["language"], s.get("speaker")) for s in kept], page.name


def test_dropped_spans_begin_as_the_golden_file_says(golden_pages):
    for page in golden_pages:
        for span in page.spans:
            if "reason" in span:
                assert page.text[span["start"] : span["end"]].startswith(span["begins"])


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_switching_a_rule_off_fails_two_outlets(rule, golden_pages):
    failing = {page.outlet for page in golden_pages if spans_of(page.text, frozenset({rule})) != page.expected}
    assert len(failing) >= 2


def test_rule_names_are_unique():
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
