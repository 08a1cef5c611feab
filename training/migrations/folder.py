"""Migrate a corpus folder: codebook.yaml, annotations, splits.yaml and reread.jsonl, as one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from standpoint.artifact import sha256
from standpoint.codebook import Codebook, read_codebook
from standpoint.errors import BadInput
from standpoint.versions import parse_version
from training.files import Line, describe, parse_line, to_line
from training.migrations.annotations import Step, change_mark, make_step, migrate_annotation
from training.migrations.codebook_text import write_codebook_text
from training.migrations.draft import Draft, start_draft
from training.migrations.journal import (
    JOURNAL,
    Replacement,
    commit_drafts,
    discard_drafts,
    finish_commit,
    open_draft,
    seal_draft,
)
from training.migrations.reading import FOLDER, Migration, Steps, apply_migration, find_way, read_migrations
from training.migrations.report import MigrationReport
from training.migrations.rereads import FILE, Mark, find_rereads, read_marks
from training.migrations.splits_text import change_splits_text

CODEBOOK, SPLITS, ANNOTATIONS = "codebook.yaml", "splits.yaml", "annotations"
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)


def migrate_folder(folder: Path, to: str | None = None, dry_run: bool = False) -> MigrationReport:
    """Carry a corpus folder to codebook version `to`, or as far as its migrations lead.

    Every line is carried from its own version, so that annotations which arrive later are migrated later. Raises
    BadInput, with nothing changed, where a migration does not fit the codebook or a line cannot be read.
    """
    folder = Path(folder)
    finished = not dry_run and finish_commit(folder)
    codebook = read_codebook(folder / CODEBOOK)
    steps = read_migrations(folder / FOLDER)
    way = _require_way(steps, codebook.version, to, folder)
    draft, wordings = start_draft(codebook), {}
    for migration in way:
        wordings[migration.start] = draft.wordings
        apply_migration(draft, migration)
    report = MigrationReport(codebook.version, draft.version, tuple(way), dry_run, finished)
    plan = _Plan(folder, report, steps, wordings)
    if not dry_run:
        discard_drafts(folder)
    try:
        if way:
            plan.write_codebook(codebook, draft)
            plan.write_splits()
        plan.write_annotations()
        plan.write_marks()
        if plan.replacements:
            commit_drafts(folder, plan.replacements)
    finally:
        if not dry_run and not (folder / JOURNAL).exists():  # a journal still needs them
            discard_drafts(folder)
    return report


def _require_way(steps: Steps, start: str, to: str | None, folder: Path) -> list[Migration]:
    if to is not None and not _VERSION.fullmatch(to):
        raise BadInput(f"expected a version such as 2.0.0, found {to!r}", "--to")
    if to is not None and parse_version(to) < parse_version(start):
        raise BadInput(
            f"the folder has codebook {start}, and a migration leads to a higher version than {to}; to go back, "
            "write one that undoes the changes under a new version",
            "--to",
        )
    way = find_way(steps, start, to, exact=True)
    if way is None:
        have = ", ".join(step.path.name for step in steps.values()) or "none"
        raise BadInput(f"no migrations lead from {start} to {to}; there is {have}", str(folder / FOLDER))
    return way


class _Plan:
    """The new files of a migration, written beside the old ones; a dry run writes nothing."""

    def __init__(
        self, folder: Path, report: MigrationReport, steps: Steps, wordings: dict[str, dict[str, str]]
    ) -> None:
        self.folder, self.report = folder, report
        self.replacements: list[Replacement] = []
        self._steps, self._wordings = steps, wordings
        self._ways: dict[str, list[Step]] = {}
        self._marks: list[Mark] = []

    def write_codebook(self, codebook: Codebook, draft: Draft) -> None:
        """Write codebook.yaml, and note where its rules still speak of what is gone."""
        path = self.folder / CODEBOOK
        text, changed = write_codebook_text(path.read_bytes().decode(), draft, path)
        self._write(CODEBOOK, lambda file: file.write(text.encode()) > 0)
        gone = set(codebook.topics.labels) - set(changed.topics.labels)
        gone |= set(codebook.targets) - set(changed.targets)
        for rule in (*changed.topics.rules, *changed.stance.rules):
            for name in sorted(gone.intersection(re.findall(r"`([^`]*)`", rule))):
                self.report.mentions.append(f"a rule still speaks of `{name}`: {rule[:60]}")

    def write_splits(self) -> None:
        """Write splits.yaml where it names a target that changes."""
        path = self.folder / SPLITS
        if path.exists():
            text = path.read_bytes().decode()
            changed = change_splits_text(text, self.report.steps, path)
            self._write(SPLITS, lambda file: file.write(changed.encode()) > 0 and changed != text)

    def write_annotations(self) -> None:
        """Write each annotation file that has a line of an older version."""
        for path in sorted((self.folder / ANNOTATIONS).glob("*.jsonl")):
            name = path.relative_to(self.folder).as_posix()
            self._write(name, partial(self._migrate_lines, path))

    def write_marks(self) -> None:
        """Write reread.jsonl: marks that are settled go, the others take today's names."""
        path = self.folder / FILE
        before = list(read_marks(path))
        after = list(find_rereads(self.folder).open) if self.report.files else before
        for migration in self.report.steps:
            for change in migration.changes:
                after = [change_mark(mark, change) for mark in after]
        after += self._marks
        if after != before:
            content = "".join(to_line(mark.as_dict()) + "\n" for mark in after)
            self._write(FILE, lambda file: file.write(content.encode()) >= 0)

    def _write(self, name: str, write: Callable[[IO[bytes]], bool]) -> None:
        """Write the new content of a file; `write` returns whether it differs from the old one."""
        path = self.folder / name
        before = sha256(path) if path.exists() else None
        with Path(os.devnull).open("wb") if self.report.dry else open_draft(self.folder, name) as file:
            changed = write(file)
        if changed:
            self.report.files.append(name)
            if not self.report.dry:
                self.replacements.append(seal_draft(self.folder, name, before))

    def _migrate_lines(self, path: Path, out: IO[bytes]) -> bool:
        """Write the lines of a file, those of the target version byte by byte; return whether any changed."""
        changed = False
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                new = None if raw.isspace() else self._migrate_line(parse_line(raw, f"{path}:{number}", number))
                changed |= new is not None
                out.write(raw if new is None else new + raw[len(raw.rstrip(b"\r\n")) :])
        return changed

    def _migrate_line(self, line: Line) -> bytes | None:
        """Return a line in the target version, without its line break; None where it is that already."""
        if line.content is None:
            raise BadInput(f"{line.problem}; a migration needs every line", line.where)
        self.report.tally.lines += 1
        way = self._find_steps(line.content, line.where)
        if not way:
            return None
        content, marks, tally = migrate_annotation(line.content, way, way[-1].migration.to, line.where)
        tally.lines = 0  # counted above
        self.report.tally.add(tally)
        self._marks += marks
        return to_line(content).encode()

    def _find_steps(self, content: dict[str, object], where: str) -> list[Step]:
        """Return the steps from a line's own version to the target version."""
        version = content.get("codebook") or self.report.start
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            raise BadInput(f"expected a version 'codebook', found {describe(content, 'codebook')}", where)
        if version not in self._ways:
            self._ways[version] = self._make_steps(version, where)
        return self._ways[version]

    def _make_steps(self, version: str, where: str) -> list[Step]:
        if parse_version(version) >= parse_version(self.report.to):
            return []  # a newer one is for the reading to judge
        way = find_way(self._steps, version, self.report.to)
        if way is None:
            raise BadInput(
                f"was annotated by codebook {version}, and no migrations lead from there to {self.report.to}; "
                f"write one in {self.folder / FOLDER}, or annotate again",
                where,
            )
        return [make_step(migration, self._wordings.get(migration.start, {})) for migration in way]
