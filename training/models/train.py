"""Train a model and seal it as an artifact; every number in the artifact is scored from its exported files."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from standpoint import artifact
from standpoint.artifact import CodebookReference, Floors, Metadata
from standpoint.backends import load_backend
from standpoint.codebook import UNRELATED
from standpoint.encoding import compose, target_key
from standpoint.errors import BadInput
from standpoint.predictor import Predictor, replay_golden, write_golden
from standpoint.versions import require_codebook
from training.examples import Example, ExampleSet
from training.files import digest_lines
from training.models.card import write_card
from training.models.checkpoint import Checkpoint
from training.models.fitting import Fitting, prepare_fitting
from training.models.golden import golden_inputs
from training.models.pairs import sample_unrelated
from training.models.settings import BaselineSettings, TransformerSettings
from training.scoring import Predictions, predict_examples, score_predictions

Observer = Callable[[int, dict[str, float]], None]
PACKAGES = ("standpoint", "numpy", "onnxruntime", "tokenizers", "scikit-learn", "skops", "torch", "transformers")
MINIMUM = 8  # training examples


@dataclass(frozen=True)
class Request:
    """What to train: the task, on what, with which settings. `passages` (stance, built datasets) feed negatives."""

    train: ExampleSet
    validation: ExampleSet
    settings: BaselineSettings | TransformerSettings
    seed: int
    passages: Sequence[Example] = ()
    encoder: str = ""
    init: Path | None = None
    run: str | None = None

    @property
    def task(self) -> str:
        return self.train.task


@dataclass(frozen=True)
class Trained:
    """The sealed artifact and its predictions on validation."""

    folder: Path
    metadata: Metadata
    validation: Predictions
    notes: dict[str, float]


def train_model(
    request: Request, out: Path, observe: Observer = lambda step, metrics: None, resume: bool = False
) -> Trained:
    """Train, export, calibrate on validation, score, seal. Raises BadInput where the data cannot be learned from.

    `resume` goes on from the checkpoint beside `out`, where there is one of this very request.
    """
    _check_request(request)
    labels, targets = label_order(request), training_targets(request.train)
    examples = list(request.train.examples)
    if UNRELATED in labels:
        count = request.settings.unrelated
        negatives = sample_unrelated([*request.passages, *examples], targets, count, request.seed)
        examples += negatives
        if not negatives:  # every passage mentions every target: a label without an example cannot be learned
            labels.remove(UNRELATED)
    draft = _draft_metadata(request, labels, targets)
    fitting = prepare_fitting(draft, request.validation, request.seed, request.settings.abstain_error)
    notes: dict[str, float] = {"training_examples": float(len(examples))}
    with artifact.new_artifact(out) as folder:
        if isinstance(request.settings, BaselineSettings):
            _fit_linear(folder, request, examples, labels, targets)
        else:
            checkpoint = find_checkpoint(request, out)
            if not resume:
                checkpoint.remove()
            notes |= _fit_transformer(folder, request, examples, fitting, observe, checkpoint)
        logits, _ = load_backend(folder, draft).logits([compose(e.text, e.target, e.mention) for e in fitting.examples])
        metadata = draft.model_copy(update=fitting.fit(logits))
        predictor = Predictor(metadata, load_backend(folder, metadata))
        predictions = predict_examples(predictor, request.validation)
        scores = score_predictions(predictions, request.validation)
        metadata = metadata.model_copy(update={"metrics": {name: score.as_dict() for name, score in scores.items()}})
        artifact.write_metadata(folder, metadata)
        write_golden(folder, predictor, golden_inputs(request.validation.examples, targets, request.task))
        counts = {"training": len(request.train.examples), "validation": len(request.validation.examples)}
        (folder / artifact.CARD).write_text(write_card(metadata, counts), encoding="utf-8")
        # What was written must answer as the service will ask it, before it takes the place of anything.
        replay_golden(folder, Predictor(artifact.read_metadata(folder), load_backend(folder, metadata)))
    find_checkpoint(request, out).remove()
    return Trained(out, metadata, predictions, notes)


def find_checkpoint(request: Request, out: Path) -> Checkpoint:
    """Return the checkpoint that training into `out` keeps; its key is all that decides about the weights."""
    settings = dataclasses.asdict(request.settings)
    every = settings.pop("checkpoint_every", 0)
    init = artifact.check_manifest(request.init) if request.init else ""
    data = [example_set.digest for example_set in (request.train, request.validation)]
    passages = [example.id for example in request.passages]
    key = digest_lines([settings, request.seed, request.encoder, init, data, passages, versions()])
    return Checkpoint(out.with_name(f".{out.name}.checkpoint"), key, request.run, every)


def label_order(request: Request) -> list[str]:
    """Return the model's labels: those of training in canonical order, `unrelated` last where negatives are sampled.

    A model that cannot read the target could not learn what is unrelated to it.
    """
    labels = list(request.train.labels)
    blind = isinstance(request.settings, BaselineSettings) and request.settings.features == "text"
    sampled = request.train.codebook is not None and request.settings.unrelated > 0 and not blind
    return [*labels, UNRELATED] if request.task == "stance" and sampled else labels


def training_targets(train: ExampleSet) -> list[str]:
    """Return the wordings of training, one per key, sorted; empty for topics."""
    wordings = {target_key(e.target): e.target for e in train.examples if e.target is not None}
    return sorted(wordings.values())


def count_floors(train: ExampleSet) -> Floors:
    """Return the most frequent label, and for stance that of each target; the earlier label on a tie."""

    def most_common(examples: Sequence[Example]) -> str:
        counts = Counter(label for example in examples for label in example.labels)
        return max(train.labels, key=lambda label: counts[label])

    by_target: dict[str, list[Example]] = {}
    for example in train.examples:
        if example.target is not None:
            by_target.setdefault(target_key(example.target), []).append(example)
    return Floors(
        majority=most_common(train.examples),
        target_only={key: most_common(examples) for key, examples in sorted(by_target.items())},
    )


def _check_request(request: Request) -> None:
    if len(request.train.examples) < MINIMUM:
        raise BadInput(
            f"{len(request.train.examples)} training examples; at least {MINIMUM} are needed", request.train.source
        )
    if len(request.train.labels) < 2:
        only = ", ".join(request.train.labels) or "none"
        raise BadInput(f"expected at least two labels to tell apart, found {only}", request.train.source)
    if not request.validation.examples:
        raise BadInput("no validation examples; give --validation or more groups", request.validation.source)
    if request.init is not None:
        _check_init(request.init, request)
    unknown = set(request.validation.labels) - set(request.train.labels)
    if unknown and request.task == "stance":
        raise BadInput(
            f"label {sorted(unknown)[0]!r} occurs in validation, never in training", request.validation.source
        )


def _check_init(init: Path, request: Request) -> None:
    if isinstance(request.settings, BaselineSettings):
        raise BadInput("a baseline starts anew; leave it out, or choose --model transformer", "--init")
    artifact.check_manifest(init)
    found = artifact.read_metadata(init)
    if found.model != "transformer":
        raise BadInput(f"{init} is a {found.model}; expected the artifact of a transformer", "--init")
    # The head is taken over label by label: a name that means something else by now would start from the wrong one.
    require_codebook(found.codebook, request.train.codebook, f"--init {init}", request.train.source)


def _draft_metadata(request: Request, labels: list[str], targets: list[str]) -> Metadata:
    codebook = request.train.codebook
    transformer = isinstance(request.settings, TransformerSettings)
    encoder = artifact.read_metadata(request.init).encoder if request.init else request.encoder
    return Metadata(
        format=artifact.FORMAT,
        task="topic" if request.task == "topic" else "stance",
        model="transformer" if transformer else "baseline",
        labels=labels,
        encoder=encoder if transformer else None,
        max_length=request.settings.max_length if isinstance(request.settings, TransformerSettings) else None,
        languages=sorted({e.language for e in request.train.examples if e.language}),
        codebook=codebook
        and CodebookReference(
            version=codebook.version, digest=codebook.digest, topics=codebook.topic_names, targets=codebook.targets
        ),
        targets=targets,
        floors=count_floors(request.train),
        data=request.train.dataset or request.train.digest,
        run=request.run,
        seed=request.seed,
        settings=dataclasses.asdict(request.settings),
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a model depends on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _fit_linear(folder: Path, request: Request, examples: list[Example], labels: list[str], targets: list[str]) -> None:
    from training.models.baseline import fit_baseline, write_baseline

    settings = request.settings
    if isinstance(settings, BaselineSettings):
        write_baseline(folder, fit_baseline(examples, request.task, labels, targets, settings, request.seed))


def _fit_transformer(
    folder: Path,
    request: Request,
    examples: list[Example],
    fitting: Fitting,
    observe: Observer,
    checkpoint: Checkpoint,
) -> dict[str, float]:
    from training.models.export import check_parity, write_transformer
    from training.models.finetune import fine_tune
    from training.models.weights import write_tokenizer

    if not isinstance(request.settings, TransformerSettings):
        raise TypeError("a transformer needs TransformerSettings")
    write_tokenizer(request.encoder, folder, request.init)
    tuned = fine_tune(
        examples,
        fitting.examples,
        request.task,
        fitting.draft.labels,
        request.settings,
        request.encoder,
        folder,
        request.seed,
        fitting.score,
        observe,
        request.init,
        checkpoint if checkpoint.every else None,
    )
    write_transformer(folder, tuned.model)
    probes = [compose(e.text, e.target, e.mention) for e in request.validation.examples[:8]]
    return {"export_difference": check_parity(folder, fitting.draft, tuned.model, probes), "epochs": len(tuned.history)}
