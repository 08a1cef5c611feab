"""The unfinished output and its sidecar: what makes a batch go on where it was killed.

    OUTPUT.part         the lines written so far; what stands beyond the committed bytes is cut off before going on
    OUTPUT.part.json    which job the lines are of, and how many rows and bytes of them are committed

A commit brings the lines to the disk first and then replaces the sidecar, which so never promises lines that are not
there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from standpoint.batch.report import Tally
from standpoint.errors import BadInput

FORMAT = 1
_NAMES = {  # what a user is told where a field of the job differs
    "source": "the input's name",
    "digest": "the input's content",
    "topic": "the topic model",
    "stance": "the stance model",
    "targets": "--targets",
    "limit": "--limit",
}


class Job(BaseModel):
    """Everything that the output depends on. Lines of one job are never mixed with those of another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    text_format: int
    source: str
    digest: str
    topic: str | None
    stance: str | None
    targets: list[str] | None
    limit: int | None


class _Sidecar(BaseModel):
    model_config = ConfigDict(extra="forbid")

    job: Job
    bytes: int
    tally: Tally


class Part:
    """The unfinished output of a job, open for appending."""

    def __init__(self, out: Path, job: Job, file: IO[bytes]) -> None:
        self.tally = Tally()
        self.restarted: str | None = None
        self._out, self._job, self._file = out, job, file
        self._sidecar = sidecar_path(out)
        self._resume()

    def append(self, lines: Iterable[str]) -> None:
        """Write whole lines and commit them with the tally as it stands. Raises BadInput where that fails."""
        try:
            self._append(lines)
        except OSError as error:
            fault = f"cannot be written on ({error.strerror or error}); make room, then the same command goes on"
            raise BadInput(fault, str(part_path(self._out))) from None

    def _append(self, lines: Iterable[str]) -> None:
        self._file.write("".join(f"{line}\n" for line in lines).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        state = _Sidecar(job=self._job, bytes=self._file.tell(), tally=self.tally)
        draft = self._sidecar.with_name(f"{self._sidecar.name}.tmp")
        with draft.open("w", encoding="utf-8") as file:
            file.write(state.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._sidecar)

    def finish(self) -> None:
        """Make the part the output."""
        part_path(self._out).replace(self._out)
        _sync_folder(self._out.parent)
        self._sidecar.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove part and sidecar: there is nothing worth going on from."""
        part_path(self._out).unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)

    def _resume(self) -> None:
        size = os.fstat(self._file.fileno()).st_size
        kept, self.restarted = self._read_sidecar(size)
        if kept is None:
            self._sidecar.unlink(missing_ok=True)
        else:
            self.tally = kept.tally
        self._file.truncate(kept.bytes if kept else 0)
        self._file.seek(0, os.SEEK_END)

    def _read_sidecar(self, size: int) -> tuple[_Sidecar | None, str | None]:
        """Return what can be gone on from, or None and why lines that are there cannot."""
        try:
            state = _Sidecar.model_validate_json(self._sidecar.read_bytes())
        except FileNotFoundError:
            return None, None
        except ValidationError:
            return None, f"{self._sidecar} cannot be read"
        changed = [name for name in Job.model_fields if getattr(state.job, name) != getattr(self._job, name)]
        if changed:
            what = " and ".join(_NAMES.get(name, "the version of standpoint") for name in changed)
            return None, f"{what} changed since the interrupted call"
        if "" in (self._job.topic, self._job.stance):
            return None, "a model without a digest cannot be known again"
        if size < state.bytes:
            return None, f"{part_path(self._out)} is shorter than what was committed"
        return state, None


def part_path(out: Path) -> Path:
    """Return the name of an unfinished output."""
    return out.with_name(f"{out.name}.part")


def sidecar_path(out: Path) -> Path:
    """Return the name of the sidecar of an unfinished output."""
    return out.with_name(f"{out.name}.part.json")


@contextmanager
def open_part(out: Path, job: Job) -> Iterator[Part]:
    """Open the unfinished output of a job, cut to its last committed line, for this process alone.

    Raises BadInput where another process writes it.
    """
    path = part_path(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        file = path.open("r+b")
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror or error}); name another --out", str(path)) from None
    with file:
        _lock(file, path)
        yield Part(out, job, file)


def _lock(file: IO[bytes], path: Path) -> None:
    """Hold the file until it is closed, also by the death of the process."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows, which lets nobody rename a file that is open anyway
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The other process may have finished, and renamed the file, between our opening and our lock.
        free = path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())
    except BlockingIOError:
        free = False
    if not free:
        raise BadInput("another call is writing this output; wait for it, or name another --out", str(path))


def _sync_folder(folder: Path) -> None:
    """Bring a rename to the disk, where folders can be opened for that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
