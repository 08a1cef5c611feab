"""The wire shape: bulletins of an agency in capitals, hard-wrapped, with slugs, several on a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from standpoint.pages import signs
from standpoint.pages.blocks import Block, Layout, Line, split_lines
from standpoint.pages.end_marks import cut_end_marks
from standpoint.pages.plain import cut_layout
from standpoint.pages.rules import apply_rules
from standpoint.pages.shape import Span
from standpoint.pages.wraps import is_set_to_width, join_lines

_SAMPLE = 20_000  # characters that recognition looks at
_LETTERS = 200  # letters of the shortest bulletin
_CAPITALS = 0.9  # share of them that are capitals
_FRAMED = 2  # frame marks that make a wire of small letters a bulletin
_WIDEST = 100  # characters of the widest hard-wrapped line
_RAGGED = 8  # characters that a full line may fall short of the width
_AROUND = 6  # lines around one that tell the width of its bulletin
_SLUG_WORDS = 8
_DATED_WORDS = 14
_FRAME = re.compile(r"\W*(?:V?ZCZC\b.{0,40}|NNNN\W*|MORE FOLLOWS\W*|BC-[A-Z].{0,60}|-30-)$")
_MONTH = (
    r"(?:JAN|FEB|FÉV|MAR|MÄR|APR|AVR|ABR|MAY|MAI|JUN|JUIN|JUL|AUG|AOÛ|AGO|SEP|OCT|OKT|NOV|DEC|DÉC|DEZ|DIC"
    r"|ENE)[A-Z]{0,7}"
)
_TIME = re.compile(
    rf"(?:\b\d{{6}}Z?\s*(?:GMT |UTC )?{_MONTH}|\b\d{{4}}\s?(?:GMT|UTC|Z|HRS|CET|MSK|МСК)\b"
    rf"|\b\d{{1,2}}{_MONTH}\d{{2,4}}\b"
    rf"|\b\d{{1,2}} {_MONTH}\.? \d{{2,4}}\W*$|\b\d{{2}}[./-]\d{{2}}[./-]\d{{2,4}}\W*$|\b\d{{1,2}}[:.]\d{{2}}\W*$)"
)
# The head of a telegram: its route, its precedence, its class, what it is filed under.
_ROUTE = re.compile(r"[A-Z]{6,8} [A-Z]{4,7}\d{3,4} \d{6,7}\b.{0,60}|(?:[A-Z] ){4,}[A-Z]\b.{0,80}")
_TELEX = (
    r"[OPRZ](?: [OPRZ])? \d{6}Z [A-Z]{3} \d{2,4}.{0,20}"
    r"|(?:TOP )?(?:SECRET|CONFIDENTIAL|UNCLASSIFIED|UNCLAS|RESTRICTED|LIMITED OFFICIAL USE|NOFORN)"
    r"(?:[ /]+(?:SECTION|PAGE|NOFORN|LIMDIS|EXDIS|NODIS|NOCONTRACT|\d).{0,60})?"
    r"|(?:E\.? ?O\.? ?\d{4,5}|TAGS|REFS?|REFTELS?|DECL|PASS TO):.{0,80}|(?:FM|INFO) [A-Z].{0,80}|BT"
)
# A whole line that the agency says to those who receive it.
_SLUG = re.compile(
    r"\W*(?:"
    r"V?ZCZC\b.{0,60}|N{4}|VVVV"
    r"|(?:BC|AM|PM|BFN|ADV|[A-Z]\d{3,4})-[A-ZА-Я0-9].{0,60}"
    r"|[A-Z0-9]{2,}(?:[-/][A-Z0-9]+)+(?: \d?[A-Z]{2,4}[- ]?LE?A?D\w*)?"
    r"|(?:(?:NEWS ?)?(?:BULLETIN|FLASH|NEWSFLASH|URGENT|PRIORITY|ROUTINE|DEFERRED|IMMEDIATE|SNAP|NEWS ALERT|ADVISORY"
    r"|CORRECTION|CORRECTED|REPEAT|KILL|TOP PRIORITY|PRIORITAIRE|EILMELDUNG|EIL|VORRANG|URGENTE|AVANCE|МОЛНИЯ|СРОЧНО"
    r"|ЭКСПРЕСС)\b[\s:;,./*=#!-]*)+(?:\w+\W*){0,2}"
    r"|EMBARGO(?:ED)?\b.{0,60}|(?:NOT FOR|HOLD FOR) \w+.{0,40}"
    r"|(?:MORE(?: FOLLOWS| TO (?:FOLLOW|COME))?|MTF|A SUIVRE|À SUIVRE|FOLGT|FORTSETZUNG FOLGT|SIGUE|MÁS"
    r"|ПРОДОЛЖЕНИЕ СЛЕДУЕТ)"
    r"|(?:END|ENDS|ENDIT|ENDITEM|ENDALL|EOM|FIN|FINE|ENDE|КОНЕЦ|30)"
    r"|END (?:OF )?(?:\w+ ){0,2}(?:SUMMARY|BULLETIN|ITEM|REPORT|MESSAGE|TEXT|TRANSMISSION|SERVICE|NEWS|ALL)"
    r"|(?:PAGE|TAKE|SECTION|SHEET) (?:\d+|ONE|TWO|THREE|FOUR|FIVE)\b.{0,40}"
    rf"|{_TELEX}"
    r"|\d?(?:1ST|2ND|3RD|\dTH)[ -]?(?:LD|LEAD|ADD|SUB|INSERT).{0,40}"
    r"|(?:BY|PAR|VON|POR) [A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){1,4}"
    r")\W*$"
)
# A paragraph that begins so is for newsrooms too.
_NOTICE = re.compile(
    r"\W*(?:(?:ATTENTION |ATTN\W+|NOTE (?:TO|FOR) )?(?:EDITORS?|EDS|NEWSROOMS?|SUBSCRIBERS|CLIENTS)\b"
    r"|REDAKTION(?:EN)?\b"
    r"|[AÀ] L['’]ATTENTION DES|ATENCIÓN EDITORES|ВНИМАНИЮ РЕДАКЦИЙ)\s*(?:[:;.-]|$|[A-Z].{0,20}[:.-])"
)
_BRACKETED = re.compile(r"[(\[][^()\[\]]{1,200}[)\]]\W*")
_DATELINE = re.compile(
    r"[A-ZА-ЯÀ-Ý][A-ZА-ЯÀ-Ý.'’ -]{1,40}(?:, [A-ZА-ЯÀ-Ý][A-ZА-ЯÀ-Ý. ]{1,30}){0,2},?"
    r"(?: (?:\d{1,2}\.? )?[A-ZА-ЯÀ-Ý]{3,10}\.?(?: \d{1,2})?,?(?: \d{4})?)?"
    r"(?: ?[(/][^()/]{2,40}[)/])? ?\.? ?(?:--|[-–—=]) "
)


def is_bulletin(text: str) -> bool:
    """Tell a wire in capitals by the share of its letters, and one in small letters by the marks around its items."""
    sample = text[:_SAMPLE]
    capitals = sum(c.isupper() for c in sample)
    cased = capitals + sum(c.islower() for c in sample)
    if cased >= _LETTERS and capitals >= _CAPITALS * cased:
        return True
    return sum(bool(_FRAME.match(line.text)) for line in split_lines(sample)) >= _FRAMED


def read_bulletin(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a page of bulletins, kept and dropped. `without` names rules that are left out."""
    lines = cut_end_marks(split_lines(text))
    slugs = {line.start for line in lines if _is_slug(line.text)}
    capital = _is_capital(text[:_SAMPLE])
    wrapped = is_set_to_width([line for line in _lower_lines(lines) if line.start not in slugs])
    blocks: list[Block] = []
    for run in _split_runs(lines, slugs):
        blocks += _join_capitals(run, wrapped) if capital else join_lines(run, wrapped)
    layout = Layout(blocks, {i: "slug" for i, block in enumerate(blocks) if _NOTICE.match(block.text)})
    apply_rules(layout, without)
    # In capitals anything before a colon would pass for a name.
    kept = [replace(span, speaker=None) if capital else span for span in cut_layout(layout)]
    marks = [Span(line.start, line.end, reason="slug") for line in lines if line.start in slugs]
    return sorted([*kept, *marks], key=lambda span: span.start)


def _is_capital(sample: str) -> bool:
    capitals = sum(c.isupper() for c in sample)
    return capitals >= _CAPITALS * (capitals + sum(c.islower() for c in sample))


def _is_slug(text: str) -> bool:
    """Tell a line that is for those who receive the wire: a slug, a priority, a time, an end mark."""
    if len(text) > 160 or not any(c.isalnum() for c in text):
        return False
    words = text.split()
    if len(words) <= _SLUG_WORDS and not signs.ends_sentence(text.rstrip(")]")) and _SLUG.match(text):
        return True
    if _ROUTE.fullmatch(text):
        return True
    if _BRACKETED.fullmatch(text) and len(words) <= _DATED_WORDS:
        return True
    return len(words) <= _DATED_WORDS and not signs.ends_sentence(text) and bool(_TIME.search(text))


def _split_runs(lines: Sequence[Line], slugs: Collection[int]) -> Iterator[list[Line]]:
    """Yield the lines between slugs."""
    run: list[Line] = []
    for line in lines:
        if line.start not in slugs:
            run.append(line)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _lower_lines(lines: Sequence[Line]) -> list[Line]:
    """Return the lines in small letters, those without such a letter's length as they are."""
    return [replace(x, text="".join(c.lower() if len(c.lower()) == 1 else c for c in x.text)) for x in lines]


def _join_capitals(run: Sequence[Line], wrapped: bool) -> list[Block]:
    """Return the paragraphs of lines in capitals: as small letters they are joined like any hard-wrapped text."""
    small: list[Line] = []
    for i, line in enumerate(_lower_lines(run)):
        small.append(replace(line, gap=line.gap or int(i > 0 and _begins_paragraph(run, i))))
    texts = {line.start: line.text for line in run}
    return [_restore(block, texts) for block in join_lines(small, wrapped)]


def _begins_paragraph(run: Sequence[Line], i: int) -> bool:
    """Tell a line whose first word would have fitted into the line before, and one that begins with a dateline."""
    if _DATELINE.match(run[i].text):
        return True
    width = max(len(line.text) for line in run[max(0, i - _AROUND) : i + _AROUND])
    first = run[i].text.split(maxsplit=1)[0]
    return len(run[i - 1].text) + 1 + len(first) + _RAGGED <= width <= _WIDEST


def _restore(block: Block, texts: dict[int, str]) -> Block:
    """Return the block with its capitals."""
    pieces: list[str] = []
    position = 0
    for start, end in block.parts:
        if pieces and block.text[position] == " ":
            pieces.append(" ")
            position += 1
        pieces.append(texts[start][: end - start])
        position += end - start
    return Block(block.parts, "".join(pieces), block.gap)
