"""Agreement as lines for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from training.annotations.agreement.confusion import ANSWERS, StanceConfusion, TopicConfusion
from training.annotations.agreement.disputes import Dispute, Judgement
from training.annotations.agreement.questions import THIN, Agreement
from training.annotations.agreement.summary import Summary

CONFUSED_TOPICS = 12  # pairs shown; the page and the JSON file have all of them
EXCERPT = 240  # characters of a disputed passage


def format_summary(summary: Summary) -> Iterator[str]:
    """Yield the report, line by line."""
    judged = ", ".join(f"{name} ({count})" for name, count in summary.judged.items()) or "none"
    yield f"{summary.source}: passages judged by {judged}; by two or more: {summary.shared}"
    if summary.missing:
        yield summary.missing
        return
    yield f"alpha: Krippendorff's, 95% interval of {summary.draws} draws of documents; the adjudicator never counts"
    if any(a.thin for a in [*summary.topics, *(a for pair in summary.targets for a in pair)]):
        yield f"~ fewer than {THIN} labels to compare: read nothing into it"
    yield from ["", *_format_questions(summary.questions), "", *_format_topics(summary.topics), ""]
    yield from _format_targets(summary.targets)
    for confusion in summary.stance_confusions:
        yield from ["", *_format_confusion(confusion)]
    if summary.topic_confusions:
        yield from ["", *_format_topic_confusions(summary.topic_confusions)]
    if summary.disputes:
        yield from ["", f"most disputed, {len(summary.disputes)} of {summary.differing} passages that differ"]
        for dispute in summary.disputes:
            yield from _format_dispute(dispute)


def _format_questions(questions: Sequence[Agreement]) -> Iterator[str]:
    rows = [(a.question, " and ".join(a.annotators), *_numbers(a), str(a.units)) for a in questions]
    if len({a.annotators for a in questions}) == 1:  # two annotators: the line above the table names them
        yield from align(("question", "alpha", "95% interval", "units"), [(row[0], *row[2:]) for row in rows])
    else:
        yield from align(("question", "annotators", "alpha", "95% interval", "units"), rows, text=2)


def _format_topics(topics: Sequence[Agreement]) -> Iterator[str]:
    rows = [(a.label, *_numbers(a), str(a.given)) for a in topics]
    yield from align(("topic", "alpha", "95% interval", "given"), rows)


def _format_targets(targets: Sequence[tuple[Agreement, Agreement]]) -> Iterator[str]:
    head = ("target", "stance", "95% interval", "both list", "mention", "95% interval", "anyone lists")
    yield from align(head, [(s.label, *_numbers(s), str(s.given), *_numbers(m), str(m.given)) for s, m in targets])


def _format_confusion(confusion: StanceConfusion) -> Iterator[str]:
    yield f"stance: {confusion.one} in rows, {confusion.other} in columns"
    rows = [(name, *map(str, row)) for name, row in zip(ANSWERS, confusion.counts, strict=True)]
    yield from align(("", *ANSWERS), rows)


def _format_topic_confusions(confusions: Sequence[TopicConfusion]) -> Iterator[str]:
    yield "topics given in one another's place (-: nothing in its place)"
    shown = confusions[:CONFUSED_TOPICS]
    rows = [(f"{c.one}: {c.mine or '-'}", f"{c.other}: {c.theirs or '-'}", str(c.passages)) for c in shown]
    yield from align(("one", "the other", "passages"), rows, text=2)
    if len(confusions) > len(shown):
        yield f"and {len(confusions) - len(shown)} more pairs"


def _format_dispute(dispute: Dispute) -> Iterator[str]:
    yield f"{dispute.distance:.2f}  {dispute.id}"
    yield from textwrap.wrap(textwrap.shorten(dispute.text, EXCERPT, placeholder=" ..."), 100, **_INDENT)
    named = [*dispute.judgements, *([dispute.decision] if dispute.decision else [])]
    width = max(len(judgement.annotator) for judgement in named)
    for judgement in named:
        yield f"      {judgement.annotator:{width}}  {describe_judgement(judgement)}"
    if dispute.decision is None:
        yield "      not adjudicated"


_INDENT = {"initial_indent": "      ", "subsequent_indent": "      "}


def describe_judgement(judgement: Judgement) -> str:
    """Return topics and stances on one line."""
    topics = "topics not judged" if judgement.topics is None else ", ".join(judgement.topics)
    if judgement.stances is None:
        return f"{topics}; stances not judged"
    stances = ", ".join(f"{target} {stance}" for target, stance in judgement.stances)
    return f"{topics}; {stances or 'no target'}"


def _numbers(agreement: Agreement) -> tuple[str, str]:
    if math.isnan(agreement.alpha):
        return ("-", "")
    mark = "~" if agreement.thin else ""
    return f"{mark}{agreement.alpha:.3f}", f"[{agreement.low:.3f}, {agreement.high:.3f}]"


def align(head: Sequence[str], rows: Iterable[Sequence[str]], text: int = 1) -> list[str]:
    """Return a table as lines: the first `text` columns to the left, the others to the right."""
    table = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < text else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
