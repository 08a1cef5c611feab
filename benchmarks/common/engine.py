"""The bare engine: what a prediction costs in this process, without a server, in batches of several sizes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.bodies import Mix

from standpoint.answers import codebook_targets
from standpoint.predictor import Predictor

THREADS = 1  # of ONNX Runtime: more finish sooner, and cost more seconds of CPU
SIZES = (1, 4, 16, 64)  # passages in one call
LEAST, SECONDS = 16, 1.5  # passages predicted in each size, and CPU seconds after which that is enough


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds a passage of a mix, by the passages in one call; of one round."""

    mix: Mix
    millis: Mapping[int, float]


def measure_engine(
    topic: Predictor,
    stance: Predictor,
    mix: Mix,
    passages: Sequence[str],
    targets: Sequence[Sequence[str] | None],
    sizes: Sequence[int] = SIZES,
) -> Cost:
    """Predict the first passages of a mix, as many as take SECONDS, in calls of each of `sizes`."""
    usual = codebook_targets(stance)
    millis = {}
    for size in sizes:
        begun, done = time.process_time(), 0
        while done < len(passages) and (done < LEAST or time.process_time() - begun < SECONDS):
            part = slice(done, done + size)
            texts = list(passages[part])
            if "topic" in mix.tasks:
                topic.topics(texts)
            wanted = [usual if item is None else item for item in targets[part]]
            stance.stances(texts, wanted, named=mix.targets is not None)
            done += len(texts)
        millis[size] = (time.process_time() - begun) / done * 1e3
    return Cost(mix, millis)
