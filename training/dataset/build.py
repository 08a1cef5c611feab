"""Build a dataset: gold passages in, Parquet parts, card, certificate and manifest out.

The manifest is the commit point. Files are named by their content and written before it; it is replaced by a rename,
and only then is what it no longer names removed. What a build has finished of its way there waits in a work folder
(`OUT/.work`), so that one that was killed goes on from there. Two builds into one folder at the same time are not
foreseen.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from standpoint.codebook import STANCES, Codebook, read_codebook
from standpoint.errors import BadInput, StandpointError
from training.dataset.card import write_card
from training.dataset.certificate import certify
from training.dataset.dealing import Deal, Inputs, deal_documents, load_sketch
from training.dataset.gold import index_gold
from training.dataset.policy import SPLITS, read_ledger, read_policy, write_ledger
from training.dataset.rows import CONFIGURATIONS
from training.dataset.work import WorkFolder
from training.dataset.writing import Written, write_rows
from training.files import digest_file, digest_lines, move_file, replace_file
from training.manifest import CERTIFICATE, FORMAT, MANIFEST, find_certificate, read_manifest
from training.progress import Stopwatch
from training.stages import digest_code

_OWN_FILE = re.compile(r"\.?(\w+-[0-9a-f]{12}\.parquet|codebook(-[0-9a-f]{12})?\.yaml|\w+\.(json|md))(\.\d+\.tmp)?")


@dataclass(frozen=True)
class BuildReport:
    """What a build wrote and left out. `documents` counts them by part; `newcomers` were not in the ledger, and are now
    if it `settled` them; `missing` has the labels without a row, by configuration and split."""

    out: Path
    digest: str
    rows: dict[str, dict[str, int]]
    documents: dict[str, int]
    groups: int
    dropped: dict[str, int]
    missing: dict[str, dict[str, list[str]]]
    newcomers: int
    settled: bool
    set_aside: tuple[str, ...]
    seconds: str

    def lines(self) -> list[str]:
        """Return the report for a terminal."""

        def show(counts: dict[str, int]) -> str:
            return ", ".join(f"{name} {count}" for name, count in counts.items()) or "nothing"

        lines = [f"documents: {show(self.documents)}; {self.groups} groups"]
        lines += [f"{name}: {show(counts)}" for name, counts in self.rows.items()]
        lines.append(f"left out: {show(self.dropped)}")
        for name, splits in self.missing.items():
            for split, labels in splits.items():
                lines.append(
                    f"warning: {len(labels)} {name} labels without a row in {split}: {', '.join(labels)}; no score "
                    "there says anything of them; annotate more such passages, or merge the label in the codebook"
                )
        if self.set_aside:
            lines.append(f"set aside, near-duplicates on two sides: {_list_some(self.set_aside)}")
        if self.newcomers and self.settled:
            lines.append(f"added {self.newcomers} documents to the ledger of parts: keep it, so that they stay there")
        elif self.newcomers:
            lines.append(f"{self.newcomers} documents have no line in the ledger of parts yet")
        return [*lines, f"seconds: {self.seconds}", f"wrote {self.out}, digest {self.digest[:12]}"]


def build_dataset(
    gold: Path,
    splits: Path,
    out: Path,
    limit: int | None = None,
    workers: int = 1,
    settle: bool = False,
    watch: Stopwatch | None = None,
) -> BuildReport:
    """Build a dataset in `out` from gold.jsonl and a split policy; codebook.yaml and the ledger lie beside the policy.

    `settle` adds new documents to the ledger, as `write_parts` does. Raises BadInput for files that do not fit, Refused
    where parts overlap; `out` and ledger then stay as they were. With more than one of `workers`, call it from a module
    that does nothing when imported.
    """
    if limit is not None and limit < 1:
        raise BadInput(f"expected a limit of 1 or more, found {limit}", "limit")
    watch, out = watch or Stopwatch(), Path(out)
    with watch.stage("index"):
        inputs = _read_inputs(Path(gold), Path(splits))
    work = _work_folder(inputs, out)
    with work.open():
        deal = deal_documents(inputs, work, workers, watch)
        with watch.stage("write"):
            written = write_rows(deal, inputs.policy, limit)
        with watch.stage("certify"):
            certificate = _certify(inputs, deal, written)
        newcomers = len(deal.assignment.parts.keys() - inputs.ledger.parts.keys())
        if settle:
            _settle(inputs, deal)
        manifest = _publish(out, inputs, deal, written, certificate, splits.parent / "codebook.yaml")
        _remove_unnamed(out, manifest)
        work.remove()
    return BuildReport(
        out=out,
        digest=manifest["digest"],
        rows={
            name: {split: part["rows"] for split, part in parts.items()}
            for name, parts in manifest["configurations"].items()
        },
        documents=dict(sorted(Counter(deal.assignment.parts.values()).items())),
        groups=len(set(deal.assignment.groups.values())),
        dropped=manifest["dropped"],
        missing=manifest["missing_labels"],
        newcomers=newcomers,
        settled=settle,
        set_aside=deal.assignment.set_aside,
        seconds=str(watch),
    )


def write_parts(gold: Path, splits: Path, out: Path, workers: int = 1) -> int:
    """Add new documents to the ledger that the policy names, earlier lines unchanged; return how many are new in it.

    Documents that were set aside get no line. What was found on the way is left in the work folder of the dataset
    `out`, so that building it does not do it again.
    """
    inputs = _read_inputs(Path(gold), Path(splits))
    work = _work_folder(inputs, Path(out))
    with work.open():
        return _settle(inputs, deal_documents(inputs, work, workers, Stopwatch()))


def _settle(inputs: Inputs, deal: Deal) -> int:
    """Add the documents that got a part to the ledger; return how many were not in it."""
    path, before = inputs.ledger.path, inputs.ledger.parts
    write_ledger(path, {**deal.assignment.parts, **before})
    inputs.sources["parts"] = digest_file(path)
    return len(deal.assignment.parts.keys() - before.keys())


def _read_inputs(gold: Path, splits: Path) -> Inputs:
    book = splits.parent / "codebook.yaml"
    codebook, policy = read_codebook(book), read_policy(splits)
    for target in policy.unseen_targets:
        if target not in codebook.targets:
            raise BadInput(f"{target!r} is not a target of the codebook", f"{splits}: unseen_targets")
    ledger = read_ledger(splits.parent / policy.parts)
    index = index_gold(gold)
    paths = {"codebook": book, "splits": splits, "parts": ledger.path}
    sources = {"gold": index.sha256} | {name: digest_file(path) for name, path in paths.items() if path.exists()}
    return Inputs(index, codebook, policy, ledger, sources)


def _work_folder(inputs: Inputs, out: Path) -> WorkFolder:
    code = digest_code(("training.dataset.dealing",))
    key = digest_lines([[inputs.index.sha256, inputs.codebook.digest, inputs.policy.digest, code]])
    return WorkFolder(out, "build", key)


def _certify(inputs: Inputs, deal: Deal, written: Written) -> dict[str, Any]:
    return certify(
        load_sketch(deal.index, deal.work),
        written.sides,
        deal.gold.owners,
        partial(deal.read, "id"),
        inputs.policy.near_duplicates,
        written.digest,
        inputs.policy.seed,
        partial(deal.read, "text"),
        written.count_targets(),
    )


def _publish(
    out: Path, inputs: Inputs, deal: Deal, written: Written, certificate: dict[str, Any], book: Path
) -> dict[str, Any]:
    """Move the finished parts to where they stay, write what goes with them, and the manifest last."""
    book_file = f"codebook-{inputs.sources['codebook'][:12]}.yaml"
    aside = {"documents_set_aside": len(deal.assignment.set_aside)} if deal.assignment.set_aside else {}
    configurations = {name: _publish_parts(out, name, written, inputs.codebook) for name in CONFIGURATIONS}
    manifest = {
        "format": FORMAT,
        "digest": written.digest,
        "codebook": {
            "version": inputs.codebook.version,
            "digest": inputs.codebook.digest,
            "language": inputs.codebook.language,
            "file": book_file,
        },
        "sources": inputs.sources,
        "splits": inputs.policy.digest,
        "seed": inputs.policy.seed,
        "configurations": configurations,
        "dropped": dict(sorted({**written.dropped, **aside}.items())),
        "missing_labels": _find_missing(configurations, inputs.codebook),
        "targets": dict(inputs.codebook.targets),
        "unseen_targets": list(inputs.policy.unseen_targets),
        "unseen_kinds": list(inputs.policy.unseen_kinds),
    }
    for name in (book_file, "codebook.yaml"):
        replace_file(out / name, book.read_bytes())
    replace_file(out / "README.md", write_card(manifest).encode())
    # Either manifest finds its certificate here, whichever of the two a killed build leaves.
    replace_file(out / CERTIFICATE, _to_json({**certificate, "previous": _read_standing(out)}))
    replace_file(out / MANIFEST, _to_json(manifest))
    replace_file(out / CERTIFICATE, _to_json(certificate))
    return manifest


def _read_standing(out: Path) -> dict[str, Any] | None:
    """Return the certificate of the dataset that stands in a folder, if one does."""
    try:
        return find_certificate(out, read_manifest(out)["digest"])
    except StandpointError:
        return None


def _publish_parts(out: Path, name: str, written: Written, codebook: Codebook) -> dict[str, Any]:
    """Move a configuration's Parquet files; return split -> file, sha256, rows, labels. Empty splits have none."""
    parts: dict[str, Any] = {}
    for split in SPLITS:
        part = written.parts.get((name, split))
        if part is None:
            continue
        sha256 = digest_file(part.path)
        file = f"{name}/{split}-{sha256[:12]}.parquet"
        move_file(part.path, out / file)
        labels = {label: part.labels[label] for label in _labels(name, codebook) if part.labels[label]}
        parts[split] = {"file": file, "sha256": sha256, "rows": part.rows, "labels": labels}
    return parts


def _labels(name: str, codebook: Codebook) -> tuple[str, ...]:
    return tuple(codebook.topics.labels) if name == "topic" else STANCES


def _find_missing(configurations: dict[str, Any], codebook: Codebook) -> dict[str, dict[str, list[str]]]:
    """Return configuration -> split -> labels without a row. The unseen parts hold what they hold of the topics."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, parts in configurations.items():
        for split in SPLITS if name == "stance" else SPLITS[:3]:
            if split in parts or split in SPLITS[:3]:
                held = parts.get(split, {"labels": {}})["labels"]
                missing = [label for label in _labels(name, codebook) if label not in held]
                if missing:
                    found.setdefault(name, {})[split] = missing
    return found


def _remove_unnamed(out: Path, manifest: dict[str, Any]) -> None:
    """Remove the files of earlier or interrupted builds; files of other names are not ours and stay."""
    named = {part["file"] for parts in manifest["configurations"].values() for part in parts.values()}
    named |= {manifest["codebook"]["file"], "codebook.yaml", CERTIFICATE, "README.md", MANIFEST}
    for folder in (out, *(out / name for name in CONFIGURATIONS)):
        for path in sorted(folder.glob("*")):
            ours = _OWN_FILE.fullmatch(path.name) and (path.suffix == ".tmp" or "-" in path.name)
            if ours and path.is_file() and path.relative_to(out).as_posix() not in named:
                path.unlink()


def _list_some(names: tuple[str, ...], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _to_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
