"""What each word of a passage adds to a baseline's answer, exactly.

Every decision of a baseline is linear in its TF-IDF features, the length to which they are scaled taken as given. The
part of an n-gram is its value times its coefficient, also where it stands once more in the block of its target. It is
dealt out to the words that the n-gram covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from standpoint.backends.linear import LinearBackend
from standpoint.backends.ngrams import WORD, Vector, Vocabulary, place_characters
from standpoint.encoding import ModelInput
from standpoint.metadata import Metadata
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
    lowered, origins = lower_characters(item.text)
    owners = own_characters(item.text, words)[origins]
    passage_words, passage_characters = backend.passage_parts(item)
    shares = deal_parts(locate_words(backend.model.words, lowered), *passage_words, owners, len(words))
    shares += deal_parts(locate_characters(backend.model.characters, lowered), *passage_characters, owners, len(words))
    return shares, backend.decisions([item])[0] - shares.sum(axis=0)


def deal_parts(
    located: Iterable[tuple[int, Sequence[Span]]], vector: Vector, parts: Array, owners: NDArray[np.int64], count: int
) -> Array:
    """Return what falls to each of `count` words, (count, D), of the parts (n, D) of a passage's n-grams.

    `located` are the columns of n-grams and where each stands. One of words is shared evenly by its words, one of
    characters by these. Punctuation counts with the word that it is attached to; standing alone it belongs to none.
    """
    places: list[int] = []
    columns: list[int] = []
    amounts: list[float] = []
    for column, spans in located:
        for start, end in spans:
            if start == end:  # a blank that the vocabulary counts, and no word has
                continue
            places += owners[start:end].tolist()
            columns += [column] * (end - start)
            amounts += [1 / (len(spans) * (end - start))] * (end - start)
    rows = np.searchsorted(vector.columns, np.array(columns, dtype=np.int32))
    times = np.bincount(rows, amounts, len(vector.columns))  # how often each n-gram occurs
    dealt = (np.array(amounts) / times[rows])[:, np.newaxis] * parts[rows]
    shares = np.zeros((count + 1, parts.shape[1]))  # the last row is what belongs to no word
    np.add.at(shares, np.array(places, dtype=np.intp), dealt)
    return shares[:count]


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


def lower_characters(text: str) -> tuple[str, NDArray[np.int64]]:
    """Return the text in lower case, as its n-grams are taken, and from which character each of its own comes.

    Lower case can be longer: İ becomes two characters. How long does not depend on a character's neighbours, though
    the final sigma does, so that characters are counted one by one and the text is taken as a whole.
    """
    return text.lower(), np.repeat(np.arange(len(text)), [len(character.lower()) for character in text])


def locate_words(vocabulary: Vocabulary, text: str) -> Iterator[tuple[int, list[Span]]]:
    """Yield the columns of a text's n-grams of words, and where each of their words is; the text is in lower case."""
    spans = [match.span() for match in WORD.finditer(text)]
    tokens = [text[start:end] for start, end in spans]
    for size in range(vocabulary.shortest, min(vocabulary.longest, len(tokens)) + 1):
        for first in range(len(tokens) - size + 1):
            column = vocabulary.columns.get(" ".join(tokens[first : first + size]))
            if column is not None:
                yield column, spans[first : first + size]


def locate_characters(vocabulary: Vocabulary, text: str) -> Iterator[tuple[int, list[Span]]]:
    """Yield the columns of a text's n-grams of characters, and where each is: within a word, blanks at its ends."""
    for chunk in _CHUNK.finditer(text):
        start, end = chunk.span()
        for offset, term in place_characters(chunk[0], vocabulary.shortest, vocabulary.longest):
            column = vocabulary.columns.get(term)
            if column is not None:
                place = start - 1 + offset  # a blank stands before it
                yield column, [(max(start, place), min(end, place + len(term)))]


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
    if not backend.model.relation:
        return slopes
    # The logits are the logarithms of the sides' shares, and minus the relation: see join_decisions.
    sides = slopes[:, :-1] - _softmax(decisions[:, :-1]) * slopes[:, :-1].sum(axis=1, keepdims=True)
    return np.concatenate([sides, -slopes[:, -1:]], axis=1)


def _softmax(logits: Array) -> Array:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))
