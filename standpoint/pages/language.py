"""Which language a passage is in: by script where the script decides, else by letter sequences among its languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

UNKNOWN = "und"
_ENOUGH_LETTERS = 12  # letters below which no language is named; East Asian scripts need a fifth
_SURE = 0.5  # probability, among the script's languages, below which a text is unclear
_CERTAIN = 0.95  # probability of another language that English function words do not overrule
_SHORT_LETTERS = 40  # letters below which a text on a page may be taken for another language than it is in
_SURELY = 0.999  # probability of which even a short text is believed
_HAN_LETTERS = 40  # letters of a text in Han characters that may be Japanese on a page in Japanese
_SAMPLE = 1000  # characters that are looked at

# Languages of news pages by script. Fewer languages mean fewer mistakes on names and short lines.
_LANGUAGES = {
    "LATIN": tuple(
        re.findall(r"\w+", "en de fr es it pt nl pl tr cs sk ro sv da no fi hu hr sl lt lv et sq az id vi ca sw")
    ),
    "CYRILLIC": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"),
    "ARABIC": ("ar", "fa", "ur", "ps", "ug"),
    "DEVANAGARI": ("hi", "mr", "ne"),
}
_DECIDED = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "ETHIOPIC": "am",
}
# Frequent English words that are no words of the other languages above.
_ENGLISH = frozenset(
    re.findall(r"\w+", "the of and with from that this which have has been are were will would must they said")
)
_NOISE = re.compile(r"https?://\S+|\S{1,64}@\S+|[#@]\w+")


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, `und` where it is too short or unclear."""
    return _judge(text).language


def name_languages(texts: Sequence[str]) -> list[str]:
    """Return the language of each of a page's texts. What is short or unclear is in one of the page's own languages.

    Those are the languages that longer texts are in for certain; of two, a short text gets the one it looks like.
    """
    judged = [_judge(text) for text in texts]
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in judged:
        if verdict.language != UNKNOWN and (verdict.sure or not sizes[verdict.script]):
            sizes[verdict.script][verdict.language] += verdict.letters
    languages = []
    for text, verdict in zip(texts, judged, strict=True):
        own = [language for language, _ in sizes[verdict.script].most_common()]
        if verdict.script == "CJK" and sizes["HIRAGANA"] and verdict.letters < _HAN_LETTERS:
            languages.append("ja")  # a headline or a name in Japanese has often no kana
        elif verdict.sure or not own or not verdict.letters:
            languages.append(verdict.language)
        else:
            languages.append(_choose_language(text, verdict.script, own))
    return languages


@dataclass(frozen=True)
class _Verdict:
    """`sure` where neither the length nor the probability leaves a doubt."""

    language: str
    script: str
    letters: int
    sure: bool


def _judge(text: str) -> _Verdict:
    sample = _NOISE.sub(" ", text[:_SAMPLE])
    script, letters = _find_script(sample)
    if script in _DECIDED:
        needed = _ENOUGH_LETTERS // 5 if script in ("CJK", "HANGUL", "HIRAGANA", "KATAKANA") else _ENOUGH_LETTERS // 3
        language = _DECIDED[script] if letters >= needed else UNKNOWN
        return _Verdict(language, script, letters, language != UNKNOWN)
    if script not in _LANGUAGES or letters < _ENOUGH_LETTERS:
        return _Verdict(UNKNOWN, script, letters, False)
    language, probability = _load_identifier(script).classify(_lower(sample))
    # Names from everywhere mislead letter sequences in short English lines; the words between the names do not.
    if script == "LATIN" and language != "en" and probability < _CERTAIN and _sounds_english(sample):
        return _Verdict("en", script, letters, letters >= _SHORT_LETTERS)
    sure = probability >= _CERTAIN and (letters >= _SHORT_LETTERS or probability >= _SURELY)
    return _Verdict(str(language) if probability >= _SURE else UNKNOWN, script, letters, sure)


def _choose_language(text: str, script: str, among: Sequence[str]) -> str:
    """Return which of `among`, the most common one first, a short text looks like."""
    if len(among) == 1 or script not in _LANGUAGES:
        return among[0]
    ranks = dict(_load_identifier(script).rank(_lower(_NOISE.sub(" ", text[:_SAMPLE]))))
    return max(among, key=lambda language: float(ranks.get(language, 0)))


def _lower(sample: str) -> str:
    """Read capitals as small letters: models of letter sequences know few words in capitals."""
    capitals = sum(c.isupper() for c in sample)
    return sample.lower() if capitals * 2 > sum(c.isalpha() for c in sample) else sample


def _sounds_english(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return sum(word in _ENGLISH for word in words) * 8 >= len(words)


def _find_script(text: str) -> tuple[str, int]:
    """Return the script of most letters and how many they are. Kana among Han make Japanese."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        if character.isalpha():
            counts[_name_script(character)] += times
    if not counts:
        return "", 0
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if kana and kana * 10 >= counts["CJK"]:
        counts["HIRAGANA"] += counts.pop("CJK", 0) + counts.pop("KATAKANA", 0)
    return counts.most_common(1)[0]


@lru_cache(maxsize=4096)
def _name_script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0].split("-")[0]


@lru_cache(maxsize=len(_LANGUAGES))
def _load_identifier(script: str) -> Any:
    """Return the n-gram model, restricted to a script's languages."""
    from py3langid.langid import LanguageIdentifier

    weights, priors, languages, moves, rows, output = _read_model()
    identifier = LanguageIdentifier(weights, priors, languages, moves, output, norm_probs=True, tk_row=rows)
    identifier.set_languages(_LANGUAGES[script])
    return identifier


@lru_cache(maxsize=1)
def _read_model() -> tuple[Any, ...]:
    """Return the parts of the n-gram model (4 MB on disk, half a second), with the languages that some script needs.

    The scripts share them: each identifier that read the file for itself would hold 70 MB more.
    """
    import numpy as np
    from py3langid.langid import MODEL_DIR, MODEL_FILE
    from py3langid.modelio import load_model

    weights, priors, languages, *automaton = load_model(MODEL_DIR / MODEL_FILE)
    needed = {language for group in _LANGUAGES.values() for language in group}
    kept = [column for column, language in enumerate(languages) if language in needed]
    return np.asarray(weights)[:, kept], np.asarray(priors)[kept], [languages[i] for i in kept], *automaton
