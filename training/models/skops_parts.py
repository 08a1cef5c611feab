"""The linear model as formats 0 and 1 kept it: scikit-learn's own objects, in one skops file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import skops.io

from standpoint.errors import CorruptArtifact

MODEL = "linear.skops"

# What a linear model consists of, beyond builtins and arrays. A file that holds anything else is not loaded.
# `relation` decides whether a passage refers to the target at all; None where no label says that it does not.
PARTS = {"words": "TfidfVectorizer", "chars": "TfidfVectorizer", "classifier": None, "relation": None}
FIRST_PARTS = set(PARTS) - {"relation"}  # before a decision of its own, `unrelated` was one label among the others

# What our vectorizers were set to, and all that the linear model of today can do.
_COMMON = {
    **{"sublinear_tf": True, "norm": "l2", "use_idf": True, "binary": False, "lowercase": True},
    **dict.fromkeys(("strip_accents", "stop_words", "preprocessor", "tokenizer"), None),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "words": {**_COMMON, "analyzer": "word", "token_pattern": r"(?u)\b\w+\b"},
    "chars": {**_COMMON, "analyzer": "char_wb"},
}


def load_parts(path: Path) -> dict[str, Any]:
    """Read, audit, then build a skops file. Raises CorruptArtifact where it holds anything but our linear model."""
    parts = read_parts(path)
    if set(parts) != set(PARTS):
        raise CorruptArtifact(f"{path}: expected the parts {', '.join(PARTS)}; train the model again")
    for name, kind in PARTS.items():
        if kind and type(parts[name]).__name__ != kind:
            raise CorruptArtifact(f"{path}: {name} is a {type(parts[name]).__name__}, expected a {kind}")
    for name, settings in SETTINGS.items():
        for key, value in settings.items():
            found = getattr(parts[name], key, None)
            if found != value:
                raise CorruptArtifact(
                    f"{path}: {name} was fitted with {key} {found!r}, expected {value!r}; train the model again"
                )
        columns = sorted(parts[name].vocabulary_.values())
        if columns != list(range(len(columns))):
            raise CorruptArtifact(f"{path}: the columns of {name} are not numbered in order; train the model again")
    return parts


def read_parts(path: Path) -> dict[str, Any]:
    """Read, audit and build a skops file, whatever parts it has; none where it holds something else."""
    try:
        foreign = skops.io.get_untrusted_types(file=path)
        if foreign:
            raise CorruptArtifact(f"{path} holds types that a baseline does not consist of: {', '.join(foreign)}")
        parts = skops.io.load(path, trusted=[])
    except CorruptArtifact:
        raise
    except Exception as error:  # noqa: BLE001  (skops raises anything at all on a broken file)
        raise CorruptArtifact(f"{path} cannot be read ({type(error).__name__}); train the model again") from None
    return parts if isinstance(parts, dict) else {}


def write_parts(path: Path, parts: dict[str, Any]) -> None:
    """Write a skops file."""
    skops.io.dump(parts, path)
