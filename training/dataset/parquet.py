"""Rows as Parquet that `datasets` and plain Parquet readers open alike: strings and lists of strings, no integers."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from training.dataset.rows import COLUMNS
from training.files import digest_lines

ROW_GROUP = 8192  # rows; what is held in memory of each part
_LISTS = ("labels", "mentioned")


def row_schema(configuration: str) -> pa.Schema:
    """Return the columns of a configuration, with the key under which `datasets` looks for their types."""
    columns = COLUMNS[configuration]
    string = {"dtype": "string", "_type": "Value"}
    features = {name: {"feature": string, "_type": "List"} if name in _LISTS else string for name in columns}
    return pa.schema(
        [pa.field(name, pa.list_(pa.string()) if name in _LISTS else pa.string()) for name in columns],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )


class PartWriter:
    """Write the rows of one split of a configuration as they come.

    The same rows give the same bytes, however they were cut into tables. `rows`, `labels`, `targets` and `digest` tell
    of the rows written so far.
    """

    def __init__(self, path: Path, configuration: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.schema = row_schema(configuration)
        self.rows = 0
        self.labels: Counter[str] = Counter()
        self.targets: Counter[str] = Counter()
        self._label = "labels" if configuration == "topic" else "label"
        self._digest = ContentDigest()
        self._waiting: list[pa.Table] = []
        self._file = pq.ParquetWriter(path, self.schema, compression="zstd")

    def write(self, rows: pa.Table) -> None:
        """Take rows with the columns of the configuration."""
        rows = rows.cast(self.schema)
        for counter, column in ((self.labels, self._label), (self.targets, "target")):
            if column in self.schema.names:
                found = rows[column].combine_chunks()
                counts = pc.value_counts(found.flatten() if column in _LISTS else found)
                counter.update({item["values"]: item["counts"] for item in counts.to_pylist()})
        self.rows += len(rows)
        self._digest.update(rows)
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= ROW_GROUP:
            waiting = pa.concat_tables(self._waiting)
            whole = len(waiting) - len(waiting) % ROW_GROUP
            self._flush(waiting.slice(0, whole))
            self._waiting = [waiting.slice(whole)]

    def _flush(self, rows: pa.Table) -> None:
        # Pages end where chunks do: one chunk, so that the bytes depend on the rows alone.
        if len(rows):
            for start in range(0, len(rows), ROW_GROUP):
                self._file.write_table(rows.slice(start, ROW_GROUP).combine_chunks(), row_group_size=ROW_GROUP)

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        if self._waiting:
            self._flush(pa.concat_tables(self._waiting))
        self._waiting = []
        self._file.close()

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class ContentDigest:
    """sha256 over the content of rows, column by column: the lengths of its values (int32, little endian) and their
    bytes. It depends neither on how the rows were cut into tables nor on the version of a file format."""

    def __init__(self) -> None:
        self._hashes: dict[str, hashlib._Hash] = {}

    def update(self, rows: pa.Table) -> None:
        """Take rows of strings and lists of strings, without nulls."""
        for name in rows.column_names:
            for array in rows[name].chunks:
                if pa.types.is_list(array.type):
                    self._feed(f"{name}/lists", pc.list_value_length(array).to_numpy())
                    array = array.flatten()
                self._feed(f"{name}/lengths", pc.binary_length(array).to_numpy())
                offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
                if len(array):
                    self._feed(f"{name}/bytes", np.frombuffer(array.buffers()[2], np.uint8)[offsets[0] : offsets[-1]])

    def _feed(self, key: str, content: np.ndarray) -> None:  # type: ignore[type-arg]
        self._hashes.setdefault(key, hashlib.sha256()).update(np.ascontiguousarray(content))

    def hexdigest(self) -> str:
        return digest_lines([key, found.hexdigest()] for key, found in sorted(self._hashes.items()))
