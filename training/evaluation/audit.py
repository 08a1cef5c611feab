"""Does a stance model read the target? What a score over all pairs cannot tell, since most passages carry one stance.

- `stance.contrast_accuracy`: pairs of passages that carry two different stances. A model that answers by the passage
  alone gives such a passage one answer.
- probes, pairs of sentences written for it: the stance turns when the sentence is negated (`negation`) or when the
  target is exchanged (`swap`), and stays when another country says the same (`names`). Both answers must be right.
- unrelated targets: how many of those that a passage does not refer to get a side all the same.

Nothing is fitted or chosen here; the gate reads the audit of validation.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from standpoint.codebook import STANCES
from standpoint.encoding import compose, target_key
from standpoint.errors import BadInput
from standpoint.predictor import Predictor
from training.examples import Example, ExampleSet
from training.files import describe, read_objects, require_text
from training.metrics import Score, bootstrap
from training.scoring import decide_pairs, predict_examples, score_predictions

CONTRAST = "stance.contrast_accuracy"
KINDS = ("negation", "swap", "names")
# A model that answers by the passage alone is right on half of the pairs of a passage with two stances: its interval
# must lie above that by a margin before one believes that it reads the target.
BLIND = 0.55
TRIED = (1, 2, 4, 8, 16)  # unrelated targets tried on a passage
PASSAGES = 150  # drawn for the unrelated targets
PROBES = Path(__file__).with_name("probes.jsonl")  # for the targets of data/codebook.yaml


@dataclass(frozen=True)
class Probe:
    """Two questions that differ in one thing; each is (text, target wording or codebook id, stance)."""

    id: str
    kind: str
    first: tuple[str, str, str]
    second: tuple[str, str, str]


@dataclass(frozen=True)
class Audit:
    """What the audit found. `contrast` is None where no passage carries two stances, `false_sides` empty where the
    model cannot answer `unrelated`; it maps the number of unrelated targets tried to the sides given a passage."""

    contrast: Score | None
    probes: dict[str, Score]
    false_sides: dict[int, Score]

    @property
    def target_blind(self) -> bool:
        """Whether the data leave it open that the model answers by the passage alone."""
        return self.contrast is not None and self.contrast.low < BLIND

    def scores(self) -> dict[str, Score]:
        """Return the numbers that only the audit has, by the names under which they are logged."""
        found = {f"audit.{kind}": score for kind, score in self.probes.items()}
        return found | {f"audit.false_sides_of_{tried}": score for tried, score in self.false_sides.items()}

    def lines(self) -> list[str]:
        """Return the audit for a terminal."""
        verdict = "the interval reaches below" if self.target_blind else "the interval lies above"
        lines = [f"audit: {'target_blind, ' if self.target_blind else ''}{verdict} {BLIND}"] if self.contrast else []
        contrast = {CONTRAST: self.contrast} if self.contrast else {}
        for name, score in {**contrast, **self.scores()}.items():
            lines.append(f"  {name:26s}  {score.value:.3f} [{score.low:.3f}, {score.high:.3f}]  n {score.count}")
        return lines


def audit_stance(
    predictor: Predictor, examples: ExampleSet, probes: Sequence[Probe] | None = None, seed: int = 0
) -> Audit:
    """Audit a stance model on annotated pairs, and on our probes of those targets that its codebook has."""
    if probes is None:
        probes = _known_probes(predictor)
    scores = score_predictions(predict_examples(predictor, examples), examples, seed)
    by_kind = {kind: [p for p in probes if p.kind == kind] for kind in KINDS}
    return Audit(
        scores.get(CONTRAST),
        {kind: score_probes(predictor, found, seed) for kind, found in by_kind.items() if found},
        count_false_sides(predictor, examples.examples, seed) if predictor.finds_targets else {},
    )


def score_probes(predictor: Predictor, probes: Sequence[Probe], seed: int = 0) -> Score:
    """Return the share of probes with both answers right."""
    questions = [side for probe in probes for side in (probe.first, probe.second)]
    said = decide_pairs(predictor, [compose(text, _wording(predictor, target)) for text, target, _ in questions])
    right = np.array([answer == stance for answer, (_, _, stance) in zip(said, questions, strict=True)])
    both = right.reshape(-1, 2).all(axis=1).astype(np.float64)
    return bootstrap(both[:, None], lambda t: t[..., 0] / len(both), len(both), seed)


def count_false_sides(predictor: Predictor, pairs: Sequence[Example], seed: int = 0) -> dict[int, Score]:
    """Return, by the number of unrelated targets tried on a passage, how many of them get favor or against.

    The targets are the model's own, those left out that any annotator saw in the passage. At most 150 passages are
    drawn; the interval is over them. Targets are tried as the service tries them when none is named.
    """
    generator = random.Random(seed)
    passages = {e.text: e for e in pairs if e.mentioned}
    drawn = generator.sample(sorted(passages), min(PASSAGES, len(passages)))
    free = []
    for text in drawn:
        seen = {target_key(t) for t in passages[text].mentioned}
        candidates = [t for t in predictor.metadata.targets if target_key(t) not in seen]
        free.append(generator.sample(candidates, min(TRIED[-1], len(candidates))))
    questions = [compose(text, target) for text, targets in zip(drawn, free, strict=True) for target in targets]
    sides = iter([answer in STANCES[:2] for answer in decide_pairs(predictor, questions, named=False)])
    table = [[next(sides) for _ in targets] for targets in free]
    scores = {}
    for tried in TRIED:
        counts = np.array([float(sum(row[:tried])) for row in table if len(row) >= tried])
        if len(counts):
            # (P, 2): sides given and passages, so that a resample's mean is a ratio of sums
            cells = np.stack([counts, np.ones(len(counts))], axis=1)
            scores[tried] = bootstrap(cells, lambda t: t[..., 0] / t[..., 1], len(counts), seed)
    return scores


def _known_probes(predictor: Predictor) -> list[Probe]:
    """Return our own probes whose targets the model's codebook has."""
    known = predictor.metadata.codebook.targets if predictor.metadata.codebook else {}
    return [probe for probe in read_probes(PROBES) if {probe.first[1], probe.second[1]} <= set(known)]


def read_probes(path: Path) -> tuple[Probe, ...]:
    """Read probes.jsonl: id, kind, text, target, stance and `other`, which says what the second question changes."""
    probes = []
    for where, content in read_objects(path):
        if content.get("kind") not in KINDS:
            raise BadInput(f"expected a kind of {', '.join(KINDS)}, found {describe(content, 'kind')}", where)
        if not isinstance(content.get("other"), dict):
            raise BadInput(f"expected an object 'other', found {describe(content, 'other')}", where)
        first, second = (_read_side(side, where) for side in (content, content | content["other"]))
        probes.append(Probe(require_text(content, "id", where), content["kind"], first, second))
    return tuple(probes)


def _read_side(content: dict[str, Any], where: str) -> tuple[str, str, str]:
    if content.get("stance") not in STANCES:
        raise BadInput(f"expected a stance of {', '.join(STANCES)}, found {describe(content, 'stance')}", where)
    return require_text(content, "text", where), require_text(content, "target", where), content["stance"]


def _wording(predictor: Predictor, target: str) -> str:
    codebook = predictor.metadata.codebook
    return codebook.targets.get(target, target) if codebook else target
