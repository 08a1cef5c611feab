"""Which characters are words, marks, bullets and sentence ends, in any script: what the rules look at."""

from __future__ import annotations

import re

EMOJI = (
    "\U0001f000-\U0001faff\U000e0020-\U000e007f\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff"
    "\u200d\u203c\u2049\u20e3\u2139\u3030\u303d\ufe0f"
)
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # kana, Han: no spaces, so a character says more
_UNPUNCTUATED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer: sentences end without a mark
URL = r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|int|gov|info|ru|de|fr|eu|uk|example)/\S*"
HASHTAG = r"#\w+"
CLOSERS = "\"'”’»“«‘)\\]）」』›"
OPENERS = "\"'“«„‘(\\[（「『‹"

_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^\W_{_UNSPACED}]+(?:['’‐.-][^\W_{_UNSPACED}]+)*")
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_WIDE = re.compile(f"[{_UNSPACED}]")
_BULLET = re.compile(
    rf"\s*(?:(?:\d[\ufe0f]?\u20e3|[{EMOJI}])[{EMOJI}\s]*|[•‣⁃▪▫●○◦■□–—*·‐-]\s+|\(?\d{{1,2}}[.)]\s+|\(?[a-z]\)\s+)+"
)
_TRAILERS = re.compile(rf"(?:\s|[{EMOJI}]|{HASHTAG}[.!]?|{URL}|<(?:\.\.\.|…)>|\[(?:\.\.\.|…|\d{{1,3}})\])+$")
_ADDRESS = re.compile(r"\]\([^()\s]{1,500}\)|https?://\S+")
_SENTENCE_END = re.compile(rf"[.!?…。！？؟۔।։][{CLOSERS}]*$")
_INNER_END = re.compile(rf"[.!?…。！？؟۔।։][{CLOSERS}]*(?=\s|$|[{_UNSPACED}])")


def count_size(text: str) -> float:
    """Return the length in characters of a spaced script; Han and kana count two and a half each."""
    return len(text) + 1.5 * len(_WIDE.findall(text))


def find_words(text: str) -> list[str]:
    """Return the words; two Han or kana characters count as one."""
    return _WORD.findall(text)


def find_tokens(text: str) -> list[str]:
    """Return what repeats are compared by: casefolded words without marks, single Han and kana characters."""
    return _TOKEN.findall(text.casefold())


def strip_addresses(text: str) -> str:
    """Return `text` without addresses, those of Markdown's links too: copies of a text differ in them."""
    return _ADDRESS.sub(" ", text) if "://" in text else text


def strip_marks(text: str) -> str:
    """Return `text` without a leading bullet or emoji and without trailing emoji, hashtags and links."""
    text = text.strip()
    bullet = _BULLET.match(text)
    return strip_trailers(text[bullet.end() :] if bullet else text)


def strip_trailers(text: str) -> str:
    """Cut trailing emoji, hashtags and links. Only the last 400 characters are looked at, which bounds the search."""
    head, tail = text[:-400], text[-400:]
    return (head + _TRAILERS.sub("", tail)).strip()


def has_bullet(text: str) -> bool:
    return bool(_BULLET.match(text))


def ends_sentence(text: str) -> bool:
    """Tell whether `text` (without trailing marks) ends as a sentence does; scripts without end marks always do."""
    return bool(_SENTENCE_END.search(text[-8:])) or bool(re.search(f"[{_UNPUNCTUATED}]\\W*$", text[-8:]))


def count_sentences(text: str) -> int:
    return len(_INNER_END.findall(text))


def has_ellipsis(text: str) -> bool:
    return bool(re.search(r"(?:…|\.\.\.)[\])]?$", text))
