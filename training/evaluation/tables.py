"""Predictions as a table, kept with every run."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from training.evaluation.evaluator import Evaluation
from training.scoring import gold_of


def write_predictions(evaluation: Evaluation, path: Path) -> Path:
    """Write predictions.parquet: id, gold, decided and a probability column a label; replaces `path` by rename."""
    predictions = evaluation.predictions
    columns: dict[str, object] = {
        "id": list(predictions.ids),
        "gold": [list(labels) for labels in gold_of(evaluation.examples)],
        "decided": [list(labels) for labels in predictions.decided],
    }
    columns |= {label: predictions.probabilities[:, i] for i, label in enumerate(predictions.labels)}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    pq.write_table(pa.table(columns), draft)
    draft.replace(path)
    return path
