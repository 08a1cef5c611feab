"""What annotators are called: a tool's users by their names in the corpus, and a file for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from standpoint.errors import BadInput
from training.annotations.exchange.findings import Judgement

# One plain file name: no separators, no leading dot, so that a name out of a file can never point elsewhere. No "@":
# what a tool gives away as a user's name may be an address, which has no place in a corpus unless somebody says so.
_FILE_NAME = re.compile(r"\w[\w .+-]{0,99}")


def name_file(annotator: str) -> str:
    """Return the name of an annotator's JSON Lines file. Raises BadInput where the name cannot be one."""
    if _FILE_NAME.fullmatch(annotator):
        return f"{annotator}.jsonl"
    advice = "give one with letters, digits and dashes: --annotator KEY=NAME"
    raise BadInput(f"the annotator {annotator[:100]!r} cannot be the name of a file; {advice}", "--annotator")


def name_annotators(judgements: Sequence[Judgement], names: Sequence[str]) -> dict[str, str]:
    """Return the corpus name of each annotator in a file.

    `names` are KEY=NAME for a user of the tool, or one NAME for the only one that has none yet. Raises BadInput where
    an annotator stays without a name.
    """
    known = {name.partition("=")[0]: name.partition("=")[2] for name in names if "=" in name}
    plain = [name for name in names if "=" not in name]
    counts = Counter(judgement.annotator for judgement in judgements)
    listing = ", ".join(f"{key or '(none)'} with {count} judgements" for key, count in counts.items())
    if unknown := [key for key in known if key not in counts]:
        raise BadInput(f"no judgement is by {unknown[0]!r}; the file has {listing}", "--annotator")
    named = {judgement.annotator for judgement in judgements if judgement.named}
    rest = [key for key in counts if key not in known]
    nameless = [key for key in rest if key not in named]
    candidates = nameless or rest  # a file by one annotator may be imported under another name
    if len(plain) > 1 or (plain and len(candidates) != 1):
        raise BadInput(
            f"{plain[0]!r} can name one annotator; the file has {listing}: give KEY=NAME each", "--annotator"
        )
    if plain:
        known[candidates[0]] = plain[0]
    elif nameless:
        raise BadInput(f"the file has {listing}; name them with --annotator NAME or KEY=NAME", "--annotator")
    return {key: known.get(key, key) for key in counts}
