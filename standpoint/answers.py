"""Answers about passages in the shape of the contracts: one way for files and for HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from standpoint.codebook import UNRELATED
from standpoint.encoding import normalise
from standpoint.explanation import explain_labels, strongest
from standpoint.pages.language import detect_language
from standpoint.predictor import Predictor, StanceAnswer, TopicAnswer

UNDETERMINED = "und"


@dataclass(frozen=True)
class Question:
    """A passage to be judged. `targets` are wordings or codebook ids; None asks for the codebook's.

    `language` is given where it is known better than from the text alone, as on a page; None has it detected.
    """

    text: str
    targets: tuple[str, ...] | None = None
    id: str | None = None
    language: str | None = None


def answer_questions(
    questions: Sequence[Question], topic: Predictor | None, stance: Predictor | None
) -> list[dict[str, Any]]:
    """Return a prediction for each question, in order, as the contracts write it.

    A predictor that is None leaves its key out.
    """
    languages = [question.language or detect_language(normalise(question.text)) for question in questions]
    answers: list[dict[str, Any]] = [
        {**({"id": question.id} if question.id is not None else {}), "language": language, "truncated": False}
        for question, language in zip(questions, languages, strict=True)
    ]
    if topic is not None:
        for answer, topics in zip(answers, topic.topics([q.text for q in questions]), strict=True):
            answer["truncated"] |= topics.truncated
            answer["topics"] = _topic_rows(topics, _is_foreign(answer["language"], topic))
    if stance is not None:
        asked = [list(q.targets) if q.targets is not None else codebook_targets(stance) for q in questions]
        wordings = [[target_wording(target, stance) for target in targets] for targets in asked]
        # A target that somebody named and one that is merely tried are decided by thresholds of their own.
        named = [q.targets is not None for q in questions]
        stances = _ask_stances(stance, [q.text for q in questions], wordings, named)
        for answer, question, targets, judged in zip(answers, questions, asked, stances, strict=True):
            answer["truncated"] |= any(item.truncated for item in judged)
            foreign = _is_foreign(answer["language"], stance)
            rows = [_stance_row(target, item, foreign) for target, item in zip(targets, judged, strict=True)]
            answer["stances"] = rows if question.targets is not None else _found_rows(rows, foreign)
    return answers


@dataclass(frozen=True)
class Explainable:
    """Rows of an answer that are explained together: the decided topics of a passage, or one stance of it."""

    predictor: Predictor
    text: str
    target: str | None
    rows: tuple[dict[str, Any], ...]
    labels: tuple[str, ...]  # of the rows: what is explained

    def add_words(self) -> None:
        """Write the words that count most into each row, under `words`."""
        explanations = explain_labels(self.predictor, self.text, self.target, self.labels)
        for row, words in zip(self.rows, explanations, strict=True):
            row["words"] = [{**asdict(word), "weight": round(word.weight, 6)} for word in strongest(words)]


def find_explainable(
    question: Question, answer: dict[str, Any], topic: Predictor | None, stance: Predictor | None
) -> list[Explainable]:
    """Return what there is to explain in an answer of `answer_questions` by the same predictors.

    A stance that is withheld is explained by its most probable label.
    """
    found = []
    if topic is not None and (decided := tuple(row for row in answer["topics"] if row["decided"])):
        found.append(Explainable(topic, question.text, None, decided, tuple(row["topic"] for row in decided)))
    if stance is not None:
        for row in answer["stances"]:
            label = row["stance"] or max(row["probabilities"], key=row["probabilities"].__getitem__)
            target = target_wording(row["target"], stance)
            found.append(Explainable(stance, question.text, target, (row,), (label,)))
    return found


def codebook_targets(stance: Predictor) -> list[str]:
    """Return the wordings that are tried where no target is named: the codebook's, else those of training."""
    codebook = stance.metadata.codebook
    return list(codebook.targets.values()) if codebook else list(stance.metadata.targets)


def target_wording(target: str, stance: Predictor) -> str:
    """Return the wording of a codebook id; anything else is a wording already."""
    codebook = stance.metadata.codebook
    return codebook.targets.get(target, target) if codebook else target


def _is_foreign(language: str, predictor: Predictor) -> bool:
    known = predictor.metadata.languages
    return bool(known) and language != UNDETERMINED and language not in known


def _topic_rows(answer: TopicAnswer, foreign: bool) -> list[dict[str, Any]]:
    return [
        {"topic": topic, "probability": round(p, 6), "decided": not foreign and topic in answer.decided}
        for topic, p in answer.probabilities.items()
    ]


def _stance_row(target: str, answer: StanceAnswer, foreign: bool) -> dict[str, Any]:
    return {
        "target": target,
        "stance": None if foreign else answer.stance,
        "probabilities": {label: round(p, 6) for label, p in answer.probabilities.items()},
        "abstain": "language" if foreign else answer.abstain,
    }


def _ask_stances(
    stance: Predictor, texts: Sequence[str], targets: Sequence[Sequence[str]], named: Sequence[bool]
) -> list[list[StanceAnswer]]:
    """Return the stances of each text toward its targets, those of `named` questions decided as named ones."""
    rows: list[list[StanceAnswer]] = [[] for _ in texts]
    for asked in (True, False):
        chosen = [i for i, flag in enumerate(named) if flag is asked]
        if not chosen:
            continue
        found = stance.stances([texts[i] for i in chosen], [targets[i] for i in chosen], named=asked)
        for i, answers in zip(chosen, found, strict=True):
            rows[i] = answers
    return rows


def _found_rows(rows: list[dict[str, Any]], foreign: bool) -> list[dict[str, Any]]:
    """Keep the targets that the passage refers to."""
    return [] if foreign else [row for row in rows if row["stance"] != UNRELATED]
