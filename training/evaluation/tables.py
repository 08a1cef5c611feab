"""Predictions as a table, kept with every run and read again when runs are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from standpoint.errors import BadInput
from training.evaluation.evaluator import Evaluation
from training.scoring import Predictions, gold_of

PREDICTIONS = "predictions.parquet"
ROW = ("id", "gold", "decided")  # the columns before the labels
PREFIX = "probability."  # of a label that is called like one of them


def _name_column(label: str) -> str:
    return PREFIX + label if label in ROW else label


def write_predictions(evaluation: Evaluation, path: Path) -> Path:
    """Write predictions.parquet: id, gold, decided and a probability column a label; replaces `path` by rename."""
    predictions = evaluation.predictions
    columns: dict[str, object] = {
        "id": list(predictions.ids),
        "gold": [list(labels) for labels in gold_of(evaluation.examples)],
        "decided": [list(labels) for labels in predictions.decided],
    }
    columns |= {_name_column(label): predictions.probabilities[:, i] for i, label in enumerate(predictions.labels)}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    pq.write_table(pa.table(columns), draft)
    draft.replace(path)
    return path


def read_predictions(path: Path) -> tuple[Predictions, list[tuple[str, ...]]]:
    """Read what `write_predictions` wrote: the predictions, and the gold labels of each example."""
    table = pq.read_table(path)
    if tuple(table.column_names[: len(ROW)]) != ROW:
        raise BadInput(f"expected the columns {', '.join(ROW)} first, found {', '.join(table.column_names)}", str(path))
    columns = table.column_names[len(ROW) :]
    probabilities = np.stack([table[column].to_numpy() for column in columns], axis=1).astype(np.float64)
    labels = [column.removeprefix(PREFIX) if column.removeprefix(PREFIX) in ROW else column for column in columns]
    ids, gold, decided = (table[name].to_pylist() for name in ROW)
    return Predictions(tuple(ids), tuple(labels), probabilities, tuple(map(tuple, decided))), [tuple(g) for g in gold]
