"""The main job: from documents and annotations to trained, compared, registered, served and queried models.

Every stage is skipped while nothing that it reads has changed; `stages.py` says how that is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.artifact import MANIFEST
from standpoint.models_folder import NAMES, models_folder, read_champion
from standpoint.predictor import load_predictor
from training.annotations.documents import list_corpus_files
from training.job_places import champion_file, processes, store_files, tracking_server, validation_score
from training.job_report import closing_table, next_commands, service_lines
from training.models.lesson import versions
from training.models.settings import BaselineSettings, TransformerSettings
from training.page_answers import answer_pages, page_lines, shared_pages
from training.scoring import choice_metric
from training.stages import Outcome, Stage, run_stage

TASKS = ("topic", "stance")
TEST_SPLITS = ("test", "test_unseen_targets", "test_unseen_kinds")
Say = Callable[..., None]

# The quick job walks the same path: fewer examples, a few steps, nobody expects a good model of it.
QUICK_TRANSFORMER = TransformerSettings(max_steps=24, max_length=96)
QUICK_LIMIT = 300
QUICK_PASSAGES = 6  # judged of each page


@dataclass(frozen=True)
class Job:
    """What to run the main job on. `pages` of None takes those of STANDPOINT_SHARED where they are."""

    data: Path = Path("data")
    quick: bool = False
    pages: list[Path] | None = None
    seed: int = 13
    limit: int | None = None
    documents: tuple[Path, ...] = ()  # folders of texts that the corpus does not store

    @property
    def runs(self) -> Path:
        return Path("runs", "quick") if self.quick else Path("runs")

    @property
    def built(self) -> Path:
        return self.data / "build"

    @property
    def examples(self) -> int | None:
        """How many training examples to read at most."""
        return self.limit or (QUICK_LIMIT if self.quick else None)


def run_job(job: Job, say: Say, show: Callable[[Iterable[str]], None]) -> None:
    """Run all stages in order, print what they did, and end with the table and the commands to go on with."""
    outcomes: dict[str, Outcome] = {}
    for stage in list_stages(job):
        outcome = run_stage(stage, job.runs / "stages", lambda why, name=stage.name: say(f"\n» {name}: {why}"))
        done = f"{outcome.seconds:.0f} s" if outcome.because else "unchanged"
        say(f"  {stage.name}: {done}", *(f"  {line}" for line in outcome.result.get("lines", [])))
        outcomes[stage.name] = outcome
    show(["", *service_lines(outcomes["service"].result["answers"])])
    if "pages" in outcomes:
        show(page_lines(outcomes["pages"].result["pages"]))
    else:
        say("\nno pages to read: name some with --pages FILE...")
    show(["", *closing_table(outcomes), "", *next_commands(job.built, job.runs)])


def list_stages(job: Job) -> list[Stage]:
    """Return the stages in their order."""
    stages = [check_stage(job), gold_stage(job), parts_stage(job), dataset_stage(job)]
    for task in TASKS:
        stages += [*train_stages(job, task), champion_stage(job, task), test_stage(job, task)]
    stages.append(service_stage(job))
    pages = job.pages if job.pages is not None else shared_pages()
    return [*stages, pages_stage(job, pages)] if pages else stages


def check_stage(job: Job) -> Stage:
    """Refuse a corpus with errors before anything is made of it."""

    def check() -> dict[str, Any]:
        from standpoint.errors import BadInput
        from training.annotations.corpus import check_corpus

        report = check_corpus(job.data, job.documents)
        if report.has_errors:
            raise BadInput(f"{report.errors[0]} ({len(report.errors)} errors; see: standpoint check {job.data})")
        return {"lines": [report.lines()[0], report.lines()[-1]]}

    return Stage("check", ["training.annotations.corpus"], corpus_files(job), [], check)


def gold_stage(job: Job) -> Stage:
    """Adjudicate: annotations -> gold.jsonl."""
    out = job.runs / "gold.jsonl"

    def adjudicate() -> dict[str, Any]:
        from training.annotations.adjudication import write_gold

        return {"lines": write_gold(job.data, out, processes(), job.documents).lines()}

    return Stage("gold", ["training.annotations.adjudication"], corpus_files(job), [out], adjudicate)


def parts_stage(job: Job) -> Stage:
    """Give each new document its part for good: gold.jsonl -> parts.jsonl."""
    gold, splits, parts = job.runs / "gold.jsonl", job.data / "splits.yaml", job.data / "parts.jsonl"

    def settle() -> dict[str, Any]:
        from training.dataset.build import write_parts

        return {"lines": [f"{write_parts(gold, splits, job.built, processes())} new documents in {parts}"]}

    return Stage("parts", ["training.dataset.build"], [gold, splits, job.data / "codebook.yaml"], [parts], settle)


def dataset_stage(job: Job) -> Stage:
    """Split: gold.jsonl -> the built dataset."""
    gold, splits = job.runs / "gold.jsonl", job.data / "splits.yaml"

    def build() -> dict[str, Any]:
        from training.dataset.build import build_dataset

        return {"lines": build_dataset(gold, splits, job.built, workers=processes()).lines()}

    inputs = [gold, splits, job.data / "parts.jsonl", job.data / "codebook.yaml"]
    return Stage("dataset", ["training.dataset.build"], inputs, [job.built / "manifest.json"], build)


def train_stages(job: Job, task: str) -> list[Stage]:
    """Train baseline and transformer of a task, and for stance the text-only floor."""
    settings: dict[str, BaselineSettings | TransformerSettings] = {
        "baseline": BaselineSettings(),
        "transformer": QUICK_TRANSFORMER if job.quick else TransformerSettings(),
    }
    if task == "stance":
        settings["text-only"] = BaselineSettings(features="text")
    return [train_stage(job, task, name, chosen) for name, chosen in settings.items()]


def train_stage(job: Job, task: str, name: str, settings: BaselineSettings | TransformerSettings) -> Stage:
    """Train one model: built dataset -> artifact, tracked in MLflow."""
    out = artifact_folder(job, task, name)
    transformer = isinstance(settings, TransformerSettings)

    def train() -> dict[str, Any]:
        from training.experiment import run_experiment
        from training.models.fitting import describe_fit
        from training.models.request import Request
        from training.models.weights import DEFAULT_ENCODER
        from training.training_data import read_training_data

        data = read_training_data(task, job.built, None, job.seed, job.examples)
        request = Request(
            train=data.train,
            validation=data.validation,
            settings=settings,
            seed=job.seed,
            passages=data.passages,
            encoder=DEFAULT_ENCODER if transformer else "",
        )
        tags = ["quick=true"] if job.quick else []
        tags.append(f"role={'floor' if name == 'text-only' else 'model'}")
        metadata = run_experiment(request, out, tags=tags, resume=True).metadata
        metric = choice_metric(task, metadata.labels)
        score = metadata.metrics[metric]
        line = f"validation {metric} {score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}], run {metadata.run}"
        lines = [line, *describe_fit(metadata)]
        return {"lines": lines, "task": task, "model": name, "metric": metric, "score": score}

    # Not training.experiment: what is logged and drawn of a model does not change the model.
    modules = ["training.models.train", "training.training_data"]
    neural = [f"training.models.{name}" for name in ("finetune", "export", "checkpoint")]
    other = [] if transformer else neural  # beside a transformer stands a baseline
    return Stage(
        f"train-{task}-{name}",
        modules,
        [job.built / "manifest.json"],
        [out / MANIFEST, *store_files()],
        train,
        {
            **dataclasses.asdict(settings),
            "seed": job.seed,
            "limit": job.examples,
            "versions": versions(),
            **tracking_server(),
        },
        other,
    )


def champion_stage(job: Job, task: str) -> Stage:
    """Choose the better model on validation, register it, and promote it if the gate lets it pass."""
    candidates = {name: artifact_folder(job, task, name) for name in ("baseline", "transformer")}

    def choose() -> dict[str, Any]:
        from training.evaluation.gate import judge_promotion
        from training.examples import read_examples
        from training.tracking.registry import register_artifact, set_champion, write_gate_report

        scores = {name: validation_score(folder) for name, folder in candidates.items()}
        best = max(scores, key=lambda name: scores[name])
        version = register_artifact(candidates[best])
        standing = read_champion(models_folder(), version.name)
        kind = "topic" if task == "topic" else "stance"
        verdict = judge_promotion(
            load_predictor(candidates[best]),
            load_predictor(standing.folder) if standing else None,
            read_examples(job.built, kind, "validation"),
            candidates[best],
        )
        write_gate_report(version.name, version.version, verdict.table(), verdict.passed)
        if verdict.passed and not (standing and standing.digest == version.digest):
            set_champion(version.name, version.version, f"standpoint run: {verdict.reason}")
        elif standing is None:  # without a champion there is nothing to serve: the history says that it was forced
            set_champion(version.name, version.version, f"standpoint run: the first one; {verdict.reason}", forced=True)
        outcome = "promoted" if verdict.passed else "not promoted" if standing else "promoted, as the first one, though"
        compared = ", ".join(f"{name} {score:.3f}" for name, score in scores.items())
        lines = [f"{compared}: {best} scores higher", f"{version.name} {version.version} {outcome}: {verdict.reason}"]
        lines += [f"  {line}" for line in verdict.lines()]
        return {"lines": lines, "task": task, "best": best, "version": version.version, "promoted": verdict.passed}

    return Stage(
        f"champion-{task}",
        ["training.evaluation.gate", "training.tracking.registry", "training.tracking.pyfunc_model"],
        [folder / MANIFEST for folder in candidates.values()],
        [champion_file(task), *store_files()],
        choose,
        {"models": str(models_folder()), **tracking_server()},
    )


def test_stage(job: Job, task: str) -> Stage:
    """Report the champion on the test parts, once per version, floors beside it, and log it to the champion's run."""
    floor = artifact_folder(job, task, "text-only") if task == "stance" else None

    def test() -> dict[str, Any]:
        from training.champion_report import report_champion

        champion = read_champion(models_folder(), NAMES["topic" if task == "topic" else "stance"])
        if champion is None:
            raise RuntimeError("the stage before published no champion")
        limit = job.limit or (QUICK_LIMIT if job.quick else None)
        # A quick look at a few examples is no report: it must not stand in the champion's run.
        return report_champion(champion, task, job.built, TEST_SPLITS, floor, limit, log=limit is None)

    inputs = [champion_file(task), job.built / "manifest.json", *([floor / MANIFEST] if floor else [])]
    return Stage(
        f"test-{task}",
        ["training.champion_report"],
        inputs,
        store_files(),
        test,
        {"limit": job.examples, **tracking_server()},
    )


def service_stage(job: Job) -> Stage:
    """Start the service from the published champions, ask it over HTTP, stop it."""

    def serve() -> dict[str, Any]:
        from training.service_check import ask_service

        return {"answers": ask_service(job.runs / "service.log")}

    modules = ["training.service_check", "serving.service"]
    return Stage("service", modules, [champion_file(task) for task in TASKS], [], serve)


def pages_stage(job: Job, pages: list[Path]) -> Stage:
    """Read raw pages: passages kept, what was cut and why, topics and stances of every kept passage."""
    most = QUICK_PASSAGES if job.quick else None

    def read() -> dict[str, Any]:
        return {"pages": answer_pages(pages, models_folder(), most)}

    inputs = [*pages, *(champion_file(task) for task in TASKS)]
    return Stage("pages", ["training.page_answers"], inputs, [], read, {"pages": [str(p) for p in pages], "most": most})


def corpus_files(job: Job) -> list[Path]:
    """Return what a corpus folder holds for learning; what is built into it is not part of it."""
    return list_corpus_files(job.data, job.documents)


def artifact_folder(job: Job, task: str, name: str) -> Path:
    """Return where the job keeps an artifact."""
    return job.runs / f"{task}-{name}"
