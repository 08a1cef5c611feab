"""What numbers or names a sheet: «2/3», «Page 2», «- 2 -», marks of the document, a language's code, a motto."""

from __future__ import annotations

import re
from collections.abc import Collection

from standpoint.pages import signs

_MARK_TOKENS = 8  # words of a line that only numbers or names its sheet
_MOTTO = 40  # characters of words below a sheet's number
_PAGE = r"(?:page|p\.|pg\.?|seite|s\.|página|pagina|pág\.|стр\.?|страница|sheet|blatt)"
_OF = r"(?:/|\||of|von|de|sur|di|из|van)"
_ROMAN = r"(?-i:[ivxl]{1,7})"
_NUMBER = rf"(?:\d{{1,4}}|{_ROMAN})"
# A line that numbers its sheet whatever stands elsewhere.
_SURE = re.compile(
    rf"(?:{_PAGE}\s*{_NUMBER}(?:\s*{_OF}\s*{_NUMBER})?|[-–—|~\[(]+\s*{_NUMBER}\s*[-–—|~\])]+"
    rf"|\[\[\s*page\s+\w{{1,8}}\s*\]\]|column\s*\d{{1,4}}[a-z]{{0,2}}|\d{{1,4}}\s*(?:/|of|von|sur"
    rf"|из)\s*\d{{1,4}})[.\s]*",
    re.IGNORECASE,
)
# Words that only number or name the sheet, its document or its day.
_MARK = re.compile(
    rf"(?:{_PAGE}|{_OF}|{_NUMBER}|\W+|[\d./:-]+|\d+(?:st|nd|rd|th)|[A-Z]{{1,6}}\d*(?:[/\\._-][\w.()-]+)+|\([A-Z]\))",
    re.IGNORECASE,
)
_GAP = re.compile(r"\s{3,}|\t")
_TOKEN = re.compile(r"\S+")
_ITEM = re.compile(r"\(?\w{1,3}[.)]\s")
_CODE = re.compile(r"[A-Z]{2,3}(?:[ /|·-]+[A-Z]{2,3}){0,3}")  # the sheet's language


def is_page_number(text: str) -> bool:
    """Tell a line that holds nothing but a page number."""
    return len(text) <= 40 and bool(_SURE.fullmatch(text) or re.fullmatch(_NUMBER, text))


def is_numbering(text: str) -> bool:
    """Tell a line that numbers its sheet whatever stands elsewhere."""
    return len(text) <= 40 and bool(_SURE.fullmatch(text))


def is_code(text: str) -> bool:
    """Tell the code of a language, or several."""
    return bool(_CODE.fullmatch(text))


def is_set_apart(text: str) -> bool:
    """Tell a line of a few words each in parts set far apart; no number of a paragraph begins it."""
    parts = _GAP.split(text)
    short = all(len(part) <= _MOTTO or is_mark(part) for part in parts)
    titled = len(parts) == 3 and is_mark(parts[0]) and is_mark(parts[2])  # the subject, between date and document
    return len(parts) > 1 and not _ITEM.match(text) and (short or titled)


def numbers_sheet(text: str) -> bool:
    """Tell a line of parts set far apart, one of them «2/3» or «Page 2», the others marks of the document."""
    parts = _GAP.split(text.strip())
    marks = all(is_mark(part) or _CODE.fullmatch(part) for part in parts)
    return 2 <= len(parts) <= 4 and marks and any(len(part) <= 40 and _SURE.fullmatch(part) for part in parts)


def is_motto(text: str) -> bool:
    """Tell a few words below a sheet's number: no text of the sheet stands there."""
    return len(text) <= _MOTTO and text[0].isupper() and not signs.ends_sentence(text)


def is_mark(text: str) -> bool:
    """Tell a line of nothing but numbers, dates and signs of documents."""
    tokens = _TOKEN.findall(text)
    return (
        len(tokens) <= _MARK_TOKENS and all(_MARK.fullmatch(token) for token in tokens) and any(map(str.isdigit, text))
    )


def is_composed(text: str, lines: Collection[str]) -> bool:
    """Tell a line of parts set far apart, each a mark of the sheet or of the document, or one of its `lines`."""
    parts = _GAP.split(text.strip())
    return 2 <= len(parts) <= 4 and all(is_mark(part) or part in lines for part in parts)
