"""What a long command tells of itself: a bar where it takes long, and where the time went."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
_DELAY = 3.0  # seconds; what ends sooner needs no bar


def track(items: Iterable[Item], what: str, sizes: Sequence[int]) -> Iterator[Item]:
    """Yield items; on a terminal, show how many of `sizes` (one number an item) are done, with rate and estimate."""
    with tqdm(total=sum(sizes), desc=what, delay=_DELAY, unit_scale=True, disable=not sys.stderr.isatty()) as bar:
        for item, size in zip(items, sizes, strict=True):
            yield item
            bar.update(size)


@dataclass
class Stopwatch:
    """Seconds by stage, in the order in which they ran."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a block."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def __str__(self) -> str:
        return ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.seconds.items())
