"""From a draft's lines to spans of the page: what the markup says first, then the rules of plain text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from standpoint.pages import lexicon, signs
from standpoint.pages.blocks import Block, Layout, Line, split_lines
from standpoint.pages.filling import fill_gaps
from standpoint.pages.markup.draft import HEADING, ITEM, NOWHERE, Draft, Place
from standpoint.pages.markup.offers import find_offers
from standpoint.pages.plain import cut_layout, keep_lone_statement
from standpoint.pages.rules import apply_rules
from standpoint.pages.rules.repeats import find_repeats
from standpoint.pages.shape import Span
from standpoint.pages.wraps import breaks_sentence, is_wrapped_page, join_lines

MARKUP = "markup"  # the reason of what is no text
_PROSE = 60  # characters of a line that counts as prose where it is no sentence
_LINKED = 0.8  # share of a line's characters in links that makes it an entry of a list
_MENU_ENTRY = 40  # characters of the longest entry of a menu
_HEADLINE = 160  # characters of a headline that is a link
_LONGEST_HEADING = 200  # characters of a heading; old pages set whole paragraphs as headings
_LITTLE = 120  # characters of prose outside all regions: below, a region's class may be wrong
_MOST = 0.75  # share of a page's prose in an element that holds the article
_ITEM_WORDS = 4  # words, on average, of items that say something
_LEAD = 400  # characters of the text in a list of articles
_CARDS = 2  # articles in such a list
_PROFILE = 420  # characters of an author's profile
_FULL_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’-]* [^\W\d_a-z][\w.'’-]*(?= (?:is|was|writes|covers|reports|works|lives|has)\b)"
)
_APPEARED = re.compile(r"The post .{1,400} appeared first on .{1,200}$")


@dataclass(frozen=True)
class _DraftLine:
    line: Line
    place: Place
    linked: float  # share of its characters in links
    links: int

    @property
    def prose(self) -> int:
        text = self.line.text
        counts = self.place.kind != HEADING and self.linked < 0.5
        return len(text) if counts and (len(text) >= _PROSE or signs.ends_sentence(text)) else 0


def read_draft(draft: Draft, page: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of `page`, in order, with the markup between them. `without` names rules that are left out."""
    lines = list(_place_lines(draft))
    regions = _judge_regions(draft, lines)
    scopes = _choose_scopes(draft, lines, regions)

    offers = find_offers(draft, [(item.line, item.place, item.linked) for item in lines])

    def judge(item: _DraftLine) -> tuple[int, str]:
        reason = _find_reason(item.place, regions, scopes)
        if not reason and item.line.start in offers:
            reason = "navigation" if item.linked >= _LINKED and len(item.line.text) <= _MENU_ENTRY else "teaser"
        return item.place.document, reason

    documents: dict[int, list[list[Line]]] = {}
    places: dict[int, _DraftLine] = {item.line.start: item for item in lines}
    spans: list[Span] = []
    for (document, reason), group in groupby(lines, judge):
        run = list(group)
        if reason:
            spans.append(Span(run[0].line.start, run[-1].line.end, reason=reason))
        else:
            documents.setdefault(document, []).append([item.line for item in run])
    layouts = [Layout(_join_runs(runs)) for runs in documents.values()]
    authors = " ".join(item.line.text for item in lines if judge(item)[1] == "byline")
    for layout in layouts:
        _read_layout(layout, places, without)
        layout.dropped.update(_find_profiles(layout, authors))
    spans += _cut_layouts(layouts, without)
    return fill_markup(_find_source(sorted(spans, key=lambda span: span.start), draft), page)


def _join_runs(runs: Sequence[Sequence[Line]]) -> list[Block]:
    """Return the blocks of a document. What is dropped in between leaves too little of some to tell their wrap."""
    wrapped = len(runs) > 1 and is_wrapped_page([line for run in runs for line in run])
    return [block for run in runs for block in join_lines(run, wrapped and breaks_sentence(run))]


def fill_markup(spans: Iterable[Span], page: str) -> list[Span]:
    """Return `spans` with what stands between them, but for white space, as dropped markup."""
    return fill_gaps(spans, page, MARKUP)


def _place_lines(draft: Draft) -> Iterator[_DraftLine]:
    """Yield the draft's lines with their places. Lines, stretches and links are walked side by side."""
    stretches, links = list(draft.stretches), draft.links
    at, link = 0, 0
    for line in split_lines(draft.text):
        while at + 1 < len(stretches) and stretches[at].end <= line.start:
            at += 1
        while link < len(links) and links[link][1] <= line.start:
            link += 1
        linked, i = 0, link
        while i < len(links) and links[i][0] < line.end:
            linked += min(links[i][1], line.end) - max(links[i][0], line.start)
            i += 1
        yield _DraftLine(line, stretches[at].place, linked / len(line.text), i - link)


def _judge_regions(draft: Draft, lines: Sequence[_DraftLine]) -> list[str]:
    """Return each region's reason, that of the outermost one around it; empty where its class must be wrong.

    A class is wrong where next to no prose stands outside all regions, and this region has most of it.
    """
    prose = [0] * (len(draft.regions) + 1)  # the last counts what stands in no region
    for item in lines:
        prose[item.place.region] += item.prose
    outside, total = prose[NOWHERE], sum(prose)
    for number in range(len(draft.regions) - 1, -1, -1):
        prose[draft.regions[number].parent] += prose[number] if draft.regions[number].parent != NOWHERE else 0
    reasons: list[str] = []
    for number, region in enumerate(draft.regions):
        around = reasons[region.parent] if region.parent != NOWHERE else ""
        wrong = not region.sure and region.reason != "comment" and outside < _LITTLE < prose[number]
        reasons.append(around or ("" if wrong and prose[number] * 2 > total else region.reason))
    return reasons


def _choose_scopes(draft: Draft, lines: Sequence[_DraftLine], regions: Sequence[str]) -> list[bool]:
    """Return, for each scope, whether its text is the article's; empty where no scope holds it.

    It is the innermost one that has most of the page's prose, else all of them together, if they have it.
    """
    count = len(draft.scopes)
    prose = [0] * (count + 1)
    for item in lines:
        if item.place.region == NOWHERE or not regions[item.place.region]:
            prose[item.place.scope] += item.prose
    total = sum(prose)
    if total < _LITTLE or not count:
        return []
    together = total - prose[NOWHERE]
    for number in range(count - 1, -1, -1):
        if draft.scopes[number] != NOWHERE:
            prose[draft.scopes[number]] += prose[number]
    chosen = next((n for n in range(count - 1, -1, -1) if prose[n] >= _MOST * total), None)
    if chosen is None:
        return [True] * count if together >= _MOST * total else []
    inside = [False] * count
    for number in range(count):
        parent = draft.scopes[number]
        inside[number] = number == chosen or (parent != NOWHERE and inside[parent])
    return inside


def _find_reason(place: Place, regions: Sequence[str], scopes: Sequence[bool]) -> str:
    if place.region != NOWHERE and regions[place.region]:
        return regions[place.region]
    if scopes and (place.scope == NOWHERE or not scopes[place.scope]):
        return "heading" if place.kind == HEADING else "outside"
    return ""


def _read_layout(layout: Layout, places: dict[int, _DraftLine], without: Collection[str]) -> None:
    """Apply the rules of plain text, helped by links, headings and lists."""
    items = [places[block.start] for block in layout.blocks]
    for i, block in enumerate(layout.blocks):
        if items[i].place.kind != HEADING and _is_entry(block, items[i]):
            layout.dropped[i] = "teaser" if items[i].links == 1 and block.size > _MENU_ENTRY else "navigation"
        elif _APPEARED.match(block.text):
            layout.dropped[i] = "footer"
    apply_rules(layout, {*without, "find_repeats"})
    for i, block in enumerate(layout.blocks):
        if items[i].place.kind == HEADING and block.size <= _LONGEST_HEADING:
            layout.dropped.setdefault(i, "heading")
    _restore_items(layout, items)
    layout.dropped.update(_find_cards(layout, items))
    if not any(item.place.kind == HEADING for item in items):  # a page that marks its headings has no lost statement
        keep_lone_statement(layout)


def _is_entry(block: Block, item: _DraftLine) -> bool:
    """Tell a line that is a link to somewhere else; hashtags and addresses have rules of their own."""
    if block.text[0] == "#" or "://" in block.text:
        return False
    if item.linked >= _LINKED:
        return not block.is_sentence or block.size <= _HEADLINE
    return item.linked >= 0.5 and not block.is_sentence


def _find_cards(layout: Layout, items: Sequence[_DraftLine]) -> dict[int, str]:
    """Drop the leads of a list of articles: a short text each, below a heading that is a link."""
    heads = [i for i, item in enumerate(items) if item.place.kind == HEADING and item.linked >= _LINKED]
    cards: dict[int, str] = {}
    for i in heads:
        kept = i + 1 < len(items) and i + 1 not in layout.dropped and layout.blocks[i + 1].size <= _LEAD
        if kept and (i + 2 == len(items) or i + 2 in layout.dropped):
            cards[i + 1] = "teaser"
    return cards if len(cards) >= _CARDS else {}


def _find_profiles(layout: Layout, authors: str) -> dict[int, str]:
    """Drop the profile of an author whose name the markup gave: the rule for plain text does not see that name."""
    profiles: dict[int, str] = {}
    for i in layout.kept():
        block = layout.blocks[i]
        name = _FULL_NAME.match(block.core)
        if name and block.size <= _PROFILE and name[0] in authors and lexicon.PROFESSION.search(block.core):
            profiles[i] = "profile"
    return profiles


def _restore_items(layout: Layout, items: Sequence[_DraftLine]) -> None:
    """Keep short items of a list that a sentence with a colon introduces, or that has whole sentences too."""
    i = 0
    while i < len(items):
        start = i
        while i < len(items) and items[i].place.kind == ITEM:
            i += 1
        if i == start:
            i += 1
            continue
        before = layout.blocks[start - 1] if start and start - 1 not in layout.dropped else None
        told = any(layout.is_prose(j) for j in range(start, i)) or _stands_in_prose(layout, start, i)
        if (before and before.core.endswith(":")) or told:
            for j in range(start, i):
                short = layout.dropped.get(j) in ("heading", "navigation")
                if short and items[j].linked < 0.5 and layout.blocks[j].words:
                    del layout.dropped[j]


def _stands_in_prose(layout: Layout, start: int, end: int) -> bool:
    """Tell a list in the middle of an article: paragraphs before and after it, and items of several words."""
    around = start > 0 and end < len(layout.blocks) and layout.is_prose(start - 1) and layout.is_prose(end)
    words = sum(len(layout.blocks[i].words) for i in range(start, end))
    return around and words >= _ITEM_WORDS * (end - start)


def _cut_layouts(layouts: Sequence[Layout], without: Collection[str]) -> list[Span]:
    """Look for repeats in all documents of the page together, and cut what is too long."""
    whole = Layout([block for layout in layouts for block in layout.blocks])
    offset = 0
    for layout in layouts:
        whole.dropped.update({offset + i: reason for i, reason in layout.dropped.items()})
        offset += len(layout.blocks)
    if "find_repeats" not in without:
        whole.dropped.update(list(find_repeats(whole)))
    return cut_layout(whole)


def _find_source(spans: Sequence[Span], draft: Draft) -> Iterator[Span]:
    """Yield `spans` of the draft as spans of the page. Two characters of one entity stay in one span."""
    position = 0
    for span in spans:
        start, end = max(position, draft.starts[span.start]), draft.ends[span.end - 1]
        if end > start:
            reason = span.reason or ("" if span.text else "ornament")
            yield Span(start, end, "" if reason else span.text, None if reason else span.speaker, reason)
            position = end
