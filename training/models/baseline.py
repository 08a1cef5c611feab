"""The scikit-learn baseline: TF-IDF of words and characters with a logistic regression.

standpoint train stance --model baseline --data data/build --out runs/stance-baseline
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from standpoint.backends.linear_model import TERMS, WEIGHTS
from standpoint.codebook import UNRELATED
from standpoint.encoding import compose, target_key
from training.examples import Example
from training.models.linear_export import export_linear
from training.models.settings import BaselineSettings
from training.models.sparse_features import stance_features, text_features


def fit_baseline(
    examples: Sequence[Example],
    task: str,
    labels: Sequence[str],
    targets: Sequence[str],
    settings: BaselineSettings,
    seed: int,
) -> dict[str, Any]:
    """Fit vectorizers and classifiers on `examples`; returns these parts, which `write_baseline` writes.

    Columns of the classifier are in the order of `labels`. Whether a passage refers to the target is a decision of its
    own: in one decision of four labels, words of the passage cannot tell a side from a target that is not there.
    """
    inputs = [compose(example.text, example.target, example.mention) for example in examples]
    texts = sorted({item.text for item in inputs})
    parts: dict[str, Any] = {
        "words": _fit_vectorizer(texts, settings, "word", (1, settings.words)),
        "chars": _fit_vectorizer(texts, settings, "char_wb", (2, settings.characters)),
    }
    blind = settings.features == "text"
    parts["relation"] = None
    if task == "stance":
        known = {target_key(target): row for row, target in enumerate(targets)}
        features = text_features(parts, [i.text for i in inputs]) if blind else stance_features(parts, inputs, known)
        related = np.array([example.stance != UNRELATED for example in examples])
        if UNRELATED in labels:
            parts["relation"] = _decision(settings, seed).fit(features, related)
        features = features[related]
        gold: Any = np.array([labels.index(str(e.stance)) for e in examples if e.stance != UNRELATED])
    else:
        features = text_features(parts, [item.text for item in inputs])
        gold = np.array([[label in example.topics for label in labels] for example in examples], dtype=np.int64)
    parts["classifier"] = OneVsRestClassifier(_decision(settings, seed)).fit(features, gold)
    return parts


def _decision(settings: BaselineSettings, seed: int) -> LogisticRegression:
    # With far more features than examples the dual problem is many times faster to solve.
    return LogisticRegression(C=settings.strength, solver="liblinear", dual=True, max_iter=1000, random_state=seed)


def write_baseline(folder: Path, parts: dict[str, Any]) -> None:
    """Write the two files that a linear model is loaded from."""
    description, arrays = export_linear(parts)
    (folder / TERMS).write_text(description.model_dump_json() + "\n", encoding="utf-8")
    (folder / WEIGHTS).write_bytes(save(arrays))  # its save_file would write what only the owner reads


def _fit_vectorizer(
    texts: Sequence[str], settings: BaselineSettings, analyzer: str, ngrams: tuple[int, int]
) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=ngrams,
        min_df=min(settings.min_documents, max(1, len(texts) // 20)),
        max_features=settings.max_features,
        sublinear_tf=True,
        dtype=np.float32,
        token_pattern=r"(?u)\b\w+\b" if analyzer == "word" else None,
    ).fit(texts)
