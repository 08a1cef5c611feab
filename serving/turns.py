"""Whose turn it is: a bounded number of predictions at once, first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """Let `parallel` threads work at once, the others in order of arrival.

    A long request gives its turn back after every few passages and queues again, so that short ones get between.
    A plain semaphore would let the thread that has just finished in again before those that wait. `on_waiting` is told
    1 when a thread begins to wait, and -1 when its turn comes.
    """

    def __init__(self, parallel: int, on_waiting: Callable[[int], None] | None = None) -> None:
        self._free = parallel
        self._on_waiting = on_waiting or (lambda _change: None)
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn and give it back when the block ends."""
        self._wait()
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self) -> None:
        gate = threading.Lock()
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            gate.acquire()
            self._waiting.append(gate)
        self._on_waiting(1)
        gate.acquire()  # opened by the thread whose turn ends
        self._on_waiting(-1)

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
