"""Find the texts of documents that are not ours to store: by name and sha256, in folders that the user names.

A line of documents.jsonl has either `text`, or `sha256` of the bytes of the file that holds it, with an optional `path`
inside such a folder and an optional `encoding`. Offsets then count code points of the file as `pages` decodes it: no
line break translated, a byte-order mark a character. What is built from such a corpus (gold.jsonl, data/build) does
hold the texts, and may be given away as little as they may.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from standpoint.artifact import sha256
from standpoint.errors import BadInput
from standpoint.pages.decoding import decode_page
from training.annotations.records import Problem
from training.files import describe, digest_bytes

VARIABLE = "STANDPOINT_DOCUMENTS"
FIELDS = ("sha256", "path", "encoding")
NAMED = 20  # documents that a message names at most
_WITH_MARK = ("utf-16", "utf-32", "utf-8-sig")  # Python's codecs of these names would swallow the mark
_NO_CHARSET = ("punycode", "idna", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass
class Absent:
    """A document whose text was not found. `changed` is a file that has its name and other bytes; `judgements` counts
    the annotations that are left out with it, `line` is where documents.jsonl has it."""

    document: str
    changed: Path | None = None
    judgements: int = 0
    line: int = 0


class DocumentFinder:
    """The folders in which texts are looked for. Files are hashed once, and only if a name did not lead to them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._by_name: dict[str, list[Path]] | None = None
        self._by_digest: dict[str, Path] | None = None

    def find_file(self, content: dict[str, Any], where: str) -> Path | Absent:
        """Return the file that a line of documents.jsonl stands for. Raises BadInput where its fields do not fit."""
        digest, hint = check_reference(content, where)
        changed: Path | None = None
        for path in self._named(str(content["id"]), hint):
            if _hash(path) == digest:
                return path
            changed = changed or path
        return self._digests().get(digest) or Absent(str(content["id"]), changed)

    def _named(self, identifier: str, hint: str | None) -> Iterator[Path]:
        """Yield the files that a document's path, or its id with any suffix, leads to."""
        if hint is not None:
            for folder in self.folders:
                path = folder / hint
                if path.is_file():
                    yield path
        yield from self._names().get(identifier, ())

    def _names(self) -> dict[str, list[Path]]:
        if self._by_name is None:
            self._by_name = {}
            for path in self._files():
                for name in {path.name, path.stem}:
                    self._by_name.setdefault(name, []).append(path)
        return self._by_name

    def _digests(self) -> dict[str, Path]:
        if self._by_digest is None:
            self._by_digest = {}
            for path in self._files():
                if digest := _hash(path):
                    self._by_digest.setdefault(digest, path)
        return self._by_digest

    def _files(self) -> Iterator[Path]:
        for folder in self.folders:
            if not folder.is_dir():
                raise BadInput(f"expected a folder with documents (--documents or {VARIABLE})", str(folder))
            for path in sorted(folder.rglob("*")):
                if path.is_file():  # a pipe or device would be read for ever
                    yield path


def document_folders(given: Sequence[Path] | None) -> tuple[Path, ...]:
    """Return the folders that were given, else those of STANDPOINT_DOCUMENTS (separated as PATH is)."""
    if given:
        return tuple(given)
    return tuple(Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name)


def list_corpus_files(folder: Path, documents: Sequence[Path] | None = None) -> list[Path]:
    """Return all files and folders that decide what is read of a corpus; some may not be there."""
    lines = folder / "documents.jsonl"
    found = [folder / "codebook.yaml", lines, folder / "annotations", folder / "migrations", folder / "reread.jsonl"]
    if lines.is_file():
        with lines.open("rb") as file:
            if any(b'"sha256"' in line for line in file):
                found += document_folders(documents)
    return found


def with_text(content: dict[str, Any], path: Path, where: str) -> dict[str, Any]:
    """Return a line of documents.jsonl with the text of its file instead of its sha256. Raises BadInput."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror})", where) from None
    if digest_bytes(data) != content["sha256"]:
        raise BadInput(f"{path} changed while it was read; start again", where)
    text = _decode(data, content.get("encoding"), where)
    return {name: value for name, value in content.items() if name not in FIELDS} | {"text": text}


def describe_absent(absent: Sequence[Absent], path: Path) -> Iterator[Problem]:
    """Yield what is missing of a corpus, counted and named; a document of a changed file is named with it."""
    for changed in (False, True):
        found = [item for item in absent if (item.changed is not None) == changed]
        if not found:
            continue
        names = [f"{item.document} ({item.changed})" if changed else item.document for item in found[:NAMED]]
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        count = sum(item.judgements for item in found)
        why = "lie in files of another sha256, which were changed" if changed else "were not found"
        yield Problem(
            str(path),
            f"the texts of {len(found)} documents {why}, and their {count} annotations are left out: "
            f"{', '.join(names)}{more}; name their folders by --documents or {VARIABLE}",
            True,
            "changed documents" if changed else "missing documents",
        )


def check_reference(content: dict[str, Any], where: str) -> tuple[str, str | None]:
    """Return sha256 and path of a line. Raises BadInput."""
    digest = content["sha256"]
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise BadInput(
            f"expected the sha256 of the document's file in 64 hex digits, found {describe(content, 'sha256')}", where
        )
    if "text" in content:
        raise BadInput("has a text and a sha256; keep the text, or the sha256 of a file kept elsewhere", where)
    for name in ("path", "encoding"):
        value = content.get(name)
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise BadInput(f"expected a text {name!r}, found {describe(content, name)}", where)
    hint = content.get("path")
    if hint is not None and (PurePosixPath(hint).is_absolute() or ".." in PurePosixPath(hint).parts or "\0" in hint):
        raise BadInput(f"expected a path inside a folder of documents, found {describe(content, 'path')}", where)
    return digest, hint


def _decode(data: bytes, encoding: str | None, where: str) -> str:
    """Decode a file as `pages` does; an encoding that the line names is taken at its word, as offsets rest on it."""
    if encoding is None or encoding.lower() in _WITH_MARK:
        return decode_page(data, encoding)[0]
    try:
        if codecs.lookup(encoding).name in _NO_CHARSET:
            raise LookupError
        return data.decode(encoding)
    except LookupError:
        raise BadInput(f"{encoding!r} is no character set that is known here", where) from None
    except UnicodeDecodeError as error:
        raise BadInput(
            f"the document's file is not {encoding} (byte {error.start}); name the encoding that its offsets count in",
            where,
        ) from None


def _hash(path: Path) -> str | None:
    """Return a file's sha256; None where we may not read it."""
    try:
        return sha256(path)
    except OSError:
        return None
