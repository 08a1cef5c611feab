"""What stance models learn from beyond the annotated pairs: passages paired with targets they do not refer to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from standpoint.codebook import UNRELATED
from standpoint.encoding import target_key
from training.examples import Example


def sample_unrelated(passages: Sequence[Example], targets: Sequence[str], per_passage: int, seed: int) -> list[Example]:
    """Return `per_passage` examples labelled `unrelated` for each distinct passage.

    Targets are drawn from `targets`, those of training only, and never one that any annotator saw in the passage.
    """
    generator = random.Random(seed)
    sampled = []
    seen: set[str] = set()
    for passage in sorted(passages, key=lambda example: example.id):
        if passage.text in seen:
            continue
        seen.add(passage.text)
        mentioned = {target_key(target) for target in passage.mentioned}
        free = [target for target in targets if target_key(target) not in mentioned]
        for target in generator.sample(free, min(per_passage, len(free))):
            identifier = f"{passage.id.partition('#')[0]}#unrelated:{target_key(target)}"
            sampled.append(replace(passage, id=identifier, target=target, stance=UNRELATED, topics=(), holder=""))
    return sampled
