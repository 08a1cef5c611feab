"""Versions of a codebook: major.minor.patch, and what the difference of two of them means.

Major: a label or a target went, or means something else, so that answers and annotations of the one must not be read
by the other. Minor: something was added, or is to be read again. Patch: other words for the same.
"""

from __future__ import annotations

from typing import Literal

from standpoint.codebook import Codebook
from standpoint.encoding import target_key
from standpoint.errors import Refused
from standpoint.metadata import CodebookReference

Level = Literal["patch", "minor", "major"]
LEVELS: tuple[Level, ...] = ("patch", "minor", "major")  # by rising weight


def parse_version(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a checked version."""
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)


def same_major(one: str, other: str) -> bool:
    """Whether annotations and answers of one version may be read by the other."""
    return parse_version(one)[0] == parse_version(other)[0]


def level_between(one: str, other: str) -> Level | None:
    """Return which number the step from `one` up to `other` raises; None where it is no step up."""
    before, after = parse_version(one), parse_version(other)
    if after <= before:
        return None
    if after[0] != before[0]:
        return "major"
    return "minor" if after[1] != before[1] else "patch"


def raise_version(version: str, level: Level) -> str:
    """Return the next version of a level."""
    major, minor, patch = parse_version(version)
    if level == "major":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level == "minor" else f"{major}.{minor}.{patch + 1}"


def require_codebook(
    known: CodebookReference | None, codebook: Codebook | CodebookReference | None, what: str, other: str
) -> None:
    """Refuse a model that knows another codebook than `codebook`; without one on either side nothing is claimed.

    `what` names the model and `other` what it meets, for the message. Raises Refused where the major versions differ,
    or where a target id stands for another wording in each: the model would be asked one thing and read as another.
    """
    if known is None or codebook is None or known.digest == codebook.digest:
        return
    if not same_major(known.version, codebook.version):
        raise Refused(
            f"{what} knows codebook {known.version}, {other} is of {codebook.version}, another major version; train "
            "on this codebook, or, where labels were only renamed, run: standpoint migrate-artifact ARTIFACT --out NEW"
        )
    for target, wording in codebook.targets.items():
        if target_key(known.targets.get(target, wording)) != target_key(wording):
            raise Refused(
                f"{what} (codebook {known.version}) reads the target {target!r} as {known.targets[target]!r}, {other} "
                f"(codebook {codebook.version}) as {wording!r}; another wording is a new major version: train on it"
            )
