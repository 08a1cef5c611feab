"""Copies planted to measure what a search for copies finds: texts with words changed, doubled, or quoted."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.dataset.sketches import split_words

COPIES = 200  # of each level: 190 found give a 95% interval of 0.91 to 0.97
_MOST = 4  # copies of one passage at a level; a small dataset gets fewer plants instead
CHANGED = {"changed_0": 0.0, "changed_5": 0.05, "changed_15": 0.15, "changed_30": 0.30}
LEVELS = (*CHANGED, "translated", "quoted")
_WORDY = 500  # passages whose words are drawn for the changed ones
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


@dataclass(frozen=True)
class Plant:
    """A copy of the passage at `origin`."""

    level: str
    origin: int
    words: int
    text: str


def plant_copies(origins: Sequence[int], texts: Callable[[int], str], seed: int, copies: int = COPIES) -> list[Plant]:
    """Return up to `copies` plants of each level, of passages at `origins`, each once where they are enough."""
    rng = random.Random(seed)
    copies = min(copies, _MOST * len(origins))
    drawn = [texts(place) for place in rng.sample(origins, min(_WORDY, len(origins)))]
    vocabulary = [word for text in drawn for word in text.split()]
    plants = []
    for origin in rng.sample(origins, copies) if len(origins) >= copies else rng.choices(origins, k=copies):
        text = texts(origin)
        words = len(split_words(text))
        made = {level: change_words(text, share, vocabulary, rng) for level, share in CHANGED.items()}
        made["translated"] = f"{text} {translate(text)}"
        made["quoted"] = f"{rng.choice(drawn)} {text} {rng.choice(drawn)}"
        plants += [Plant(level, origin, words, copy) for level, copy in made.items()]
    return plants


def change_words(text: str, share: float, vocabulary: Sequence[str], rng: random.Random) -> str:
    """Return the text with `share` of its words, rounded, replaced by others."""
    words = text.split()
    for place in rng.sample(range(len(words)), round(share * len(words))):
        words[place] = rng.choice(vocabulary)
    return " ".join(words)


def translate(text: str) -> str:
    """Return the text with an invented word for each of its words, the same for the same."""
    return " ".join(_invent(word) for word in split_words(text))


def _invent(word: str) -> str:
    digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest)


def wilson_interval(found: int, planted: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% interval of a share: E. B. Wilson, Journal of the American Statistical Association 22, 1927."""
    share, square = found / planted, z * z / planted
    middle = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / planted + square / planted / 4) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
