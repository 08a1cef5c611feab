"""Carry a sealed artifact to a later codebook version, where nothing but names has changed.

Renames only: labels change their names in the metadata and the weights stay as they are. A merge, split, removal,
changed rule or other wording asks something else of the model than it has learnt, and no sum of its probabilities is
an answer to that: topics are judged independently, and their thresholds were chosen one by one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standpoint import artifact
from standpoint.backends import load_backend
from standpoint.codebook import Codebook, read_codebook
from standpoint.encoding import target_key
from standpoint.errors import BadInput, Refused
from standpoint.golden import replay_golden
from standpoint.metadata import CodebookReference, Metadata
from standpoint.predictor import Predictor, load_predictor
from training.migrations.changes import Add, Change, Rename, describe_change, rewords_target
from training.migrations.reading import FOLDER, Migration, find_way, read_migrations


@dataclass
class Renames:
    """Names that change, old to new; what is not there keeps its name."""

    topics: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)


def migrate_artifact(folder: Path, data: Path, out: Path) -> tuple[Metadata, Renames]:
    """Write to `out` the artifact in `folder` as one of the codebook of the corpus folder `data`.

    The golden inputs are asked again before anything is sealed. Raises BadInput where there is nothing to migrate, and
    Refused where a change is more than a rename; then nothing is written.
    """
    predictor = load_predictor(folder)
    if out.resolve() == folder.resolve():
        raise BadInput("names the artifact itself; a migrated one is another, with a digest of its own", "--out")
    codebook = read_codebook(data / "codebook.yaml")
    book = predictor.metadata.codebook
    if book is None:
        raise BadInput(f"{folder} knows no codebook; its labels are those of its lines, and nothing renames them")
    way = find_way(read_migrations(data / FOLDER), book.version, codebook.version)
    if not way:
        raise BadInput(
            f"the artifact knows codebook {book.version}, {data} has {codebook.version}, and no written migrations "
            "lead from the one to the other; train on this codebook",
            str(data / FOLDER),
        )
    renames = collect_renames(way, book)
    metadata = rename_labels(predictor.metadata, renames, rename_codebook(book, renames, codebook))
    origin = {"from": book.version, "to": codebook.version, "artifact": predictor.digest}
    metadata = metadata.model_copy(update={"settings": {**metadata.settings, "migrated": origin}})
    with artifact.new_artifact(out) as draft:
        shutil.copytree(folder, draft, dirs_exist_ok=True)
        (draft / artifact.MANIFEST).unlink()  # sealed anew when all is well
        artifact.write_metadata(draft, metadata)
        card = (draft / artifact.CARD).read_text(encoding="utf-8")
        (draft / artifact.CARD).write_text(rewrite_card(card, metadata, renames), encoding="utf-8")
        replay_golden(draft, Predictor(artifact.read_metadata(draft), load_backend(draft, metadata)))
    return metadata, renames


def collect_renames(way: Sequence[Migration], book: CodebookReference) -> Renames:
    """Return what migrations rename, all of them together. Raises Refused at a change that no rename is."""
    found, wordings = Renames(), dict(book.targets)
    for migration in way:
        for change in migration.changes:
            if isinstance(change, Add):  # the model does not know it, and claims nothing
                continue
            if not isinstance(change, Rename) or rewords_target(change, wordings):
                raise Refused(
                    f"{describe_change(change)} ({migration.path.name}): the model learnt by codebook {book.version}, "
                    f"and cannot answer by {migration.to}; train on this codebook"
                )
            _rename(found, wordings, change)
    return found


def _rename(found: Renames, wordings: dict[str, str], change: Change) -> None:
    if not isinstance(change, Rename):
        raise TypeError("expected a rename")
    names = found.topics if change.what == "topic" else found.targets
    first = next((old for old, new in names.items() if new == change.from_), change.from_)
    names[first] = change.new
    if change.what == "target" and change.from_ in wordings:
        before = wordings.pop(change.from_)
        wordings[change.new] = change.wording or before


def rename_codebook(book: CodebookReference, renames: Renames, codebook: Codebook) -> CodebookReference:
    """Return what an artifact says of `codebook`: of its entries, those that the model knows.

    Raises Refused where the codebook is not what the migrations lead to.
    """
    topics = [renames.topics.get(name, name) for name in book.topics]
    targets = {renames.targets.get(name, name): wording for name, wording in book.targets.items()}
    for name in topics:
        if name not in codebook.topic_names:
            raise Refused(f"after the migrations the model has the topic {name!r}, codebook {codebook.version} has not")
    for name, wording in targets.items():
        if name not in codebook.targets or target_key(codebook.targets[name]) != target_key(wording):
            found = codebook.targets.get(name, "nothing")
            raise Refused(
                f"after the migrations the model reads the target {name!r} as {wording!r}, codebook "
                f"{codebook.version} has {found!r}"
            )
    return CodebookReference(
        version=codebook.version,
        digest=codebook.digest,
        topics={name: title for name, title in codebook.topic_names.items() if name in topics},
        targets={name: wording for name, wording in codebook.targets.items() if name in targets},
    )


def rename_labels(metadata: Metadata, renames: Renames, book: CodebookReference) -> Metadata:
    """Return metadata with other names for the same labels, in the same order."""
    changed: dict[str, Any] = {"codebook": book}
    if metadata.task == "topic":
        names = renames.topics
        changed["labels"] = [names.get(label, label) for label in metadata.labels]
        changed["thresholds"] = {names.get(label, label): value for label, value in metadata.thresholds.items()}
        if metadata.floors:
            majority = names.get(metadata.floors.majority, metadata.floors.majority)
            changed["floors"] = metadata.floors.model_copy(update={"majority": majority})
    return metadata.model_copy(update=changed)


def rewrite_card(card: str, metadata: Metadata, renames: Renames) -> str:
    """Return the model card with today's labels and codebook, and a section that says what was renamed."""
    book = metadata.codebook
    fresh = {
        "- Labels, in order:": f"- Labels, in order: {', '.join(f'`{label}`' for label in metadata.labels)}",
        "- Codebook:": f"- Codebook: version {book.version}, `{book.digest[:12]}`" if book else "- Codebook: none",
    }
    lines = [next((new for start, new in fresh.items() if line.startswith(start)), line) for line in card.split("\n")]
    origin = metadata.settings["migrated"]
    names = {**renames.topics, **renames.targets}
    lines += [
        "## Renamed after training",
        "",
        f"From codebook {origin['from']} to {origin['to']}; the weights are those of `{origin['artifact'][:12]}`.",
        *(f"- `{old}` is now `{new}`" for old, new in names.items() if old != new),
        "",
    ]
    return "\n".join(lines)
