"""What clients send in the measurements of the service: passages cut from the corpus, in the shape of each server."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHORTEST, LONGEST = 15, 150  # words of a passage
_STEP = (5**0.5 - 1) / 2  # multiples of it fill an interval evenly, however early one stops


@dataclass(frozen=True)
class Mix:
    """A kind of request. `targets` are as many as each names; None names none, which asks for all of the codebook."""

    name: str
    tasks: tuple[str, ...]
    targets: int | None

    @property
    def heavy(self) -> bool:
        return self.targets is None or self.targets > 1


MIXES = (
    Mix("stance, one target", ("stance",), 1),
    Mix("topics, and stance toward one target", ("topic", "stance"), 1),
    Mix("stance toward ten targets", ("stance",), 10),
    Mix("stance, no target named", ("stance",), None),
)


def compose_passages(documents: Path, count: int, seed: int) -> list[str]:
    """Return passages of 15 to 150 words, each length about as often, in any first part of them too.

    Each is cut from the paragraphs of one document of documents.jsonl, from the start of one of them on; a document
    that has too few words left is followed by another one.
    """
    with documents.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    draw = random.Random(seed)
    passages = []
    for number in range(count):
        length = SHORTEST + int((number * _STEP) % 1 * (LONGEST - SHORTEST + 1))
        words: list[str] = []
        while len(words) < length:
            paragraphs = draw.choice(texts).split("\n\n")[1:]  # without the title
            start = draw.randrange(len(paragraphs)) if paragraphs else 0
            words += " ".join(paragraphs[start:]).split()
        passages.append(" ".join(words[:length]))
    return passages


def draw_targets(targets: Sequence[str], mix: Mix, count: int, seed: int) -> list[list[str] | None]:
    """Return for each of `count` passages the targets that a request names; None where it names none."""
    draw = random.Random(seed)
    wanted = mix.targets
    return [None if wanted is None else draw.sample(list(targets), wanted) for _ in range(count)]


def make_body(passage: str, targets: list[str] | None, mix: Mix) -> dict[str, Any]:
    """Return the body of POST /v1/predict, which the peers that are written here take too."""
    item: dict[str, Any] = {"text": passage} if targets is None else {"text": passage, "targets": targets}
    return {"passages": [item], "tasks": list(mix.tasks)}


def make_frame(passage: str, targets: list[str] | None, codebook: Sequence[str]) -> dict[str, Any]:
    """Return the body of MLflow's POST /invocations: a row for each target, which here have to be named."""
    rows = [[passage, target] for target in (codebook if targets is None else targets)]
    return {"dataframe_split": {"columns": ["text", "target"], "data": rows}}


def write_bodies(path: Path, bodies: Sequence[dict[str, Any]]) -> None:
    """Write bodies as JSON, one a line, in ASCII."""
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="ascii")
