"""Files and folders that a process writes before it gives them their name; a killed one leaves them behind."""

from __future__ import annotations

import glob
import os
import re
import shutil
from functools import partial
from pathlib import Path

from standpoint.artifact import MANIFEST
from training.upkeep.item import DAY, HOUR, Item, measure, show_path

# `.NAME.PID.RANDOM.tmp`, `.NAME.RANDOM.tmp`, `.NAME.PID.tmp`, `NAME.PID.tmp` and `NAME.tmp`.
_FILE = re.compile(r"\.?(?P<name>.+?)(?:\.(?P<pid>\d+))?(?:\.[a-z0-9_]{8})?\.tmp")
# A folder is a draft by its dot and its random part alone: a person may name one `stance.previous.old`. `.old` is what
# a new artifact took the place of.
_FOLDER = re.compile(r"\.(?P<name>.+?)(?:\.(?P<pid>\d+))?\.[a-z0-9_]{8}\.(?:tmp|old)")
QUIET = {True: HOUR, False: DAY}  # by whether the name tells the process: how long nothing was written to what is left


def find_draft(path: Path, now: float) -> Item | None:
    """Return what a draft is worth, or None for a path that is named like none.

    Whether its process is alive is asked where the name tells it; elsewhere, and for a process on another machine,
    only time can tell.
    """
    match = match_draft(path)
    if match is None:
        return None
    extent, target = measure(path), path.with_name(match["name"])
    age = now - max(extent.written, _sign_of_life(path, match["name"]))
    pid = int(match["pid"]) if match["pid"] else None
    remove = None
    if pid and is_alive(pid):
        why = f"process {pid}, which writes it, is alive"
    elif path.is_dir() and not target.exists() and (path / MANIFEST).is_file():
        why = f"a whole artifact, and {target} is gone: rename it to that, or delete it by hand"
    elif age < QUIET[pid is not None]:
        why = "written a short while ago: its process may be at work"
    else:
        gone = f"process {pid} is gone" if pid else "nobody has written to it since"
        why, remove = f"left by a killed process ({gone})", partial(remove_path, path)
    return Item("draft", show_path(path), extent.size, age, why, remove)


def match_draft(path: Path) -> re.Match[str] | None:
    """Return the parts of a draft's name (`name`, `pid` or None), or None for a path that is named like none."""
    if path.is_symlink():  # no writer makes one
        return None
    return (_FOLDER if path.is_dir() else _FILE).fullmatch(path.name)


def find_writer(target: Path) -> int | None:
    """Return the process that is alive and writes an artifact to `target`, by the name of its draft; None without."""
    for path in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        match = match_draft(path)
        if match and match["name"] == target.name and match["pid"] and is_alive(int(match["pid"])):
            return int(match["pid"])
    return None


def _sign_of_life(path: Path, name: str) -> float:
    """Return when the training that writes an artifact last saved its state, which lies beside its draft."""
    try:
        return path.with_name(f".{name}.checkpoint").lstat().st_mtime
    except OSError:
        return 0.0


def is_alive(pid: int) -> bool:
    """Whether this machine has a process of this number; where that cannot be said, it has."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True


def remove_path(path: Path) -> None:
    """Remove a file, a link or a folder; what is gone already is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
