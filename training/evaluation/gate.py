"""The promotion gate: what a challenger must show on validation before it takes the champion's place.

- Overall it does no worse: the 95% interval of its lead, both models on the same resamples, lies above -MARGIN
  (non-inferiority), and not wholly below zero. A tie passes once validation is large enough to show that it is one.
- On no large slice it does worse, beyond chance (Holm over the slices) or by more than SLICE_MARGIN.
- It reads the target (stance), its confidence is worth something, and it is not too slow or too large to serve.

Nothing here sees a test part. A champion of another codebook cannot be asked about these data; then only the challenger
is judged, as when there is no champion yet.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from standpoint.encoding import compose
from standpoint.errors import CorruptArtifact, Refused
from standpoint.golden import replay_golden
from standpoint.predictor import Predictor
from standpoint.versions import require_codebook
from training.evaluation.audit import BLIND, CONTRAST
from training.evaluation.confidence import measure_confidence
from training.evaluation.evaluator import evaluate_artifact
from training.evaluation.paired import ALPHA, Difference, adjust_holm, compare_tallies, needed_examples
from training.evaluation.slices import list_slices, take_rows
from training.examples import ExampleSet
from training.metrics import Score
from training.scoring import Predictions, predict_examples, shared_metric, tally_together

MARGIN = 0.05  # of the metric that chooses: how much worse the interval may leave it open that a challenger is
SLICE_MARGIN = 0.10  # of the same metric on a slice
LARGE = 100  # examples of a slice that decides
GROUPS = 20  # of validation, at least: an interval over fewer is none
CALIBRATION = 0.10  # error of confidence where more than a perfectly calibrated model would show
MILLISECONDS = 250.0  # a passage alone, median: an order of magnitude above the default model on two old cores
MEGABYTES = 1000.0  # of the artifact: a worker loads all of it
TIMED = 16  # passages


@dataclass(frozen=True)
class Check:
    """One condition of the gate, whether it is met, and what was found."""

    name: str
    passed: bool
    found: str


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger may become champion: only where every check is passed."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """Return what decided: the failed checks, or else the first, which is the comparison with the champion."""
        failed = [check for check in self.checks if not check.passed]
        return "; ".join(f"{check.name}: {check.found}" for check in failed) or self.checks[0].found

    def lines(self) -> list[str]:
        """Return a line a check."""
        width = max(len(check.name) for check in self.checks)
        return [f"{'passed' if c.passed else 'FAILED'}  {c.name:{width}s}  {c.found}" for c in self.checks]

    def table(self) -> str:
        """Return the report in Markdown."""
        head = ["| check | | found |", "|---|---|---|"]
        rows = [f"| {c.name} | {'passed' if c.passed else '**failed**'} | {c.found} |" for c in self.checks]
        return "\n".join([*head, *rows])


def judge_promotion(
    challenger: Predictor, champion: Predictor | None, validation: ExampleSet, folder: Path | None = None
) -> Verdict:
    """Judge a challenger, as it was loaded from `folder`, whose size is left out where there is none."""
    if champion and champion.digest == challenger.digest:
        return Verdict((Check("champion", True, "it is the champion already"),))
    evaluation = evaluate_artifact(challenger, validation)
    checks = _check_champion(challenger, evaluation.predictions, champion, validation)
    contrast = evaluation.scores.get(CONTRAST)
    if contrast is not None:
        checks.append(_check_contrast(contrast))
    if champion is not None or contrast is not None:
        checks.append(_check_groups(validation))  # else no interval decides
    checks += [_check_calibration(evaluation.predictions, validation), _check_speed(challenger, validation)]
    if folder is not None:
        checks += [_check_golden(challenger, folder), _check_size(folder)]
    return Verdict(tuple(checks))


def _check_champion(
    challenger: Predictor, answers: Predictions, champion: Predictor | None, validation: ExampleSet
) -> list[Check]:
    name = "no worse than the champion"
    if champion is None:
        return [Check(name, True, "there is no champion yet")]
    if outdated := find_outdated(champion, validation):
        return [Check(name, True, outdated)]
    standing = predict_examples(champion, validation)
    new, old = tally_together([answers, standing], validation)
    metric = shared_metric([answers, standing], [new, old], validation)
    if metric is None:
        return [Check(name, False, "the two have no metric in common on this data")]
    lead = compare_tallies(metric, new[metric], old[metric])
    return [_judge_lead(name, lead, len(validation)), _check_slices(metric, answers, standing, validation)]


def _judge_lead(name: str, lead: Difference, count: int) -> Check:
    found = (
        f"{lead.metric} on validation is {lead.first:.3f}, the champion's {lead.second:.3f}, "
        f"lead {lead.value:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}]"
    )
    if lead.high < 0:
        return Check(name, False, f"{found}; the interval must reach zero")
    if lead.low > -MARGIN:
        return Check(name, True, found)
    why = f"; the interval must lie above {-MARGIN:g}"
    if lead.value > -MARGIN:
        more = needed_examples(lead.error, count, lead.value + MARGIN)
        why += f", for which validation may be too small (about {more:,} more examples would show it)" if more else ""
    return Check(name, False, found + why)


def _check_slices(metric: str, new: Predictions, old: Predictions, validation: ExampleSet) -> Check:
    name = f"no slice of {LARGE} examples worse"
    leads = []
    for part in list_slices(validation):
        if len(part.rows) >= LARGE:
            taken = [take_rows(found, validation, part.rows) for found in (new, old)]
            one, other = tally_together([found for found, _ in taken], taken[0][1])
            if metric in one and metric in other:
                leads.append((part, compare_tallies(metric, one[metric], other[metric])))
    if not leads:
        return Check(name, True, "there is no slice so large")
    adjusted = adjust_holm([lead.p for _, lead in leads])
    worse = [
        f"{part.dimension} {part.value} ({len(part.rows)}): {lead.value:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}]"
        for (part, lead), p in zip(leads, adjusted, strict=True)
        if (lead.value < 0 and p < ALPHA) or lead.value < -SLICE_MARGIN
    ]
    if worse:
        return Check(name, False, "worse on " + "; ".join(worse))
    part, lead = min(leads, key=lambda entry: entry[1].value)
    return Check(name, True, f"of {len(leads)} slices the least is {part.dimension} {part.value}: {lead.value:+.3f}")


def _check_contrast(contrast: Score) -> Check:
    found = f"{CONTRAST} on validation is {contrast.value:.3f} [{contrast.low:.3f}, {contrast.high:.3f}]"
    if contrast.low >= BLIND:
        return Check("reads the target", True, found)
    return Check("reads the target", False, f"target_blind: {found}, and its interval must lie above {BLIND}")


def _check_calibration(predictions: Predictions, validation: ExampleSet) -> Check:
    found = measure_confidence(predictions, validation)
    bound = max(CALIBRATION, found.limit)
    words = f"calibration.error {found.error:.3f}, at most {bound:.3f} allowed"
    return Check("calibrated", found.error <= bound, words)


def _check_groups(validation: ExampleSet) -> Check:
    count = len({e.group for e in validation.examples})
    return Check("enough groups", count >= GROUPS, f"validation has {count} groups, at least {GROUPS} are asked for")


def _check_golden(challenger: Predictor, folder: Path) -> Check:
    try:
        replay_golden(folder, challenger)
    except CorruptArtifact as error:
        return Check("golden inputs", False, str(error))
    return Check("golden inputs", True, f"answered as sealed in {challenger.digest[:12]}")


def _check_speed(challenger: Predictor, validation: ExampleSet) -> Check:
    seconds = []
    for example in validation.examples[:TIMED]:
        started = time.perf_counter()
        challenger.probabilities([compose(example.text, example.target, example.mention)])
        seconds.append(time.perf_counter() - started)
    taken = 1000 * statistics.median(seconds)
    found = f"{taken:.1f} ms a passage alone, at most {MILLISECONDS:.0f} allowed"
    return Check("speed", taken <= MILLISECONDS, found)


def _check_size(folder: Path) -> Check:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return Check("size", size <= MEGABYTES, f"{size:.0f} MB, at most {MEGABYTES:.0f} allowed")


def find_outdated(champion: Predictor, validation: ExampleSet) -> str:
    """Return why a champion of another codebook cannot be asked about data of this one; empty where it can."""
    book = champion.metadata.codebook
    if book is None or validation.codebook is None or book.version == validation.codebook.version:
        return ""
    try:
        require_codebook(book, validation.codebook, "the champion", validation.source)
    except Refused:
        return f"the champion knows codebook {book.version} only"
    unknown = set(validation.labels) - set(champion.metadata.labels) if validation.task == "topic" else set()
    return f"the champion knows codebook {book.version} only, without {', '.join(sorted(unknown))}" if unknown else ""
