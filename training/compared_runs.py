"""Runs compared on what they all answered: found in the store, refused where they are unlike, written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from standpoint.errors import BadInput, Refused
from training.evaluation.comparison import Duel, compare_models
from training.evaluation.comparison_page import write_comparison_page
from training.evaluation.tables import PREDICTIONS, read_predictions
from training.examples import ExampleSet, Task, make_example_set, read_examples
from training.metrics import Score
from training.scoring import Predictions, gold_of, score_predictions
from training.seeds import SEEDS
from training.tracking.lookup import TrackedRun, find_tracked, open_file
from training.tracking.runs import open_run

BUILT = "data/build"  # where runs that do not say so have read
# What two runs must share to be compared, by the name of the tag, and how it is called.
ALIKE = {"task": "task", "data": "data", "codebook": "codebook version"}


@dataclass(frozen=True)
class Contender:
    """A run and what it answered."""

    run: TrackedRun
    predictions: Predictions
    scores: Mapping[str, Score]

    @property
    def name(self) -> str:
        return self.run.label


@dataclass(frozen=True)
class Comparison:
    """Runs on one set of examples, and every pair of them; `differing` has the settings that are not all equal."""

    split: str
    examples: ExampleSet
    contenders: tuple[Contender, ...]
    duels: tuple[Duel, ...]
    differing: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        return [contender.name for contender in self.contenders]


def compare_runs(references: Sequence[str], data: Path | None = None, split: str = "validation") -> Comparison:
    """Compare runs by the predictions that are stored with them.

    `data` holds the examples that they were scored on (a built dataset, or labelled lines): by default where the first
    run says that it read them. Raises Refused where the runs are unlike, or `data` is not what they were scored on.
    """
    runs = [find_tracked(reference) for reference in references]
    check_alike(runs, split)
    answers = [_read_answers(run, split) for run in runs]
    examples = _read_scored(runs[0], data, split, answers[0][0].ids)
    contenders = [_make_contender(run, *found, examples, split) for run, found in zip(runs, answers, strict=True)]
    duels = compare_models([contender.predictions for contender in contenders], examples)
    return Comparison(split, examples, tuple(contenders), tuple(duels), list_differing(runs))


def check_alike(runs: Sequence[TrackedRun], split: str = "validation") -> None:
    """Raise Refused where tasks, data or codebooks differ, and say which; BadInput for one named twice or unscored."""
    for place, run in enumerate(runs):
        if run.id in {other.id for other in runs[:place]}:
            raise BadInput(f"{run.label} was named twice; a comparison takes different runs")
        if SEEDS in run.tags:
            raise BadInput(f"stands for several seeds ({run.tags[SEEDS]}); compare the runs below it", run.label)
        if "artifact" not in run.tags:
            raise BadInput(
                f"has no model of its own to compare ({run.status.lower()}); see: standpoint runs", run.label
            )
        if f"data.{split}" not in run.tags:
            raise BadInput(f"was not scored on {split}; see: standpoint evaluate ARTIFACT --log", run.label)
    for tag, name in [*ALIKE.items(), (f"data.{split}", f"{split} examples")]:
        values = [run.tags.get(tag, "none") for run in runs]
        if len(set(values)) > 1:
            found = "; ".join(f"{run.label}: {value[:12]}" for run, value in zip(runs, values, strict=True))
            raise Refused(f"the runs differ in {name}, so their scores cannot be compared ({found})")


def list_differing(runs: Sequence[TrackedRun]) -> dict[str, tuple[str, ...]]:
    """Return the parameters, and the tags that say how a model was made, whose values are not all equal."""
    made = ("model", "commit", "dirty", "hardware", "data.training", "data.training.rows")
    sources = [{**{tag: run.tags.get(tag, "") for tag in made}, **run.parameters} for run in runs]
    names = sorted({name for source in sources for name in source})
    found = {name: tuple(source.get(name, "") or "-" for source in sources) for name in names}
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def _read_scored(run: TrackedRun, data: Path | None, split: str, ids: Sequence[str]) -> ExampleSet:
    """Return the examples that a run was scored on, known by their digest; of a larger set, those with these ids."""
    task: Task = "topic" if run.tags.get("task") == "topic" else "stance"
    named, _, _ = run.tags.get(f"data.{split}.source", f"{BUILT}#{split}").partition("#")
    source = data or Path(named)
    if not source.exists():
        raise BadInput("is not here; name the examples with --data DIR|FILE", str(source))
    examples = read_examples(source, task, split if source.is_dir() else None)
    scored = run.tags[f"data.{split}"]
    known = {example.id: example for example in examples.examples}
    if examples.digest != scored and set(ids) <= set(known):  # a share held back, or a --limit
        examples = make_example_set(task, [known[key] for key in ids], like=examples)
    if examples.digest != scored:
        raise Refused(
            f"{examples.source} has the digest {examples.digest[:12]}, the runs were scored on {scored[:12]}: it has "
            "changed since; name the same examples with --data DIR|FILE"
        )
    return examples


def _read_answers(run: TrackedRun, split: str) -> tuple[Predictions, list[tuple[str, ...]]]:
    """Return what a run answered, and the gold labels that were stored beside it."""
    with open_file(run, f"{split}/{PREDICTIONS}") as path:
        if path is None:
            raise BadInput(f"has no {split}/{PREDICTIONS}; score it again: standpoint evaluate --log", run.label)
        return read_predictions(path)


def _make_contender(
    run: TrackedRun, predictions: Predictions, gold: list[tuple[str, ...]], examples: ExampleSet, split: str
) -> Contender:
    if predictions.ids != tuple(e.id for e in examples.examples) or gold != list(gold_of(examples)):
        raise BadInput(f"{split}/{PREDICTIONS} is not about the examples of {examples.source}", run.label)
    return Contender(run, predictions, score_predictions(predictions, examples))


def log_comparison(comparison: Comparison, page: Path) -> str:
    """Write a comparison down as a run of `standpoint-compare` that links the runs compared; returns its id."""
    first = comparison.contenders[0].run
    duels = comparison.duels
    tags = {tag: first.tags.get(tag, "none") for tag in ALIKE} | {"split": comparison.split}
    tags |= {f"compared.{i}": contender.run.id for i, contender in enumerate(comparison.contenders, start=1)}
    tags["verdict"] = duels[0].verdict if len(duels) == 1 else f"{len(duels)} pairs"
    name = f"{tags['task']} · {comparison.split} · " + " and ".join(c.run.id[:8] for c in comparison.contenders)
    with open_run("compare", name, {}, tags, describe_comparison(comparison)) as run:
        run.log_data(comparison.split, comparison.examples.digest, comparison.examples.source, len(comparison.examples))
        for duel in duels:
            prefix = "difference" if len(duels) == 1 else f"difference.{duel.first + 1}-{duel.second + 1}"
            leads = {m: Score(d.value, d.low, d.high, duel.count) for m, d in duel.differences.items()}
            run.log_scores(prefix, leads)
            run.log_values({f"{prefix}.p": duel.p, f"{prefix}.flips": float(len(duel.flips))})
        run.log_files([page])
        run.link_models([model for contender in comparison.contenders for model in contender.run.models])
    return run.id


def describe_comparison(comparison: Comparison) -> str:
    """Return what a reviewer reads first on the comparison's page, in Markdown."""
    metric = comparison.duels[0].metric
    lines = [f"**{duel.verdict}**: {duel.sentence(comparison.names)}.\n" for duel in comparison.duels]
    lines += ["", f"| run | {metric} on {comparison.split} | 95% interval |", "|---|---|---|"]
    for contender in comparison.contenders:
        score = contender.scores[metric]
        link = f"[{contender.name}](#/experiments/{contender.run.experiment_id}/runs/{contender.run.id})"
        lines.append(f"| {link} | {score.value:.3f} | {score.low:.3f} to {score.high:.3f} |")
    if comparison.differing:
        lines += ["", "Settings that differ:", ""]
        lines += [
            f"- {name}: {', '.join(f'`{value}`' for value in values)}" for name, values in comparison.differing.items()
        ]
    return "\n".join([*lines, "", "Flipped examples and slices: `comparison.html` under Artifacts."])


def write_comparison(comparison: Comparison, page: Path) -> None:
    """Write the comparison as a page for the browser; replaces `page` by rename."""
    task = comparison.contenders[0].run.tags["task"]
    write_comparison_page(
        page,
        f"{task} on {comparison.split}: {len(comparison.contenders)} runs compared",
        comparison.names,
        [contender.scores for contender in comparison.contenders],
        comparison.duels,
        comparison.differing,
        comparison.examples,
    )
