"""The mail shape: raw messages with their headers and parts, mails copied as text, newsletters in plain text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from standpoint.pages import mail_words as words
from standpoint.pages.blocks import Line, split_lines
from standpoint.pages.mail_lines import QUOTED, find_header, judge_lines, strip_quote_marks
from standpoint.pages.mail_parts import Part, find_parts, has_machine_header, split_messages
from standpoint.pages.markup.draft import Draft, Place
from standpoint.pages.markup.layer import Layer, build_layer
from standpoint.pages.markup.reading import read_draft
from standpoint.pages.markup.rendering import render_html
from standpoint.pages.shape import Span

_SAMPLE = 60_000  # characters that recognition looks at
_ABOVE = 6  # lines that may stand above a copied mail's header
_QUOTES = 3  # quoted lines below «X wrote:» that make a page without a header a mail
_SHORT = 80  # characters of a valediction
_TOP, _BOTTOM = 12, 30  # lines in which a newsletter says that it is one
_RULES = 2  # rules between a newsletter's parts
_RULE = re.compile(r"[-_=*~+#]{5,}$")


def is_mail(text: str) -> bool:
    """Tell a raw message, a copied mail by the header at its top or its quoted replies, a newsletter by its frame."""
    if has_machine_header(text):
        return True
    lines = split_lines(text[:_SAMPLE])
    if any(find_header(lines, i) for i in range(min(_ABOVE, len(lines)))):
        return True
    # Not the mail that an article quotes: its own lines are quoted by mark, or below «X wrote:» to the end.
    quoted = sum(QUOTED.match(line.text) is not None for line in lines)
    attributed = any(words.ATTRIBUTION.match(line.text) for line in lines if len(line.text) <= 250)
    originals = any(words.ORIGINAL.match(line.text) or words.FORWARDED.match(line.text) for line in lines)
    if _answers(lines):
        return True
    if (quoted >= _QUOTES and attributed) or (originals and any(find_header(lines, i) for i in range(len(lines)))):
        return True
    return _is_newsletter(lines, split_lines(text[-_SAMPLE:]))


def _answers(lines: Sequence[Line]) -> bool:
    """Tell a mail whose own header is cut or missing by the whole header of the mail that it answers.

    A rule or a valediction stands above that header, or the page begins with a subject that answers, or with a field.
    """
    begins = any(words.REPLY.match(line.text) or words.FIELD.match(line.text) for line in lines[:_ABOVE])
    for i, line in enumerate(lines):
        begins = begins or words.VALEDICTION.fullmatch(line.text[:_SHORT]) is not None
        if find_header(lines, i) > _QUOTES and (begins or (i > 0 and _RULE.match(lines[i - 1].text))):
            return True
    return False


def _is_newsletter(lines: Sequence[Line], last: Sequence[Line]) -> bool:
    opens = any(len(line.text) <= 200 and words.BROWSER.match(line.text) for line in lines[:_TOP])
    closes = any(
        words.LEAVE.search(line.text[:300]) or words.REASONED.match(line.text[:300]) for line in last[-_BOTTOM:]
    )
    ruled = sum(_RULE.match(line.text) is not None for line in lines)
    return closes and (opens or ruled >= _RULES)


def read_mail(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of mails, kept and dropped. `without` names rules that are left out.

    A passage of a part in quoted-printable or base64 spans the characters that encode it.
    """
    spans = _read(text, without, quotes=False)
    if not any(span.text for span in spans):  # nothing but a quoted text: somebody passed it on
        return _read(text, without, quotes=True)
    return spans


def _read(text: str, without: Collection[str], quotes: bool) -> list[Span]:
    draft = Draft()
    for part in _find_parts(text):
        if part.begins:
            draft.place = Place(draft.begin_document())
        if part.reason:
            draft.drop(part.layer, part.reason)
        elif part.html:
            render_html(draft, part.layer)
        else:
            _write_text(draft, part.layer, quotes)
    return read_draft(draft, text, without)


def _find_parts(text: str) -> Iterator[Part]:
    if not has_machine_header(text):
        yield Part(build_layer(text, 0, len(text)), begins=True)
        return
    for start, end in split_messages(text):
        yield from find_parts(text, start, end)


def _write_text(draft: Draft, layer: Layer, quotes: bool) -> None:
    """Write a mail's text: its own lines as they stand, the rest dropped."""
    lines = split_lines(layer.text)
    reasons = [("" if quotes and reason == "quote" else reason) for reason in judge_lines(lines)]
    for reason, group in groupby(zip(lines, reasons, strict=True), lambda item: item[1]):
        run = [line for line, _ in group]
        if reason:
            draft.drop(_slice(layer, run[0].start, run[-1].end), reason)
        elif quotes:
            for i, line in enumerate(strip_quote_marks(run)):
                _write_line(draft, _slice(layer, line.start, line.end), not i)
        else:
            draft.write_lines(_slice(layer, run[0].start, run[-1].end), replace(draft.place))


def _write_line(draft: Draft, layer: Layer, first: bool) -> None:
    if first:
        draft.break_block()
    else:
        draft.break_line()
    draft.write(layer, 0, len(layer.text))


def _slice(layer: Layer, start: int, end: int) -> Layer:
    return Layer(layer.text[start:end], layer.starts[start:end], layer.ends[start:end])
