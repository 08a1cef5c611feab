"""The Markdown shape: headings, lists, quotations, links and emphasis are markup around what is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from standpoint.pages.markup.draft import HEADING, ITEM, PROSE, Draft, Place
from standpoint.pages.markup.inline import render_inline
from standpoint.pages.markup.layer import build_layer
from standpoint.pages.markup.paragraphs import (
    CAPTION,
    CODE,
    DEFINITION,
    FOOTNOTE,
    FRONT,
    HEAD,
    LIST,
    TABLE,
    Paragraph,
    split_paragraphs,
)
from standpoint.pages.markup.reading import read_draft
from standpoint.pages.shape import Span

_SAMPLE = 60_000  # characters by which the shape is told
_MANY = 3  # signs of one kind that tell Markdown; of two kinds one each will do
_FRONT = re.compile(
    r"[\s\ufeff]*(?:---[ \t]*\r?\n(?:[\w-]+:.*|[ \t]+.*|- .*|\s*)(?:\r?\n|\r)|\+\+\+[ \t]*\r?\n\w+\s*=)"
)
_SIGNS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^ {0,3}#{1,6}[ \t]+\S",
        r"^[^\n|>#]{2,100}[^\n|>#.:;,]\n(?:={3,}|-{3,})[ \t]*$",
        r"(?<!!)\[[^\[\]\n]{1,300}\]\((?:https?:|/|#|\.|mailto:|javascript:)[^()\n]{0,500}\)",
        r"!\[[^\[\]\n]{0,300}\]\([^()\n]{1,500}\)",
        r"(?<![\w*])\*\*[^\s*][^*\n]{0,300}\*\*(?!\w)",
        r"(?<![\w_])__[^\s_][^_\n]{0,300}__(?!\w)",
        r"^ {0,3}(?:```|~~~)",
        r"^ {0,3}\[[^\[\]\n]{1,100}\]:[ \t]+\S",
        r"^\|?[ \t]*:?-{3,}:?[ \t]*\|[ \t|:-]*$",
        r"\[[^\[\]\n]{1,200}\]\[[^\[\]\n]{1,60}\]",
    )
)
_REASONS = {
    CODE: "code",
    DEFINITION: "link",
    FOOTNOTE: "footnote",
    FRONT: "metadata",
    TABLE: "table",
    CAPTION: "caption",
}
_KINDS = {HEAD: HEADING, LIST: ITEM}


def is_markdown(text: str) -> bool:
    """Tell Markdown by its front matter, by signs of two kinds, or by many of one."""
    sample = text[:_SAMPLE].replace("\r\n", "\n")
    if _FRONT.match(sample):
        return True
    counts = [sum(1 for _ in _take(pattern.finditer(sample))) for pattern in _SIGNS]
    return sum(count > 0 for count in counts) >= 2 or max(counts) >= _MANY


def _take(matches: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    for _, match in zip(range(_MANY), matches, strict=False):
        yield match


def read_markdown(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a Markdown page, kept and dropped. `without` names rules that are left out."""
    paragraphs = list(split_paragraphs(text))
    names = frozenset(paragraph.name for paragraph in paragraphs if paragraph.name)
    draft = Draft()
    for paragraph in paragraphs:
        draft.break_block()
        draft.place = _find_place(draft, paragraph)
        if paragraph.kind in (CODE, FRONT, DEFINITION):
            for start, end in paragraph.lines:
                draft.write(build_layer(text, start, end), 0, end - start)
                draft.break_line()
        else:
            render_inline(draft, text, paragraph.lines, names)
    return read_draft(draft, text, without)


def _find_place(draft: Draft, paragraph: Paragraph) -> Place:
    place = Place(kind=_KINDS.get(paragraph.kind, PROSE))
    reason = _REASONS.get(paragraph.kind)
    return replace(place, region=draft.add_region(reason)) if reason else place
