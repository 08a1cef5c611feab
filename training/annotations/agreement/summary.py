"""All that is said about agreement in one corpus, for the terminal, a page or a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from training.annotations.agreement.confusion import StanceConfusion, TopicConfusion, count_stances, count_topics
from training.annotations.agreement.disputes import Dispute, find_disputes
from training.annotations.agreement.questions import (
    Agreement,
    find_annotators,
    measure_agreement,
    measure_targets,
    measure_topics,
)
from training.annotations.records import ADJUDICATOR, Corpus


@dataclass(frozen=True)
class Summary:
    """Agreement in a corpus. `judged` counts passages by annotator, `shared` those judged by two or more.

    `disputes` holds at most as many as were asked for, `differing` all passages whose annotators differ. Where nothing
    was judged twice, `missing` says why and the rest is empty.
    """

    source: str
    judged: Mapping[str, int]
    shared: int
    draws: int
    adjudicated: int
    missing: str = ""
    questions: tuple[Agreement, ...] = ()
    topics: tuple[Agreement, ...] = ()
    targets: tuple[tuple[Agreement, Agreement], ...] = ()
    stance_confusions: tuple[StanceConfusion, ...] = ()
    topic_confusions: tuple[TopicConfusion, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    differing: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return everything as one JSON object."""
        return {
            "source": self.source,
            "annotators": dict(self.judged),
            "shared": self.shared,
            "adjudicated": self.adjudicated,
            "draws": self.draws,
            "missing": self.missing or None,
            "questions": [agreement.as_dict() for agreement in self.questions],
            "topics": [agreement.as_dict() for agreement in self.topics],
            "targets": [agreement.as_dict() for pair in self.targets for agreement in pair],
            "stance_confusions": [confusion.as_dict() for confusion in self.stance_confusions],
            "topic_confusions": [confusion.as_dict() for confusion in self.topic_confusions],
            "differing": self.differing,
            "disputes": [dispute.as_dict() for dispute in self.disputes],
        }


def summarise_agreement(corpus: Corpus, draws: int = 1000, seed: int = 13, worst: int = 20) -> Summary:
    """Measure all questions and gather confusions and the `worst` disputes. The adjudicator never counts."""
    names = find_annotators(corpus)
    passages = corpus.passages().values()
    judged = {name: sum(a.annotator == name for a in corpus.annotations) for name in names}
    shared = sum(sum(a.annotator in judged for a in found) > 1 for found in passages)
    adjudicated = sum(any(a.annotator == ADJUDICATOR for a in found) for found in passages)
    source = str(corpus.folder)
    if missing := _explain_missing(names, shared):
        return Summary(source, judged, shared, draws, adjudicated, missing)
    disputes = find_disputes(corpus)
    return Summary(
        source,
        judged,
        shared,
        draws,
        adjudicated,
        questions=tuple(measure_agreement(corpus, draws, seed)),
        topics=tuple(measure_topics(corpus, draws, seed)),
        targets=tuple(measure_targets(corpus, draws, seed)),
        stance_confusions=tuple(count_stances(corpus)),
        topic_confusions=tuple(count_topics(corpus)),
        disputes=tuple(disputes[:worst]),
        differing=len(disputes),
    )


def _explain_missing(names: tuple[str, ...], shared: int) -> str:
    if not names:
        return "no independent annotator: the adjudicator saw the others' labels and never counts; nothing to compare"
    if len(names) == 1:
        return f"one independent annotator only ({names[0]}); agreement needs two who judge the same passages"
    if not shared:
        return f"{', '.join(names)} judged no passage in common; have some passages judged twice to measure agreement"
    return ""
