"""From text to model input: the only place where it happens, for training and for serving alike.

`normalise` cleans, `compose` joins a passage with its target, `encode` turns both into token ids. Any change to what
they return is a new `TEXT_FORMAT`, and an artifact of another format is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TEXT_FORMAT = 1

# Marks around a target's mention inside the passage. Both are single tokens of every BERT vocabulary and rare in news.
MENTION_OPEN, MENTION_CLOSE = "[", "]"

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # exactly the category Cc
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return `text` in NFC, without control and zero-width characters, every run of white space one space, trimmed.

    Idempotent. Letters, case, punctuation and emoji stay as they are; lone surrogates become U+FFFD.
    """
    if _is_normal(text):
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text)
    text = _SPACE.sub(" ", text)
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    # Removing a joiner can bring a base and a combining mark together: compose once more, so that twice is once.
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _is_normal(text: str) -> bool:
    """Say quickly that there is nothing to do. No white space but the blank is printable, nor are controls."""
    return (
        text.isprintable()
        and "  " not in text
        and text[:1] != " "
        and text[-1:] != " "
        and (text.isascii() or (unicodedata.is_normalized("NFC", text) and not _INVISIBLE.search(text)))
    )


def target_key(target: str) -> str:
    """Return the form under which models know a target's wording: normalised, case folded, without outer quotes."""
    return normalise(target).strip("\"'«»“”‘’ ").casefold()


@dataclass(frozen=True)
class ModelInput:
    """One text, or one (target, text) pair, ready for a backend. `target` is None for topics."""

    text: str
    target: str | None = None


def compose(passage: str, target: str | None = None, mention: tuple[int, int] | None = None) -> ModelInput:
    """Join a passage with the target it is judged toward.

    `mention` is the (start, end) of the target's mention in `passage`, in code points; it is marked in the text, for
    sets whose targets are names or pronouns that occur more than once. Raises ValueError where it is not inside.
    """
    if mention is None:
        text = normalise(passage)
    else:
        start, end = mention
        if not 0 <= start < end <= len(passage):
            raise ValueError(f"mention {start}:{end} is not inside a passage of {len(passage)} characters")
        marked = f"{passage[:start]} {MENTION_OPEN} {passage[start:end]} {MENTION_CLOSE} {passage[end:]}"
        text = normalise(marked)
    return ModelInput(text, None if target is None else normalise(target))


@dataclass(frozen=True)
class Encoded:
    """A batch of token ids. All arrays are int64, (B, T); `truncated` is (B,), true where tokens were cut off."""

    input_ids: NDArray[np.int64]
    attention_mask: NDArray[np.int64]
    token_type_ids: NDArray[np.int64]
    truncated: NDArray[np.bool_]


def load_tokenizer(path: str, max_length: int) -> Tokenizer:
    """Load a tokenizer.json, set to cut at `max_length` tokens (special ones included)."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_padding()
    # "[SEP]" in a passage is text like any other: it must not end the passage for the model.
    tokenizer.encode_special_tokens = True
    # The longer part of a pair is cut first: in practice the passage, and a target can never push it out.
    tokenizer.enable_truncation(max_length, strategy="longest_first")
    return tokenizer


def tokenise(tokenizer: Tokenizer, inputs: Sequence[ModelInput]) -> list[tuple[list[int], list[int], bool]]:
    """Return (ids, type ids, truncated) of each input. A pair is encoded target first, then passage."""
    texts = [item.text if item.target is None else (item.target, item.text) for item in inputs]
    return [(e.ids, e.type_ids, bool(e.overflowing)) for e in tokenizer.encode_batch(texts)]


def encode(tokenizer: Tokenizer, inputs: Sequence[ModelInput]) -> Encoded:
    """Tokenise a batch and pad it on the right to its longest row with the tokenizer's `[PAD]` (0 if it has none)."""
    return pad(tokenise(tokenizer, inputs), tokenizer.token_to_id("[PAD]") or tokenizer.token_to_id("<pad>") or 0)


def pad(rows: Sequence[tuple[list[int], list[int], bool]], pad_id: int, multiple: int = 1) -> Encoded:
    """Pad tokenised rows to the longest of them, rounded up to a multiple of `multiple`."""
    longest = max((len(ids) for ids, _, _ in rows), default=0)
    width = -(-longest // multiple) * multiple
    shape = (len(rows), width)
    input_ids = np.full(shape, pad_id, dtype=np.int64)
    attention_mask = np.zeros(shape, dtype=np.int64)
    token_type_ids = np.zeros(shape, dtype=np.int64)
    for row, (ids, types, _) in enumerate(rows):
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
        token_type_ids[row, : len(types)] = types
    return Encoded(input_ids, attention_mask, token_type_ids, np.array([cut for _, _, cut in rows], dtype=bool))
