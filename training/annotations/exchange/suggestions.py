"""Pre-annotation: what the models say of each task, in the codebook's labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from standpoint.codebook import UNRELATED, Codebook
from standpoint.errors import BadInput
from standpoint.predictor import Predictor, StanceAnswer, TopicAnswer
from training.annotations.exchange.tasks import Suggestion, Task, TaskSet

_BATCH = 64


def suggest_labels(
    tasks: TaskSet,
    topic: Predictor | None,
    stance: Predictor | None,
    progress: Callable[[int], object] = lambda _: None,
) -> TaskSet:
    """Return the tasks with a suggestion each; `progress` hears how many were done.

    Every target of the codebook is tried. What a model abstains from, texts in a language that it was not trained on,
    and topics that the codebook does not have are left out. Raises BadInput where a model cannot be of use.
    """
    if topic and not set(topic.metadata.labels) & set(tasks.codebook.topics.labels):
        raise BadInput(f"the topic model knows {', '.join(topic.metadata.labels)}; the codebook has none of them")
    if stance and not stance.finds_targets:
        message = f"the stance model has no label {UNRELATED!r}, so it would see every target in every passage"
        raise BadInput(f"{message}; train it with sampled negatives, or suggest topics alone")
    model = "+".join(f"{name}-{p.digest[:12]}" for name, p in (("topic", topic), ("stance", stance)) if p)
    suggested: list[Task] = []
    for first in range(0, len(tasks.tasks), _BATCH):
        batch = tasks.tasks[first : first + _BATCH]
        topics = topic.topics([task.text for task in batch]) if topic else [None] * len(batch)
        stances = _ask_stances(batch, tasks.codebook, stance)
        for task, found, sides in zip(batch, topics, stances, strict=True):
            known = _find_topics(found, tasks.codebook) if _reads(topic, task) else {}
            pairs = _find_stances(sides, tasks.codebook) if _reads(stance, task) else {}
            score = min((*known.values(), *(probability for _, probability in pairs.values())), default=0.0)
            suggested.append(replace(task, suggestion=Suggestion(known, pairs, score, model)))
        progress(len(batch))
    return TaskSet(tasks.codebook, tuple(suggested))


def _reads(predictor: Predictor | None, task: Task) -> bool:
    languages = predictor.metadata.languages if predictor else ()
    return not languages or task.document.language in languages


def _ask_stances(batch: Sequence[Task], codebook: Codebook, stance: Predictor | None) -> list[list[StanceAnswer]]:
    if stance is None:
        return [[] for _ in batch]
    wordings = list(codebook.targets.values())
    # Nobody named these targets: they are tried, which is decided by a threshold of its own.
    return stance.stances([task.text for task in batch], [wordings] * len(batch), named=False)


def _find_topics(answer: TopicAnswer | None, codebook: Codebook) -> dict[str, float]:
    if answer is None:
        return {}
    return {name: answer.probabilities[name] for name in answer.decided if name in codebook.topics.labels}


def _find_stances(answers: Sequence[StanceAnswer], codebook: Codebook) -> dict[str, tuple[str, float]]:
    found = zip(codebook.targets, answers, strict=False)  # there is no answer at all without a model
    return {
        target: (answer.stance, answer.probabilities[answer.stance])
        for target, answer in found
        if answer.stance is not None and answer.stance != UNRELATED
    }
