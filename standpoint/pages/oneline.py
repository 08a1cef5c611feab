"""The one-line shape: an article whose paragraph breaks were lost, cut into passages at sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from standpoint.pages import lexicon, signs
from standpoint.pages.blocks import Block, Layout, Line, split_lines
from standpoint.pages.filling import fill_gaps
from standpoint.pages.plain import cut_layout, keep_lone_statement
from standpoint.pages.rules import apply_rules
from standpoint.pages.rules.marks import is_date
from standpoint.pages.sentences import cut_sentences, find_ends
from standpoint.pages.shape import Span

_FEW = 4  # lines besides the long one: a title, a date
_LINE_ENDS = 50  # line ends, blank lines included, of such a page
_SHORTEST = 300  # characters of a line in which marks of lost breaks are looked for
_LONG = 900  # characters of a line that holds several paragraphs
_MOST = 0.8  # share of the page's characters in that line
_HEAD = 500  # characters in which an article begins after its headline, author and date
_GLUED = 2  # paragraph breaks that left no space, which make every one of them a break
_PIECE = 160  # characters of a sentence that can be furniture
# What was left of a line break: the escape of one, a pilcrow, a tab, a tag.
_BREAK = re.compile(
    r"(?:\s*(?:\\r\\n|\\n|\\r|¶|<br ?/?>|</?p>|\u2029)\s*)+|[ \u00a0]*\t\s*|(?<=[.!?:\"”»)]) {3,}(?=\S)"
)
_WIDE = re.compile(rf"(?<=[.!?…{signs.CLOSERS}])[ \u00a0]{{2}}(?=[{signs.OPENERS}]*[^\W_])")
_GLUE = re.compile(r"(?:[^\W\d_]{2}|\d{4}|[%»”\")\]])[.!?…][\"”’»)]?(?=[\"“„«(]?[^\W\d_a-z])")
_CAPITALS = r"[A-ZÀ-ÝА-Я][A-ZÀ-ÝА-Я.'’-]{2,30}(?:[ /-][A-ZÀ-ÝА-Я.'’-]{2,30}){0,3}"
_DATELINE = re.compile(
    rf"(?<!\S)(?!(?:GMT|UTC|BST|CET|CEST|EST|EDT|ET|IST|MSK|AM|PM|МСК)\b){_CAPITALS}(?:, [^\W\d_][\w. ]{{1,25}})?"
    r"(?:, \w{3,10} \d{1,2}|, \d{1,2}\.? \w{3,10})?(?:,? \d{4})?\.?(?:"
    r"(?: ?[(/][^()/]{2,40}[)/]\.?)? ?(?:--|[—–-]) ?(?=[\w\"“«„])|(?<=\d)\.? ?/[^/]{2,30}/\.)"
)
_SIGNED = re.compile(
    r"(?<!\S)(?:By|Von|Par|Por|Автор:?) [^\W\d_a-z].{2,100}?(?:\d{4}|\d{1,2}:\d{2})"
    r"(?:[,|]? (?:(?:at|à|um|a las|alle|в) )?\d{1,2}(?:[:.]|(?<=\d)h)\d{2})?(?: Uhr| h)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?(?: [A-Z]{2,4})?(?= [\"“«„]?[^\W\d_a-z])"
)
# A priority before the first word.
_ALERT = re.compile(r"\s*(?:\+{2,}|\*{2,}|={2,}|/{2,}) ?[^+*=/]{2,40}? ?(?:\+{2,}|\*{2,}|={2,}|/{2,})\s+")
_BUTTONS = re.compile(
    r"(?:\s*(?:Share|Save|Print|Comments?|Listen|Follow|Copy link|E-?mail|Facebook|Twitter|Teilen|Drucken|Merken"
    r"|Kommentare"
    r"|Partager|Imprimer|Commenter|Enregistrer|Compartir|Imprimir|Guardar|Comentar|Поделиться|Печать)(?=\s))+"
)
# The agency's own sign-off: initials with strokes, perhaps a time.
_SIGNATURE = re.compile(
    r"(?<=[.!?\"”»])\s+\(?(?:[A-Za-zÄÖÜäöüА-Яа-я]{2,5}(?:/[A-Za-zÄÖÜäöüА-Яа-я]{1,5}){1,4}|(?-i:END|ENDS|Ends|ENDITEM"
    r"|FIN|ENDE))\)?"
    r"(?:\s+[\d :.]{4,12}(?:\w{3,5})?(?: \w{3,9}\.?)?(?: \d{2,4})?)?\s*$"
)
_SIGNATURE_SIZE = 80
_BODY = 0.4  # share of a line before which no tail begins
# What a page says behind an article's last sentence.
_TAIL = re.compile(
    r"(?<=[.!?…\"”’»)])\s+(?=(?:More on this(?: story)?|More from [A-Z]|Related(?: \w+)?:|Read (?:more|also|next):"
    r"|See also:"
    r"|(?:©|\(c\)|Copyright) ?(?:©|\(c\))? ?(?:19|20)\d\d|All rights reserved|Mehr zum Thema|Lesen Sie (?:auch|mehr)"
    r"|Alle Rechte"
    r"|Lire aussi|À lire aussi|Sur le même sujet|Tous droits|Lea también|Más (?:sobre|información):|Todos los derechos"
    r"|Читайте также|По теме:|Все права защищены))"
)


def is_one_line(text: str) -> bool:
    """Tell an article in one line: nearly all of the page, longer than a paragraph or with marks of lost breaks."""
    lines = split_lines(text) if text.count("\n") <= _LINE_ENDS else []
    if not 0 < len(lines) <= 1 + _FEW:
        return False
    longest = max(lines, key=_measure)
    if len(longest.text) < max(_SHORTEST, _MOST * sum(len(line.text) for line in lines)):
        return False
    framed = _measure_head(longest.text) or _find_tail(longest.text) < len(longest.text)
    return len(longest.text) > _LONG or bool(framed) or bool(_find_breaks(longest.text, 0))


def _measure(line: Line) -> int:
    return len(line.text)


def read_one_line(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of an article in one line, kept and dropped. `without` names rules that are left out."""
    lines = split_lines(text)
    longest = max(lines, key=_measure, default=None)
    blocks: list[Block] = []
    dropped: dict[int, str] = {}
    for line in lines:
        if line is not longest:
            blocks.append(Block(((line.start, line.end),), line.text, 1))
            continue
        head = _measure_head(line.text)
        if head:
            dropped[len(blocks)] = "heading"
            blocks.append(_build_block(line, 0, head))
        tail = max(head, _find_tail(line.text))
        blocks += (_build_block(line, start, end) for start, end in _cut_line(line.text[:tail], head))
        if line.text[tail:].strip():
            dropped[len(blocks)] = "footer"
            blocks.append(_build_block(line, tail, len(line.text)))
    layout = Layout(blocks, dropped)
    apply_rules(layout, without)
    keep_lone_statement(layout)
    return fill_gaps(cut_layout(layout), text, "markup")


def _build_block(line: Line, start: int, end: int) -> Block:
    raw = line.text[start:end]
    left = start + len(raw) - len(raw.lstrip())
    right = left + len(raw.strip())
    return Block(((line.start + left, line.start + right),), line.text[left:right], 1)


def _measure_head(text: str) -> int:
    """Return where the article begins behind its headline, author and date; 0 where nothing tells."""
    alert = _ALERT.match(text)
    if alert:
        return alert.end()
    for pattern, skips in ((_DATELINE, False), (_SIGNED, True)):
        match = pattern.search(text[: _HEAD + 200])
        place = 0 if match is None else match.end() if skips else match.start()
        buttons = _BUTTONS.match(text, place) if skips and place else None
        place = buttons.end() if buttons else place
        if 0 < place <= _HEAD and not any(end < place for end in find_ends(text[:place])):
            return place
    return 0


def _find_tail(text: str) -> int:
    """Return where the page goes on to speak of itself behind the article's last sentence; its length where nowhere."""
    signature = _SIGNATURE.search(text, max(0, len(text) - _SIGNATURE_SIZE))
    end = signature.start() if signature else len(text)
    found = next((m.end() for m in _TAIL.finditer(text, int(_BODY * len(text)), end)), end)
    return min(end, found)


def _cut_line(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a line from `start` on: paragraphs where something tells them, else runs of sentences."""
    position = start
    for left, right in [*_find_breaks(text, start), (len(text), len(text))]:
        yield from _cut_paragraph(text, position, left)
        position = right


def _find_breaks(text: str, start: int) -> list[tuple[int, int]]:
    """Return the marks that stand for paragraph breaks."""
    breaks = [match.span() for match in _BREAK.finditer(text, start)]
    if breaks:
        return breaks
    glued = [match.end() for match in _GLUE.finditer(text, start) if _is_glued(text, match)]
    if len(glued) >= _GLUED:
        return [(end, end) for end in glued]
    # Two spaces are a typist's habit where they stand behind every sentence.
    wide = [match.span() for match in _WIDE.finditer(text, start)]
    return wide if 0 < len(wide) * 2 <= len(find_ends(text)) else []


def _is_glued(text: str, match: re.Match[str]) -> bool:
    """Tell a sentence end without a space from a full stop within an address, a name or an abbreviation."""
    word = text[max(0, match.start() - 40) : match.start()].rsplit(" ", 1)[-1]
    following = text[match.end() : match.end() + 3].lstrip('"“„«(')
    return "." not in word and "@" not in word and following[:1].isupper() and not following[1:2].isupper()


def _cut_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield runs of sentences of about a paragraph's size, and each sentence of furniture alone."""
    run = start
    for left, right in _split_sentences(text[start:end]):
        if _is_furniture(text[start + left : start + right]):
            yield from _cut_run(text, run, start + left)
            yield start + left, start + right
            run = start + right
    yield from _cut_run(text, run, end)


def _split_sentences(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for end in [*find_ends(text), len(text)]:
        if text[position:end].strip():
            yield position, end
        position = end


def _cut_run(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if text[start:end].strip():
        for left, right in cut_sentences(text[start:end], _LONG):
            yield start + left, start + right


def _is_furniture(sentence: str) -> bool:
    core = signs.strip_marks(sentence)
    if len(core) > _PIECE:
        return False
    return is_date(core) or any(pattern.match(core) for pattern in _PATTERNS) or bool(lexicon.DISCLAIMER.search(core))


_PATTERNS: Sequence[re.Pattern[str]] = (
    lexicon.SUBSCRIPTION,
    lexicon.FOOTER,
    lexicon.SHARE,
    lexicon.CONTINUE,
    lexicon.INLINE,
    lexicon.BYLINE,
    lexicon.CREDIT,
    lexicon.CONTACT,
)
