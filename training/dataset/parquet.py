"""Rows as Parquet that `datasets` and plain Parquet readers open alike: strings and lists of strings, no integers."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from training.dataset.rows import Row

_ORIGIN = ("document", "group", "outlet", "kind", "date", "language")
COLUMNS = {
    "topic": ("id", "text", "labels", *_ORIGIN, "status", "mentioned"),
    "stance": ("id", "text", "target", "label", *_ORIGIN, "holder", "status", "mentioned"),
}
_LISTS = ("labels", "mentioned")


def encode_rows(configuration: str, rows: Sequence[Row]) -> bytes:
    """Return a Parquet file with the columns of a configuration; the same rows give the same bytes."""
    columns = COLUMNS[configuration]
    string = {"dtype": "string", "_type": "Value"}
    features = {name: {"feature": string, "_type": "List"} if name in _LISTS else string for name in columns}
    schema = pa.schema(
        [pa.field(name, pa.list_(pa.string()) if name in _LISTS else pa.string()) for name in columns],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
