"""From what scikit-learn fitted to what the linear model of an artifact is loaded from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from standpoint.backends.linear_model import VERSION, Description, Terms

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]


def export_linear(parts: dict[str, Any]) -> tuple[Description, Arrays]:
    """Return the content of linear.json and the arrays of linear.safetensors.

    `parts` are two fitted TfidfVectorizers, `words` and `chars`, a `classifier`, and `relation`, which may be None. How
    many targets have a block of their own follows from the width F of their features: see `stance_features`.
    """
    weights, intercepts = read_decisions(parts["classifier"])
    if parts["relation"] is not None:
        relation, intercept = read_decisions(parts["relation"])
        weights = np.concatenate([weights, relation[:, -1:]], axis=1)
        intercepts = np.concatenate([intercepts, intercept[-1:]])
    words, characters = _list_terms(parts["words"]), _list_terms(parts["chars"])
    alone = len(words.terms) + len(characters.terms)
    arrays = {
        "word_idf": parts["words"].idf_,
        "word_weights": weights[: len(words.terms)],
        "character_idf": parts["chars"].idf_,
        "character_weights": weights[len(words.terms) : alone],
        "intercepts": intercepts,
    }
    targets = None
    if len(weights) > alone:
        targets = (len(weights) - alone - len(words.terms) - 3) // (len(words.terms) + 1)
        arrays |= _cut_pairs(weights[alone:], len(words.terms), targets)
    description = Description(
        version=VERSION,
        words=words,
        characters=characters,
        decisions=len(intercepts),
        relation=parts["relation"] is not None,
        targets=targets,
    )
    narrow = {name: np.float32 if array.dtype.kind == "f" else np.int32 for name, array in arrays.items()}
    return description, {name: np.ascontiguousarray(array, narrow[name]) for name, array in arrays.items()}


def read_decisions(classifier: Any) -> tuple[Array, Array]:
    """Return weights (F, D) and intercepts (D,) of a classifier, one decision per class.

    Of two classes scikit-learn keeps the second one's log odds only; the first one's are zeros. A label that all
    examples have, or none, is a constant.
    """
    models = getattr(classifier, "estimators_", [classifier])
    width = next(model.coef_.shape[1] for model in models if hasattr(model, "coef_"))
    rows = [model.coef_ if hasattr(model, "coef_") else np.zeros((1, width)) for model in models]
    constants = [model.intercept_ if hasattr(model, "coef_") else np.ravel(model.y_) for model in models]
    weights, intercepts = np.concatenate(rows).T.astype(np.float64), np.concatenate(constants).astype(np.float64)
    if len(intercepts) == 1:
        weights, intercepts = np.column_stack([np.zeros(width), weights]), np.array([0.0, intercepts[0]])
    return weights, intercepts


def _list_terms(vectorizer: TfidfVectorizer) -> Terms:
    shortest, longest = vectorizer.ngram_range
    terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    return Terms(shortest=shortest, longest=longest, terms=terms)


def _cut_pairs(weights: Array, words: int, targets: int) -> Arrays:
    """Cut the weights that only a pair has, (words x targets + targets + words + 3, D), into their blocks."""
    own, intercepts, wording, overlap = np.split(weights, np.cumsum([words * targets, targets, words]))
    by_word = own.reshape(targets, words, -1).transpose(1, 0, 2)
    # liblinear leaves exact zeros where it saw no example: two rows of three.
    own_words, own_targets = np.nonzero((by_word != 0).any(axis=2))
    wording_words = np.flatnonzero((wording != 0).any(axis=1))
    return {
        "own_words": own_words,
        "own_targets": own_targets,
        "own_weights": by_word[own_words, own_targets],
        "own_intercepts": intercepts,
        "wording_words": wording_words,
        "wording_weights": wording[wording_words],
        "overlap": overlap,
    }
