"""What each word of a passage adds to a baseline's answer, exactly.

Every decision of a baseline is linear in its TF-IDF features, the length to which they are scaled taken as given. The
part of an n-gram is its value times its coefficient, also where it stands once more in the block of its target. It is
dealt out to the words that the n-gram covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from standpoint.artifact import Metadata
from standpoint.backends.linear import LinearBackend
from standpoint.encoding import ModelInput
from standpoint.predictor import to_log_odds

Array = NDArray[np.float64]
Span = tuple[int, int]

POINTS = 128  # of the integral in word_contributions: its error is below 1e-9 where all words move a logit by 40
_CHUNK = re.compile(r"\S+")


def word_contributions(
    backend: LinearBackend, metadata: Metadata, item: ModelInput, words: Sequence[Span], labels: Sequence[str]
) -> tuple[Array, Array]:
    """Return weights (labels, words) and bias (labels,): each row and its bias sum to the label's log odds.

    These are of the calibrated probability, as the predictor answers it. `bias` is the label's log odds if no word
    said anything: intercepts, the target's own words and their overlap with the passage.

    Of a topic they are the decision's logit over the temperature, and so linear. Of a stance they depend on several
    decisions, those for the other sides and the one whether the passage refers to the target at all (`relation`): each
    decision's part counts by the slope of the log odds in it, averaged from bias to answer as all words come in
    together (Aumann and Shapley 1974; integrated gradients, Sundararajan et al. 2017).
    """
    shares, rest = decision_shares(backend, item, words)  # (words, D), (D,)
    steps, step_weights = _quadrature()
    path = rest + steps[:, np.newaxis] * shares.sum(axis=0)  # (points, D)
    weights = [shares @ (step_weights @ _slopes(backend, metadata, path, label)) for label in labels]
    alone = backend.join(rest[np.newaxis])
    return np.stack(weights), np.concatenate([to_log_odds(alone, metadata, label) for label in labels])


def decision_shares(backend: LinearBackend, item: ModelInput, words: Sequence[Span]) -> tuple[Array, Array]:
    """Return what each word adds to each linear decision, (words, D), and the rest of these decisions, (D,)."""
    row = backend.features([item])
    # The decisions are asked for every feature alone, and for none: no need to know how the classifier is made.
    count = len(row.indices)
    pointers = np.concatenate([[0], np.arange(count + 1)]).astype(np.int32)
    alone = sp.csr_array((row.data, row.indices, pointers), shape=(count + 1, row.shape[1]))
    decisions = backend.decisions(alone)
    parts = decisions[1:] - decisions[0]  # (features, D)
    terms = backend.passage_terms(row.indices.astype(np.int64))
    dealt = deal_terms(backend.parts, item.text, words)[:, terms[terms >= 0]]
    shares = np.asarray(dealt @ parts[terms >= 0])
    return shares, decisions[0] + parts.sum(axis=0) - shares.sum(axis=0)


def deal_terms(parts: dict[str, Any], text: str, words: Sequence[Span]) -> sp.csc_array:
    """Return which share of each n-gram falls to each word, (words, n-grams), as `passage_terms` numbers n-grams.

    An n-gram of words is shared evenly by its words, one of characters by these. Punctuation counts with the word that
    it is attached to; standing alone it belongs to none.
    """
    places: list[int] = []
    columns: list[int] = []
    amounts: list[float] = []
    owners = own_characters(text, words)
    offset = 0
    for name, locate in (("words", locate_words), ("chars", locate_characters)):
        vectorizer = parts[name]
        lowered, origins = preprocess(vectorizer, text)
        mine = owners[origins]
        for term, spans in locate(vectorizer, lowered):
            column = vectorizer.vocabulary_.get(term)
            if column is None:
                continue
            for start, end in spans:
                places += mine[start:end].tolist()
                columns += [offset + column] * (end - start)
                amounts += [1 / (len(spans) * (end - start))] * (end - start)
        offset += len(vectorizer.vocabulary_)
    # The last row is what belongs to no word; each column is divided by how often its n-gram occurs.
    dealt = sp.coo_array((amounts, (places, columns)), shape=(len(words) + 1, offset)).tocsc()
    times = dealt.sum(axis=0)
    return (dealt @ sp.diags_array(1 / np.where(times > 0, times, 1)))[: len(words)].tocsc()


def own_characters(text: str, words: Sequence[Span]) -> NDArray[np.int64]:
    """Return the number of the word that each character belongs to, (characters,); len(words): none.

    What stands between two spaces belongs to the words there: to the one before it, else to the first one.
    """
    owners = np.full(len(text), len(words), dtype=np.int64)
    for row, (start, end) in enumerate(words):
        owners[start:end] = row
    for chunk in _CHUNK.finditer(text):
        inside = owners[chunk.start() : chunk.end()]
        known = np.flatnonzero(inside < len(words))
        if len(known):
            before = np.searchsorted(known, np.arange(len(inside)), side="right") - 1
            inside[:] = inside[known[np.maximum(before, 0)]]
    return owners


def preprocess(vectorizer: Any, text: str) -> tuple[str, NDArray[np.int64]]:
    """Return the text as the vectorizer's analyzer sees it, and from which character each of its own comes.

    Lower case can be longer: İ becomes two characters. How long does not depend on a character's neighbours, though
    the final sigma does, so that characters are counted one by one and the text is taken as a whole.
    """
    change = vectorizer.build_preprocessor()
    return change(text), np.repeat(np.arange(len(text)), [len(change(character)) for character in text])


def locate_words(vectorizer: Any, text: str) -> Iterator[tuple[str, list[Span]]]:
    """Yield the n-grams of words that the vectorizer counts in a preprocessed text, and where each of its words is."""
    pattern = re.compile(vectorizer.token_pattern)
    spans = [match.span(pattern.groups) for match in pattern.finditer(text)]
    tokens = [text[start:end] for start, end in spans]
    low, high = vectorizer.ngram_range
    for size in range(low, min(high, len(tokens)) + 1):
        for first in range(len(tokens) - size + 1):
            yield " ".join(tokens[first : first + size]), spans[first : first + size]


def locate_characters(vectorizer: Any, text: str) -> Iterator[tuple[str, list[Span]]]:
    """Yield the n-grams of characters that `char_wb` counts, and where each is: within a word, blanks at its ends."""
    low, high = vectorizer.ngram_range
    for chunk in _CHUNK.finditer(text):
        start, end = chunk.span()
        padded = f" {chunk[0]} "
        for size in range(low, high + 1):
            for first in range(max(1, len(padded) - size + 1)):
                place = start - 1 + first
                yield padded[first : first + size], [(max(start, place), min(end, place + size))]
            if len(padded) <= size:  # a short word is counted once
                break


@cache
def _quadrature() -> tuple[Array, Array]:
    """Return points and weights of Gauss and Legendre between 0 and 1."""
    points, weights = np.polynomial.legendre.leggauss(POINTS)
    return (points + 1) / 2, weights / 2


def _slopes(backend: LinearBackend, metadata: Metadata, decisions: Array, label: str) -> Array:
    """Return how the label's log odds change with each decision, (N, D), at decisions (N, D)."""
    column = metadata.labels.index(label)
    if metadata.task == "topic":
        slopes = np.zeros_like(decisions)
        slopes[:, column] = 1
        return slopes / metadata.temperature
    scaled = backend.join(decisions) / metadata.temperature
    scaled[:, column] = -np.inf
    slopes = -_softmax(scaled)
    slopes[:, column] = 1
    slopes /= metadata.temperature  # with each logit, (N, L)
    if backend.parts["relation"] is None:
        return slopes
    # The logits are the logarithms of the sides' shares, and minus the relation: see join_decisions.
    sides = slopes[:, :-1] - _softmax(decisions[:, :-1]) * slopes[:, :-1].sum(axis=1, keepdims=True)
    return np.concatenate([sides, -slopes[:, -1:]], axis=1)


def _softmax(logits: Array) -> Array:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))
