"""Chunks of work on several processes, results in order, and never more of them waiting than the processes need."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


_WORTH = 4  # items a process: with fewer, starting it takes longer than what it does
_AHEAD = 2  # results of each process that nobody has taken yet, at most


def run_chunks(function: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    """Yield `function(item)` of each item in order; an error stops there.

    One worker is this process. More are processes of their own, started afresh (spawn), so `function` must be
    importable; no more of them than there is work for.
    """
    workers = min(workers, len(items) // _WORTH)
    if workers <= 1:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _end_with_parent) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= workers * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone: a killed one cannot tell its workers to stop."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
