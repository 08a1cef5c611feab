"""Stages of the main job: each runs again only when what it reads has changed.

A stage is known by its inputs (content of files), its settings and its code: the source of its module and of every
module of ours that this one imports, found by reading the imports, so that no list is kept by hand. The stamp of a
finished stage is written last.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from training.files import digest_file

PACKAGES = ("standpoint", "training", "serving")


@dataclass(frozen=True)
class Stage:
    """What a stage reads, does and writes.

    `action` returns a JSON object that later stages and the closing table read; `inputs` are files or folders,
    `outputs` what must still stand for the stage to be skipped.
    """

    name: str
    modules: Sequence[str]
    inputs: Sequence[Path]
    outputs: Sequence[Path]
    action: Callable[[], dict[str, Any]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    unused: Sequence[str] = ()  # modules that its code names and this stage never runs


@dataclass(frozen=True)
class Outcome:
    """A stage's result, the seconds of the run that made it, and why it ran now (None: it did not)."""

    result: dict[str, Any]
    seconds: float
    because: str | None


def run_stage(stage: Stage, stamps: Path, announce: Callable[[str], None] = lambda why: None) -> Outcome:
    """Run a stage unless its stamp says that nothing changed; `announce` is told why it runs.

    A stage that fails leaves no stamp.
    """
    stamp = stamps / f"{stage.name}.json"
    key = _stage_key(stage)
    known = _read_stamp(stamp)
    because = _why(known, key, stage)
    if because is None:
        return Outcome(known["result"], known["seconds"], None)
    announce(because)
    stamp.unlink(missing_ok=True)
    started = time.perf_counter()
    result = stage.action()
    seconds = time.perf_counter() - started
    content = {"key": key, "result": result, "seconds": seconds}
    stamps.mkdir(parents=True, exist_ok=True)
    draft = stamp.with_suffix(".tmp")
    draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draft.replace(stamp)
    return Outcome(result, seconds, because)


def _stage_key(stage: Stage) -> dict[str, str]:
    return {
        "inputs": _digest([[str(path), digest_path(path)] for path in stage.inputs]),
        "settings": _digest(dict(stage.settings)),
        "code": digest_code(tuple(stage.modules), frozenset(stage.unused)),
    }


def _why(known: dict[str, Any], key: dict[str, str], stage: Stage) -> str | None:
    """Say why a stage must run: the first kind of change, or None."""
    if not known:
        return "first run"
    changed = [name for name, value in key.items() if known["key"].get(name) != value]
    if changed:
        return f"{' and '.join(changed)} changed"
    gone = [path for path in stage.outputs if not path.exists()]
    return f"{gone[0]} is gone" if gone else None


def _read_stamp(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sound = isinstance(content, dict) and {"key", "result", "seconds"} <= content.keys()
    return content if sound else {}


def digest_path(path: Path) -> str:
    """Return the sha256 of a file, or of names and contents of a folder's files; 'missing' where there is neither."""
    if path.is_file():
        return digest_file(path)
    if path.is_dir():
        return _digest(
            [[p.relative_to(path).as_posix(), digest_path(p)] for p in sorted(path.rglob("*")) if p.is_file()]
        )
    return "missing"


def digest_code(modules: tuple[str, ...], unused: frozenset[str] = frozenset()) -> str:
    """Return a digest of the source of `modules` and of all modules of ours that they import, directly or not.

    `unused` ones are passed over, with what only they import.
    """
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in seen and module not in unused:
            seen.add(module)
            waiting += list(_imports(module))
            if "." in module:  # importing a.b runs a/__init__.py first
                waiting.append(module.rpartition(".")[0])
    return _digest([[module, digest_path(_source(module))] for module in sorted(seen)])


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Return the modules of ours that a module's source imports at any depth of the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(_source(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            # `from package import name`: the name may be a module, or stand in the package's own file.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return tuple(sorted(name for name in found if name.split(".")[0] in PACKAGES and _exists(name)))


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # a.b where a is a module, not a package
        return False


def _source(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no source of {module} to take a digest of")
    return Path(spec.origin)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
