"""Work folders: what a command has finished, so that the next one goes on from there if it was killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from standpoint.errors import StandpointError

WORK = ".work"


@dataclass(frozen=True)
class WorkFolder:
    """Files of one `kind` of work toward the dataset `out`; `key` stands for everything that they depend on."""

    out: Path
    kind: str
    key: str

    @property
    def path(self) -> Path:
        return self.out / WORK / f"{self.kind}-{self.key[:16]}"

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make the folder, and remove those of other keys; if the inputs are refused, nothing is left of it."""
        self.path.mkdir(parents=True, exist_ok=True)
        for other in self.path.parent.glob(f"{self.kind}-*"):
            if other != self.path:
                shutil.rmtree(other)
        try:
            yield
        except StandpointError:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove the folder, and those above it that hold nothing else."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):  # not empty: more is at work there
            self.path.parent.rmdir()
            self.out.rmdir()
