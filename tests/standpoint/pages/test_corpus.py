"""Reading each document of the corpus as a plain page gives exactly its annotated spans, the title apart."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from standpoint.encoding import normalise
from standpoint.pages.reading import read_page

DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def pages():
    documents = [json.loads(line) for line in (DATA / "documents.jsonl").open(encoding="utf-8")]
    return [(document, read_page(document["text"].encode(), document["id"])) for document in documents]


def test_passages_are_the_annotated_spans(pages):
    wanted = defaultdict(set)
    for line in (DATA / "annotations" / "writer.jsonl").open(encoding="utf-8"):
        annotation = json.loads(line)
        wanted[annotation["document"]].add((annotation["start"], annotation["end"]))
    assert pages
    for document, page in pages:
        found = {(p.start, p.end) for p in page.passages if p.start >= len(document["title"])}
        assert found == wanted[document["id"]], document["id"]


def test_text_is_the_normalised_slice(pages):
    for document, page in pages:
        for passage in page.passages:
            assert passage.text == normalise(document["text"][passage.start : passage.end])


def test_language_is_english(pages):
    languages = [p.language for document, page in pages for p in page.passages if document["language"] == "en"]
    assert languages.count("en") >= 0.995 * len(languages)
