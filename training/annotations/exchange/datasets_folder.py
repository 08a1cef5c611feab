"""`datasets` datasets: a folder that `load_dataset` opens out; a folder of theirs, or a name on the hub, in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput, MissingExtra
from training.annotations.exchange.mapping import Row, Shape, Table
from training.annotations.exchange.tables import write_parquet
from training.annotations.exchange.tasks import TaskSet
from training.files import replace_file

_SPLIT = "train"  # what `datasets` calls the only part of a dataset


def write_dataset(tasks: TaskSet, out: Path, shape: Shape) -> list[Path]:
    """Write `data/train-00000-of-00001.parquet` and a card into the folder `out`; returns the files."""
    configuration = {"configs": [{"config_name": "default", "data_files": f"data/{_SPLIT}-*.parquet"}]}
    card = (
        f"---\n{json.dumps(configuration)}\n---\n\nTopics and stances of passages, codebook {tasks.codebook.version}.\n"
    )
    files = write_parquet(tasks, out / "data" / f"{_SPLIT}-00000-of-00001.parquet", shape)
    replace_file(out / "README.md", card.encode())
    return [*files, out / "README.md"]


def read_dataset(source: str, split: str | None = None) -> Table:
    """Read one split of a dataset: a folder of `save_to_disk`, a folder of data files, or NAME or NAME:CONFIGURATION
    on the hub. Integers that stand for class names become the names. Raises BadInput."""
    found = _load(source)
    parts = dict(found) if isinstance(found, dict) else {split or _SPLIT: found}
    if split is None and len(parts) > 1:
        raise BadInput(f"has the splits {', '.join(parts)}; choose one with --split", source)
    name = split or next(iter(parts))
    if name not in parts:
        raise BadInput(f"has no split {name!r}; it has {', '.join(map(str, parts))}", source)
    part = parts[name]
    return Table(source, tuple(part.column_names), _name_classes(part, f"{source}#{name}"))


def _load(source: str) -> Any:
    try:
        import datasets
    except ModuleNotFoundError:
        raise MissingExtra("import datasets", "hub", "datasets") from None
    folder = Path(source)
    try:
        if folder.is_dir() and ((folder / "dataset_dict.json").exists() or (folder / "state.json").exists()):
            return datasets.load_from_disk(source)
        if folder.is_dir():
            with tempfile.TemporaryDirectory() as cache:  # or each reading would leave a copy in the user's own
                return datasets.load_dataset(source, cache_dir=cache, keep_in_memory=True)
        if folder.exists():
            raise BadInput("expected a folder or a name on the hub, found a file; import it as csv, jsonl, ...", source)
        name, _, configuration = source.partition(":")
        return datasets.load_dataset(name, configuration or None)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise BadInput(f"cannot be read as a dataset ({reason})", source) from None


def _name_classes(part: Any, source: str) -> Iterator[tuple[str, Row]]:
    names = {column: found for column, feature in part.features.items() if (found := _class_names(feature))}
    for number, row in enumerate(part, start=1):
        for column, classes in names.items():
            row[column] = _name_class(row[column], classes, f"{source}: row {number}")
        yield f"{source}: row {number}", row


def _class_names(feature: Any) -> list[str] | None:
    """Return the class names of a feature, or of the members of a list."""
    inner = getattr(feature, "feature", None)
    return getattr(feature, "names", None) or getattr(inner, "names", None)


def _name_class(value: Any, classes: list[str], where: str) -> Any:
    if isinstance(value, list):
        return [_name_class(item, classes, where) for item in value]
    if value is None or value == -1:  # -1: the hub's habit for a test split without labels
        return None
    if not isinstance(value, int) or not 0 <= value < len(classes):
        raise BadInput(f"the class {value!r} is none of the {len(classes)} that the dataset names", where)
    return classes[value]
