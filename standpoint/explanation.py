"""Why an answer came out as it did: how much each word of the passage spoke for a label.

A baseline is linear, so that its words' weights are exact (standpoint.contributions). Of any other model a
weight is what the label loses when the word is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from standpoint.encoding import ModelInput, compose
from standpoint.errors import BadInput
from standpoint.predictor import Predictor, to_log_odds

MAX_VARIANTS = 200  # texts scored for one explanation; 25 take a quarter of a second on one core, 200 long ones ten
STRONGEST = 10  # words, where only those that matter are shown

# Han, kana and their marks are written without spaces and are words by the character. Thai, Lao, Khmer and Burmese are
# too, but a character of theirs says nothing: each of their runs counts as one word.
_LONE = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LONE += "\uff66-\uff9f\U00020000-\U0003ffff"
_PIECE = re.compile(f"[{_LONE}]|[^\\s{_LONE}]+")

Span = tuple[int, int]


@dataclass(frozen=True)
class Word:
    """A word and its weight: how much it speaks for a label (above 0) or against it, in log odds of the answer.

    `start` and `end` count code points of the passage as `standpoint.encoding.normalise` returns it.
    """

    start: int
    end: int
    text: str
    weight: float


def explain(predictor: Predictor, text: str, target: str | None, label: str) -> list[Word]:
    """Return the words of a passage in its order, with what each added to the log odds of `label`.

    `target` is a wording, None for topics. Raises BadInput where the artifact does not know the label.
    """
    return explain_labels(predictor, text, target, [label])[0]


def explain_labels(predictor: Predictor, text: str, target: str | None, labels: Sequence[str]) -> list[list[Word]]:
    """Return what `explain` does for each label, at the price of one."""
    known = predictor.metadata.labels
    for label in labels:
        if label not in known:
            raise BadInput(f"expected one of the artifact's labels, {', '.join(known)}; found {label!r}", "label")
    item = compose(text, target)
    spans = find_words(item.text)
    if not spans:
        return [[] for _ in labels]
    if predictor.metadata.model == "baseline":
        from standpoint.backends.linear import LinearBackend
        from standpoint.contributions import word_contributions

        if isinstance(predictor.backend, LinearBackend):
            weights, _ = word_contributions(predictor.backend, predictor.metadata, item, spans, labels)
            return [_make_words(item.text, spans, row) for row in weights.tolist()]
    return _leave_out(predictor, item, spans, labels)


def strongest(words: Sequence[Word], count: int = STRONGEST) -> list[Word]:
    """Return the `count` words of most weight, for or against, in the order of the passage."""
    kept = sorted(words, key=lambda word: -abs(word.weight))[:count]
    return sorted(kept, key=lambda word: word.start)


def find_words(text: str) -> list[Span]:
    """Return the (start, end) of words: what stands between spaces, without the punctuation around it.

    Chinese and Japanese count by the character. What is punctuation only is no word.
    """
    spans = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        while start < end and _is_punctuation(text[start]):
            start += 1
        while start < end and _is_punctuation(text[end - 1]):
            end -= 1
        if start < end:
            spans.append((start, end))
    return spans


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P")


def _leave_out(
    predictor: Predictor, item: ModelInput, spans: Sequence[Span], labels: Sequence[str]
) -> list[list[Word]]:
    """Score the passage with and without each word, all in one call: the weight is the difference of the log odds.

    Of a long passage, runs of words are left out, so that there are at most MAX_VARIANTS. What the model does not read,
    because it cuts the passage before, has no weight.
    """
    size = -(-len(spans) // MAX_VARIANTS)
    runs = [(spans[first][0], spans[first : first + size][-1][1]) for first in range(0, len(spans), size)]
    variants = [compose(item.text[:start] + item.text[end:], item.target) for start, end in runs]
    logits, _ = predictor.logits([item, *variants])
    found = []
    for label in labels:
        odds = to_log_odds(logits, predictor.metadata, label)  # (1 + runs,)
        found.append(_make_words(item.text, runs, (odds[0] - odds[1:]).tolist()))
    return found


def _make_words(text: str, spans: Sequence[Span], weights: Sequence[float]) -> list[Word]:
    return [Word(start, end, text[start:end], weight) for (start, end), weight in zip(spans, weights, strict=True)]
