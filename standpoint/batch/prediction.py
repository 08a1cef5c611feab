"""Batch prediction: rows in, one line of JSON a row out, in the same order."""

from __future__ import annotations

import hashlib
import json
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from standpoint.answers import UNDETERMINED, Question, answer_questions, codebook_targets
from standpoint.batch.part import Job, Part, open_part, part_path, sidecar_path
from standpoint.batch.record import Record
from standpoint.batch.report import BatchReport
from standpoint.batch.rows import read_id, read_question, read_targets
from standpoint.batch.source import Source, open_source
from standpoint.encoding import TEXT_FORMAT
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.metadata import Task
from standpoint.models_folder import NAMES, read_champion
from standpoint.predictor import Predictor, load_predictor

Progress = Callable[[int, int | None], None]
Item = Question | dict[str, Any]

# A chunk is predicted at once and committed whole. Its end depends on its own rows only: a call that goes on after a
# commit makes the same chunks, and so the same bytes, as one that was never interrupted.
CHUNK_ROWS = 256
CHUNK_CHARACTERS = 500_000  # of text, times the targets asked; bounds the memory of one chunk to some 100 MB

OUTPUT_SUFFIXES = (".jsonl", ".ndjson")


def predict_file(
    source: Path,
    out: Path,
    topic: Predictor | None,
    stance: Predictor | None,
    targets: Sequence[str] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> BatchReport:
    """Predict every row of a JSON Lines, CSV or Parquet file; `out` appears when all is done.

    Rows without targets of their own are asked `targets` (None: the codebook's). A row that cannot be read gets its
    error in the place of its prediction. A call that was killed is gone on with by the same call. `progress` is told
    the rows done and the rows there are, at the start and after every commit.
    Raises BadInput where file or options do not fit or no row can be read, MissingExtra for Parquet without pyarrow.
    """
    started = time.monotonic()
    _check_predictors(topic, stance)
    _check_paths(source, out)
    _check_options(targets, stance, limit)
    wanted = None if targets is None else read_targets(targets, "--targets")
    opened = open_source(source)
    job = Job(
        text_format=TEXT_FORMAT,
        source=source.name,
        digest=opened.digest,
        topic=_name_model(topic),
        stance=_name_model(stance),
        targets=None if wanted is None else list(wanted),
        limit=limit,
    )
    with open_part(out, job) as part:
        resumed_at = part.tally.rows
        run = _Run(topic, stance, wanted)
        total = min(limit or opened.total, opened.total)
        run.write(part, opened, total, progress or (lambda _done, _total: None))
        opened.check_unchanged()
        tally = part.tally
        if tally.errors == tally.rows:
            part.discard()
            raise BadInput(f"none of {tally.rows:,} rows can be predicted; the first: {tally.examples[0]}", str(source))
        part.finish()
    duplicates, first = run.ids.count_duplicates()
    return BatchReport(
        source=source,
        out=out,
        resumed_at=resumed_at,
        seconds=time.monotonic() - started,
        duplicates=duplicates,
        first_duplicate=first,
        restarted=part.restarted,
        **tally.model_dump(),
    )


def load_champions(root: Path) -> tuple[Predictor | None, Predictor | None]:
    """Load the published topic and stance models; None for a task without one.

    Raises BadInput where neither was published, CorruptArtifact where one is not what its champion.json promises.
    """
    topic, stance = _load_champion(root, "topic"), _load_champion(root, "stance")
    if topic is None and stance is None:
        raise BadInput("no model was published; run: standpoint run, or name --topic or --stance", str(root))
    return topic, stance


def _load_champion(root: Path, task: Task) -> Predictor | None:
    champion = read_champion(root, NAMES[task])
    if champion is None:
        return None
    predictor = load_predictor(champion.folder)
    if (predictor.digest, predictor.metadata.task) != (champion.digest, task):
        raise CorruptArtifact(
            f"{champion.folder} is a {predictor.metadata.task} model with the digest {predictor.digest[:12]}, its "
            f"champion.json promises {task} and {champion.digest[:12]}; promote the model again"
        )
    return predictor


def _name_model(predictor: Predictor | None) -> str | None:
    """Return what answers: the artifact and its variant, since another machine may take another one."""
    if predictor is None:
        return None
    return f"{predictor.digest} {predictor.variant}" if predictor.digest else ""


def _check_predictors(topic: Predictor | None, stance: Predictor | None) -> None:
    if topic is None and stance is None:
        raise BadInput("no model to predict with; name --topic or --stance")
    for option, task, predictor in (("--topic", "topic", topic), ("--stance", "stance", stance)):
        if predictor is not None and predictor.metadata.task != task:
            raise BadInput(f"expected a {task} model, found a {predictor.metadata.task} model", option)


def _check_paths(source: Path, out: Path) -> None:
    if out.suffix.lower() not in OUTPUT_SUFFIXES:
        raise BadInput(f"predictions are JSON Lines; name a file that ends in {OUTPUT_SUFFIXES[0]}", f"--out {out}")
    if out.is_dir():
        raise BadInput("expected a file, found a folder", f"--out {out}")
    if source.resolve() in {path.resolve() for path in (out, part_path(out), sidecar_path(out))}:
        raise BadInput("would be written over the input; name another file", f"--out {out}")


def _check_options(targets: Sequence[str] | None, stance: Predictor | None, limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise BadInput(f"expected a positive number of rows, found {limit}", "--limit")
    if targets and stance is None:
        raise BadInput("targets ask for stances, and no stance model was given; name --stance", "--targets")


class _Run:
    """One call: the models, what rows without targets are asked, and the ids seen."""

    def __init__(self, topic: Predictor | None, stance: Predictor | None, targets: tuple[str, ...] | None) -> None:
        self._topic, self._stance, self._targets = topic, stance, targets
        self._usual = len(codebook_targets(stance)) if stance else 0
        self.ids = _Identifiers()

    def write(self, part: Part, source: Source, total: int, progress: Progress) -> None:
        """Predict the rows that `part` does not hold yet, a chunk and a commit at a time."""
        records = islice(source.records(), total)
        tally = part.tally
        for record in islice(records, tally.rows):
            self.ids.add(record)
        progress(tally.rows, total)
        for chunk in self._cut_chunks(records):
            answers = self._answer(chunk)
            for item, answer in zip(chunk, answers, strict=True):
                tally.add(answer, self._is_foreign)
                tally.unasked += self._stance is None and isinstance(item, Question) and bool(item.targets)
            part.append(json.dumps(answer, ensure_ascii=False) for answer in answers)
            progress(tally.rows, total)

    def _cut_chunks(self, records: Iterator[Record]) -> Iterator[list[Item]]:
        chunk: list[Item] = []
        characters = 0
        for record in records:
            self.ids.add(record)
            item = read_question(record, self._targets)
            own = self._weigh(item) if isinstance(item, Question) else 0
            if chunk and (len(chunk) == CHUNK_ROWS or characters + own > CHUNK_CHARACTERS):
                yield chunk
                chunk, characters = [], 0
            chunk.append(item)
            characters += own
        if chunk:
            yield chunk

    def _weigh(self, question: Question) -> int:
        pairs = self._usual if question.targets is None else len(question.targets)
        return len(question.text) * (1 + pairs)

    def _answer(self, chunk: Sequence[Item]) -> list[dict[str, Any]]:
        questions = [item for item in chunk if isinstance(item, Question)]
        found = iter(answer_questions(questions, self._topic, self._stance))
        return [next(found) if isinstance(item, Question) else item for item in chunk]

    def _is_foreign(self, language: str) -> bool:
        known = [model.metadata.languages for model in (self._topic, self._stance) if model]
        return language != UNDETERMINED and any(languages and language not in languages for languages in known)


class _Identifiers:
    """The ids of all rows, 16 bytes a row: a hash of 64 bits and the row's number."""

    def __init__(self) -> None:
        self._hashes, self._numbers = array("Q"), array("Q")
        self._rows = 0

    def add(self, record: Record) -> None:
        self._rows += 1
        try:
            identifier = read_id(record.content or {})
        except BadInput:  # the row holds the error already
            return
        if identifier is not None:
            digest = hashlib.blake2b(identifier.encode(), digest_size=8).digest()
            self._hashes.append(int.from_bytes(digest, "little"))
            self._numbers.append(self._rows)

    def count_duplicates(self) -> tuple[int, int | None]:
        """Return how many rows repeat an earlier id, and the number of the first such row."""
        hashes = np.array(self._hashes, dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        repeats = order[1:][hashes[order][1:] == hashes[order][:-1]]
        return len(repeats), self._numbers[int(repeats.min())] if len(repeats) else None
