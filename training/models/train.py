"""Train a model and seal it as an artifact; every number in the artifact is scored from its exported files."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from standpoint import artifact
from standpoint.backends import REFERENCE, load_backend
from standpoint.encoding import compose
from standpoint.errors import BadInput
from standpoint.golden import replay_golden, write_golden
from standpoint.metadata import Metadata
from standpoint.predictor import Predictor
from training.files import digest_lines
from training.models.baseline import fit_baseline, write_baseline
from training.models.card import write_card
from training.models.checkpoint import FORMAT, Checkpoint
from training.models.companion import add_companion
from training.models.golden import golden_inputs
from training.models.lesson import Lesson, prepare_lesson, versions
from training.models.processes import Processes
from training.models.request import Request
from training.models.settings import BaselineSettings, TransformerSettings
from training.models.variants import admit_variants, ask_logits
from training.scoring import Predictions, count_confusion, predict_examples, score_predictions

if TYPE_CHECKING:  # a baseline trains without torch
    from training.models.finetune import FineTuned

Observer = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class Trained:
    """The sealed artifact and its predictions on validation; `crossed` are those of `Fitting.cross_fit`."""

    folder: Path
    metadata: Metadata
    validation: Predictions
    notes: dict[str, float]
    crossed: Predictions | None = None


def train_model(
    request: Request,
    out: Path,
    observe: Observer = lambda step, metrics: None,
    resume: bool = False,
    processes: Processes | None = None,
) -> Trained:
    """Train, export, calibrate on validation, score, seal. Raises BadInput where the data cannot be learned from.

    `resume` goes on from the checkpoint beside `out`, where there is one of this very request. Of several processes
    the first comes here, the others to `follow_training`.
    """
    out = out.resolve()
    if request.init is not None and out == request.init.resolve():
        raise BadInput(f"{out} is the artifact to go on from, and would be replaced; name another folder", "--out")
    lesson = prepare_lesson(request)
    examples, fitting, draft = lesson.examples, lesson.fitting, lesson.fitting.draft
    notes: dict[str, float] = {"training_examples": float(len(examples))}
    with artifact.new_artifact(out) as folder:
        if isinstance(request.settings, BaselineSettings):
            parts = fit_baseline(examples, request.task, draft.labels, draft.targets, request.settings, request.seed)
            write_baseline(folder, parts)
        else:
            checkpoint = find_checkpoint(request, out)
            if not resume:
                checkpoint.remove()
            notes |= _fit_transformer(folder, request, lesson, observe, checkpoint, processes or Processes())
            draft = draft.model_copy(update={"stack": add_companion(folder, request, lesson)})
        inputs = [compose(e.text, e.target, e.mention) for e in fitting.examples]
        logits = ask_logits(load_backend(folder, draft), inputs)
        metadata = draft.model_copy(update=lesson.fit(logits))
        admission = admit_variants(folder, metadata, fitting, logits)
        metadata = metadata.model_copy(update={"variants": admission.found})
        models = {
            name: Predictor(metadata, load_backend(folder, metadata, variant=name), variant=name)
            for name in (*admission.logits, REFERENCE)
        }
        # What will answer, the fastest that was admitted, is what is scored.
        answering = next(iter(models))
        predictions = predict_examples(models[answering], request.validation)
        crossed = lesson.cross_fit(admission.logits.get(answering, logits))
        scores = score_predictions(predictions, request.validation)
        found = {
            "metrics": {name: score.as_dict() for name, score in scores.items()},
            "validation": request.validation.digest,
            "confusion": count_confusion(crossed or predictions, request.validation),
        }
        metadata = metadata.model_copy(update=found)
        artifact.write_metadata(folder, metadata)
        golden = golden_inputs(request.validation.examples, draft.targets, request.task)
        write_golden(folder, models.pop(REFERENCE), golden, models)
        counts = {"training": len(request.train.examples), "validation": len(request.validation.examples)}
        (folder / artifact.CARD).write_text(write_card(metadata, counts), encoding="utf-8")
        # What was written must answer as the service will ask it, before it takes the place of anything.
        written = artifact.read_metadata(folder)
        for name in (*models, REFERENCE):
            replay_golden(folder, Predictor(written, load_backend(folder, written, variant=name), variant=name))
    find_checkpoint(request, out).remove()
    return Trained(out, metadata, predictions, notes, crossed)


def follow_training(request: Request, out: Path, processes: Processes, resume: bool = False) -> None:
    """Take this process's part in the steps of a training that another one leads; nothing is written.

    A baseline has no steps to share: the first process trains it alone.
    """
    if isinstance(request.settings, BaselineSettings):
        return
    lesson = prepare_lesson(request)
    checkpoint = find_checkpoint(request, out)
    with tempfile.TemporaryDirectory() as scratch:
        _tune(Path(scratch), request, lesson, lambda step, metrics: None, checkpoint if resume else None, processes)


def find_checkpoint(request: Request, out: Path) -> Checkpoint:
    """Return the checkpoint that training into `out` keeps; its key is all that decides about the weights."""
    out = out.resolve()
    settings = dataclasses.asdict(request.settings)
    every = settings.pop("checkpoint_every", 0)
    init = artifact.check_manifest(request.init) if request.init else ""
    data = [example_set.digest for example_set in (request.train, request.validation)]
    passages = [dataclasses.asdict(example) for example in request.passages]
    key = digest_lines([FORMAT, settings, request.seed, request.encoder, init, data, passages, versions()])
    return Checkpoint(out.with_name(f".{out.name}.checkpoint"), key, request.run, every)


def _fit_transformer(
    folder: Path, request: Request, lesson: Lesson, observe: Observer, checkpoint: Checkpoint, processes: Processes
) -> dict[str, float]:
    from training.models.export import check_parity, write_transformer

    tuned = _tune(folder, request, lesson, observe, checkpoint, processes)
    write_transformer(folder, tuned.model)
    probes = [compose(e.text, e.target, e.mention) for e in request.validation.examples[:8]]
    return {
        "export_difference": check_parity(folder, lesson.fitting.draft, tuned.model, probes),
        "epochs": len(tuned.history),
        "steps.seconds": tuned.work.seconds,
        "steps.tokens": tuned.work.tokens,
        "steps.positions": tuned.work.positions,
        "processes": processes.count,
    }


def _tune(
    folder: Path,
    request: Request,
    lesson: Lesson,
    observe: Observer,
    checkpoint: Checkpoint | None,
    processes: Processes,
) -> FineTuned:
    from training.models.finetune import fine_tune
    from training.models.weights import write_tokenizer

    if not isinstance(request.settings, TransformerSettings):
        raise TypeError("a transformer needs TransformerSettings")
    write_tokenizer(request.encoder, folder, request.init)
    return fine_tune(
        lesson.examples,
        lesson.fitting.examples,
        request.task,
        lesson.fitting.draft.labels,
        request.settings,
        request.encoder,
        folder,
        request.seed,
        lesson.score,
        observe,
        request.init,
        checkpoint,
        processes,
    )
