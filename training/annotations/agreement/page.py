"""Agreement as a page that opens in a browser."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from training.annotations.agreement.confusion import ANSWERS, NOT_LISTED, StanceConfusion, TopicConfusion
from training.annotations.agreement.disputes import Dispute, Judgement
from training.annotations.agreement.questions import THIN, Agreement
from training.annotations.agreement.summary import Summary
from training.page import number_cell, sortable_table, text_cell, write_page

_NOTHING = "nothing instead"


def write_agreement_page(summary: Summary, path: Path) -> None:
    """Write the page; replaces `path` by rename."""
    write_page(path, f"Agreement: {summary.source}", _write_body(summary))


def _write_body(summary: Summary) -> Iterator[str]:
    judged = ", ".join(f"{name} ({count:,})" for name, count in summary.judged.items()) or "none"
    yield f"<h1>Agreement in <code>{escape(summary.source)}</code></h1>"
    yield (
        f"<p>Independent annotators: {escape(judged)}. Passages judged by two or more: {summary.shared:,}. "
        f"The adjudicator decided {summary.adjudicated:,} passages and never counts.</p>"
    )
    if summary.missing:
        yield f"<p><strong>{escape(summary.missing[0].upper() + summary.missing[1:])}.</strong></p>"
        return
    yield (
        '<p class="soft">Alpha is Krippendorff\'s: 1 is full agreement, 0 what chance would give. Sets of topics are '
        f"compared by MASI distance, all else by equality. Intervals are of 95%, from {summary.draws:,} draws of whole "
        f"documents. Numbers in grey italics rest on fewer than {THIN} labels: read nothing into them. A click on a "
        "heading sorts.</p>"
    )
    yield _questions(summary.questions)
    yield _topics(summary.topics)
    yield _targets(summary.targets)
    yield from _stance_confusions(summary.stance_confusions)
    yield from _topic_confusions(summary.topic_confusions)
    yield from _disputes(summary)


def _questions(questions: Sequence[Agreement]) -> str:
    several = len({a.annotators for a in questions}) > 1  # else the page's first line names them
    names = [text_cell(" and ".join(a.annotators)) if several else "" for a in questions]
    rows = [
        f"<tr>{text_cell(a.question)}{name}{_cells(a, a.units)}</tr>" for a, name in zip(questions, names, strict=True)
    ]
    heads = [("question", False), *([("annotators", False)] if several else []), *_heads("alpha", "units")]
    return (
        "<h2>Questions</h2><p class=soft>Stance: the side, where two list the target. Mention: is the target listed. "
        "Topics: the whole set.</p>" + sortable_table("questions", heads, rows)
    )


def _topics(topics: Sequence[Agreement]) -> str:
    rows = [f"<tr>{text_cell(a.label)}{_cells(a, a.given)}</tr>" for a in topics]
    return (
        "<h2>Topics</h2><p class=soft>Does an annotator give this topic; how many passages got it from anyone.</p>"
        + sortable_table("topics", [("topic", False), *_heads("alpha", "given")], rows)
    )


def _targets(targets: Sequence[tuple[Agreement, Agreement]]) -> str:
    rows = [f"<tr>{text_cell(s.label)}{_cells(s, s.given)}{_cells(m, m.given)}</tr>" for s, m in targets]
    heads = [("target", False), *_heads("stance", "pairs"), *_heads("mention", "listed")]
    return (
        "<h2>Targets</h2><p class=soft>Stance: the side, where two list the target. Mention: is it listed.</p>"
        + sortable_table("targets", heads, rows)
    )


def _heads(alpha: str, count: str) -> list[tuple[str, bool]]:
    return [(alpha, True), ("95% interval", True), (count, True), ("0 to 1", True)]


def _cells(agreement: Agreement, count: int) -> str:
    """Return alpha, its interval (sorted by its width), the count, and a drawing of all."""
    alpha, spread, thin = agreement.alpha, agreement.high - agreement.low, agreement.thin
    return (
        number_cell(alpha, f"{alpha:.3f}", thin)
        + number_cell(spread, f"{agreement.low:.3f} to {agreement.high:.3f}", thin)
        + number_cell(count, thin=thin)
        + number_cell(alpha, _strip(agreement), thin)
    )


def _strip(agreement: Agreement) -> str:
    """Draw alpha and its interval on a line from 0 to 1; what lies below 0 is drawn at 0."""
    if math.isnan(agreement.alpha):
        return ""
    low, middle, high = (100 * min(max(v, 0.0), 1.0) for v in (agreement.low, agreement.alpha, agreement.high))
    return (
        f'<span class="strip"><i style="left:{low:.1f}%;width:{high - low:.1f}%"></i>'
        f'<b style="left:{middle:.1f}%"></b></span>'
    )


def _stance_confusions(confusions: Sequence[StanceConfusion]) -> Iterator[str]:
    for number, confusion in enumerate(confusions):
        one, other = escape(confusion.one), escape(confusion.other)
        head = "".join(f'<th class="number" scope="col">{answer}</th>' for answer in ANSWERS)
        rows = "".join(_confusion_row(name, row) for name, row in zip(ANSWERS, confusion.counts, strict=True))
        yield (
            f"<h2>Stances: {one} and {other}</h2><p class=soft>{confusion.total:,} targets that either listed; {one} "
            f"in rows, {other} in columns. Darker is a larger share of what {one} answered.</p>"
            f'<div class="scroll"><table id="confusion-{number}"><thead><tr><td></td>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )


def _confusion_row(name: str, row: Sequence[int]) -> str:
    total = max(sum(row), 1)
    cells = []
    for answer, count in zip(ANSWERS, row, strict=True):
        colour = "47,109,179" if answer == name else "var(--warm)"
        shade = f' style="background:rgba({colour},{0.08 + 0.5 * count / total:.2f})"' if count else ""
        both = name == answer == NOT_LISTED
        cells.append(f'<td class="number"{shade}>{"" if both else format(count, ",")}</td>')
    return f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>'


def _topic_confusions(confusions: Sequence[TopicConfusion]) -> Iterator[str]:
    pairs = dict.fromkeys((confusion.one, confusion.other) for confusion in confusions)
    for number, (one, other) in enumerate(pairs):
        heads = [(f"{one} gave", False), (f"{other} gave", False), ("passages", True)]
        rows = [
            f"<tr>{text_cell(c.mine or _NOTHING)}{text_cell(c.theirs or _NOTHING)}{number_cell(c.passages)}</tr>"
            for c in confusions
            if (c.one, c.other) == (one, other)
        ]
        yield (
            f"<h2>Topics: {escape(one)} and {escape(other)}</h2><p class=soft>Which topic one gave where the other "
            "gave another; topics that both gave are left out. A passage with two such topics stands in two rows.</p>"
            + sortable_table(f"topic-confusion-{number}", heads, rows, long=True)
        )


def _disputes(summary: Summary) -> Iterator[str]:
    if not summary.disputes:
        return
    yield (
        f"<h2>Most disputed passages</h2><p class=soft>{len(summary.disputes)} of the {summary.differing:,} whose "
        "annotators differ, by mean distance between two annotators over both tasks (1: nothing in common). Coloured "
        "labels are not shared by all.</p>"
    )
    for dispute in summary.disputes:
        yield _card(dispute)


def _card(dispute: Dispute) -> str:
    parts = [f"<strong>{dispute.distance:.2f}</strong> <code>{escape(dispute.id)}</code>"]
    for name, value in (("topics", dispute.topics), ("stances", dispute.stances)):
        parts.append(f"{name} {'not judged twice' if value is None else format(value, '.2f')}")
    rows = "".join(f"<dt>{escape(j.annotator)}</dt><dd>{_said(j, dispute.judgements)}</dd>" for j in dispute.judgements)
    decision = "not adjudicated" if dispute.decision is None else _said(dispute.decision, ())
    return (
        f'<article class="card"><p>{" · ".join(parts)}</p><blockquote>{escape(dispute.text)}</blockquote>'
        f'<dl>{rows}<dt>adjudicator</dt><dd class="decision">{decision}</dd></dl></article>'
    )


def _said(judgement: Judgement, others: Sequence[Judgement]) -> str:
    """Return topics and stances as tags; those that one of `others` does not share are marked."""
    tags = []
    for topic in judgement.topics or ():
        tags.append((topic, all(topic in other.topics for other in others if other.topics is not None)))
    for pair in judgement.stances or ():
        tags.append((": ".join(pair), all(pair in other.stances for other in others if other.stances is not None)))
    if judgement.topics is None:
        tags.append(("topics not judged", True))
    if not judgement.stances:
        tags.append(("stances not judged" if judgement.stances is None else "no target", True))
    return "".join(f'<span class="tag{"" if shared else " differs"}">{escape(text)}</span>' for text, shared in tags)
