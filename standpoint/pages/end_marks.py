"""The marks by which agencies and press offices end a text, behind its last sentence: «... on Friday. (END)»."""

from __future__ import annotations

import re
from collections.abc import Sequence

from standpoint.pages.blocks import Line

_SIZE = 60  # characters at a line's end that are looked at
_INITIALS = r"[A-Za-zÄÖÜäöüА-Яа-я]{2,5}(?:/[A-Za-zÄÖÜäöüА-Яа-я]{1,5}){1,4}"
_MARK = re.compile(
    r"(?<=[.!?…\"”’»“)])[ \t\u00a0]+(?P<mark>[\[(/-]{0,2}(?:END(?:S|E|IT|ITEM)?|Ends?|MORE|FIN|FINAL|КОНЕЦ"
    r"|Конец)[\])/-]{1,2}|ENDS?|ENDITEM"
    rf"|-0-|-30-|#{{2,5}}|{_INITIALS}(?:[ \t]+\d{{4,6}}(?:[ \t]+\w{{3,9}}\.?)?(?:[ \t]+\d{{2,4}})?)?)$"
)
# A line that holds nothing but an agency's mark, its desk's initials and the time, or says that there is more.
ALONE = re.compile(
    r"[(\[][A-ZÄÖÜА-Я]{2,8}[)\]](?=\s+\S)(?:\s+[a-zäöüа-я]{1,4}(?:/[a-zäöüа-я]{1,4}){0,4})?"
    r"(?:\s+\d{4,6}Z?(?:\s+(?:GMT|UTC|MSK|CET|МСК)(?:\s+\w{3,9}\.?\s+\d{1,4})?)?)?"
    r"|(?i:[-–—(\[*]+\s?(?:more|ends?|endit|mehr|folgt|ende|suite|à suivre|fin|sigue|продолжение|конец)\s?[-–—)\]*]+)"
)


def cut_end_marks(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, an end mark that stands behind or below a sentence on a line of its own, a blank line above."""
    cut: list[Line] = []
    for line in lines:
        if len(line.text) <= _SIZE and not line.gap and ALONE.fullmatch(line.text):
            cut.append(Line(line.start, line.end, line.text, 1, line.indent))
            continue
        match = _MARK.search(line.text, max(0, len(line.text) - _SIZE))
        if match is None:
            cut.append(line)
            continue
        head = line.text[: match.start()]
        cut.append(Line(line.start, line.start + len(head), head, line.gap, line.indent))
        place = match.start("mark")
        cut.append(Line(line.start + place, line.end, match["mark"], 1, 0))
    return cut
