"""A corpus in memory: three annotators and an adjudicator, invented documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from standpoint.codebook import Codebook
from training.annotations.records import Annotation, Corpus, Document, StanceLabel

MakeCorpus = Callable[..., Corpus]
Said = tuple[str, str, Sequence[str] | None, dict[str, str] | None]  # document, annotator, topics, stances


@pytest.fixture
def make_corpus() -> MakeCorpus:
    """Return a corpus of judgements; each document is one passage, its text as given or made up."""

    def make(said: Sequence[Said], texts: dict[str, str] | None = None) -> Corpus:
        codebook = Codebook.model_validate(
            {
                "version": "1.0.0",
                "language": "en",
                "stance": {"labels": {"favor": "for", "against": "against", "none": "no side"}},
                "topics": {"labels": {name: {"name": name, "is": name} for name in ("water", "roads", "other")}},
                "targets": {"the-dam": "the Arle dam", "the-toll": "the bridge toll"},
            }
        )
        names = list(dict.fromkeys(document for document, *_ in said))
        documents = {
            name: Document(
                name, "Arle Courier", "news", "2024-05-01", "en", "", (texts or {}).get(name, f"Passage {name}.")
            )
            for name in names
        }
        annotations = tuple(
            Annotation(
                document,
                0,
                len(documents[document].text),
                annotator,
                None if topics is None else tuple(topics),
                None if stances is None else tuple(StanceLabel(t, s, "author") for t, s in stances.items()),
                "made",
            )
            for document, annotator, topics, stances in said
        )
        return Corpus(Path("town"), codebook, documents, annotations)

    return make
