"""The formats that annotations are exported to and imported from, by the name that the command line knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from standpoint.errors import BadInput
from training.annotations.exchange.datasets_folder import read_dataset, write_dataset
from training.annotations.exchange.doccano import read_doccano, write_doccano
from training.annotations.exchange.findings import Findings
from training.annotations.exchange.label_studio import read_label_studio, write_label_studio
from training.annotations.exchange.mapping import Shape, Table
from training.annotations.exchange.prodigy import read_prodigy, write_prodigy
from training.annotations.exchange.tables import (
    read_csv,
    read_json_lines,
    read_parquet,
    read_tsv,
    write_csv,
    write_json_lines,
    write_parquet,
    write_tsv,
)
from training.annotations.exchange.tasks import TaskSet


@dataclass(frozen=True)
class Tool:
    """A tool for annotating. `suggests` says that it tells a model's suggestion from somebody's annotation."""

    write: Callable[[TaskSet, Path], list[Path]]
    read: Callable[[Path], Findings]
    suggests: bool


@dataclass(frozen=True)
class TableFormat:
    """A kind of table, and the shape that its rows have where nobody asks for another."""

    write: Callable[[TaskSet, Path, Shape], list[Path]]
    read: Callable[[str, str | None], Table]  # source, split
    shape: Shape


def _read_file(read: Callable[[Path], Table]) -> Callable[[str, str | None], Table]:
    def read_unsplit(source: str, split: str | None) -> Table:
        if split is not None:
            raise BadInput("only a dataset has splits; leave it out", "--split")
        return read(Path(source))

    return read_unsplit


TOOLS: Mapping[str, Tool] = {
    "label-studio": Tool(write_label_studio, read_label_studio, suggests=True),
    "doccano": Tool(write_doccano, read_doccano, suggests=False),
    "prodigy": Tool(write_prodigy, read_prodigy, suggests=True),
}
TABLES: Mapping[str, TableFormat] = {
    "csv": TableFormat(write_csv, _read_file(read_csv), "pairs"),
    "tsv": TableFormat(write_tsv, _read_file(read_tsv), "pairs"),
    "jsonl": TableFormat(write_json_lines, _read_file(read_json_lines), "annotations"),
    "parquet": TableFormat(write_parquet, _read_file(read_parquet), "annotations"),
    "datasets": TableFormat(write_dataset, read_dataset, "annotations"),
}
