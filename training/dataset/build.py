"""Build a dataset: gold passages in, Parquet parts, card, certificate and manifest out.

The manifest is the commit point. Files are named by their content and written before it; it is replaced by a rename,
and only then is what it no longer names removed. Two builds into one folder at the same time are not foreseen.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.codebook import STANCES, Codebook, read_codebook
from standpoint.errors import BadInput
from training.dataset.card import write_card
from training.dataset.certificate import certify
from training.dataset.gold import Passage, read_gold
from training.dataset.parquet import encode_rows
from training.dataset.policy import SPLITS, Ledger, Policy, read_ledger, read_policy, write_ledger
from training.dataset.rows import CONFIGURATIONS, Rows, make_rows, sample_passages
from training.dataset.splits import Assignment, assign_documents
from training.files import digest_bytes, digest_lines, replace_file
from training.manifest import FORMAT, MANIFEST
from training.stratification import draw

_OWN_FILE = re.compile(r"\.?(\w+-[0-9a-f]{12}\.parquet|codebook(-[0-9a-f]{12})?\.yaml|\w+\.(json|md))(\.\d+\.tmp)?")


@dataclass(frozen=True)
class BuildReport:
    """What a build wrote and left out. `documents` counts them by part; `newcomers` have no line in the ledger yet."""

    out: Path
    digest: str
    rows: dict[str, dict[str, int]]
    documents: dict[str, int]
    groups: int
    dropped: dict[str, int]
    newcomers: int
    set_aside: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the report for a terminal."""

        def show(counts: dict[str, int]) -> str:
            return ", ".join(f"{name} {count}" for name, count in counts.items()) or "nothing"

        lines = [f"documents: {show(self.documents)}; {self.groups} groups"]
        lines += [f"{name}: {show(counts)}" for name, counts in self.rows.items()]
        lines.append(f"left out: {show(self.dropped)}")
        if self.set_aside:
            lines.append(f"set aside, near-duplicates on two sides: {', '.join(self.set_aside)}")
        if self.newcomers:
            lines.append(f"{self.newcomers} documents have no line in the ledger of parts yet")
        return [*lines, f"wrote {self.out}, digest {self.digest[:12]}"]


@dataclass(frozen=True)
class _Inputs:
    passages: list[Passage]
    codebook: Codebook
    policy: Policy
    ledger: Ledger
    sources: dict[str, bytes]  # name -> content

    @property
    def newcomers(self) -> int:
        return len({passage.document for passage in self.passages} - set(self.ledger.parts))


def build_dataset(gold: Path, splits: Path, out: Path, limit: int | None = None) -> BuildReport:
    """Build a dataset in `out` from gold.jsonl and a split policy; codebook.yaml and the ledger lie beside the policy.

    Raises BadInput for files that do not fit, Refused where parts overlap; `out` then stays as it was.
    """
    inputs, out = _read_inputs(Path(gold), Path(splits)), Path(out)
    assignment = assign_documents(inputs.passages, inputs.policy, inputs.ledger)
    passages = inputs.passages
    if limit is not None:
        if limit < 1:
            raise BadInput(f"expected a limit of 1 or more, found {limit}", "limit")
        keys = {passage.id: draw(inputs.policy.seed, passage.id) for passage in passages}
        passages = sample_passages(passages, assignment, inputs.policy, limit, keys)
    rows = make_rows(passages, assignment, inputs.policy, inputs.codebook)
    digest = digest_lines(
        [name, split, row] for name, parts in rows.parts.items() for split, found in parts.items() for row in found
    )
    certificate = certify(rows.parts, inputs.policy.near_duplicates, digest)
    manifest = _write_files(out, inputs, rows, assignment, digest, certificate)
    _remove_unnamed(out, manifest)
    configurations = manifest["configurations"].items()
    return BuildReport(
        out=out,
        digest=digest,
        rows={name: {split: part["rows"] for split, part in parts.items()} for name, parts in configurations},
        documents=dict(sorted(Counter(assignment.parts.values()).items())),
        groups=len(set(assignment.groups.values())),
        dropped=manifest["dropped"],
        newcomers=inputs.newcomers,
        set_aside=assignment.set_aside,
    )


def write_parts(gold: Path, splits: Path, out: Path | None = None) -> int:
    """Write the ledger of parts (by default the one that the policy names), earlier lines unchanged; return how many
    documents are new in it. Documents that were set aside get no line."""
    inputs = _read_inputs(Path(gold), Path(splits))
    assignment = assign_documents(inputs.passages, inputs.policy, inputs.ledger)
    write_ledger(inputs.ledger.path if out is None else Path(out), {**assignment.parts, **inputs.ledger.parts})
    return len(set(assignment.parts) - set(inputs.ledger.parts))


def _read_inputs(gold: Path, splits: Path) -> _Inputs:
    book = splits.parent / "codebook.yaml"
    codebook, policy = read_codebook(book), read_policy(splits)
    for target in policy.unseen_targets:
        if target not in codebook.targets:
            raise BadInput(f"{target!r} is not a target of the codebook", f"{splits}: unseen_targets")
    passages = read_gold(gold, codebook)
    ledger = read_ledger(splits.parent / policy.parts)
    paths = {"gold": gold, "codebook": book, "splits": splits, "parts": ledger.path}
    sources = {name: path.read_bytes() for name, path in paths.items() if path.exists()}
    return _Inputs(passages, codebook, policy, ledger, sources)


def _write_files(
    out: Path, inputs: _Inputs, rows: Rows, assignment: Assignment, digest: str, certificate: dict[str, Any]
) -> dict[str, Any]:
    book = inputs.sources["codebook"]
    book_file = f"codebook-{digest_bytes(book)[:12]}.yaml"
    dropped = {**rows.dropped, **({"documents_set_aside": len(assignment.set_aside)} if assignment.set_aside else {})}
    manifest = {
        "format": FORMAT,
        "digest": digest,
        "codebook": {
            "version": inputs.codebook.version,
            "digest": inputs.codebook.digest,
            "language": inputs.codebook.language,
            "file": book_file,
        },
        "sources": {name: digest_bytes(content) for name, content in inputs.sources.items()},
        "splits": inputs.policy.digest,
        "seed": inputs.policy.seed,
        "configurations": {name: _write_parts(out, name, rows, inputs.codebook) for name in CONFIGURATIONS},
        "dropped": dict(sorted(dropped.items())),
        "targets": dict(inputs.codebook.targets),
        "unseen_targets": list(inputs.policy.unseen_targets),
        "unseen_kinds": list(inputs.policy.unseen_kinds),
    }
    replace_file(out / book_file, book)
    replace_file(out / "codebook.yaml", book)
    replace_file(out / "certificate.json", _to_json(certificate))
    replace_file(out / "README.md", write_card(manifest).encode())
    replace_file(out / MANIFEST, _to_json(manifest))
    return manifest


def _write_parts(out: Path, name: str, rows: Rows, codebook: Codebook) -> dict[str, Any]:
    """Write a configuration's Parquet files; return split -> file, sha256, rows, labels. Empty splits get none."""
    order = tuple(codebook.topics.labels) if name == "topic" else STANCES
    parts: dict[str, Any] = {}
    for split in SPLITS:
        found = rows.parts[name][split]
        if not found:
            continue
        content = encode_rows(name, found)
        sha256 = digest_bytes(content)
        file = f"{name}/{split}-{sha256[:12]}.parquet"
        replace_file(out / file, content)
        counts = Counter(label for row in found for label in (row["labels"] if name == "topic" else [row["label"]]))
        labels = {label: counts[label] for label in order if counts[label]}
        parts[split] = {"file": file, "sha256": sha256, "rows": len(found), "labels": labels}
    return parts


def _remove_unnamed(out: Path, manifest: dict[str, Any]) -> None:
    """Remove the files of earlier or interrupted builds; files of other names are not ours and stay."""
    named = {part["file"] for parts in manifest["configurations"].values() for part in parts.values()}
    named |= {manifest["codebook"]["file"], "codebook.yaml", "certificate.json", "README.md", MANIFEST}
    for folder in (out, *(out / name for name in CONFIGURATIONS)):
        for path in sorted(folder.glob("*")):
            ours = _OWN_FILE.fullmatch(path.name) and (path.suffix == ".tmp" or "-" in path.name)
            if ours and path.is_file() and path.relative_to(out).as_posix() not in named:
                path.unlink()


def _to_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
