"""Write a changed codebook.yaml line by line, so that comments, order and quoting of the rest stay as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from standpoint.codebook import Codebook, read_codebook
from standpoint.errors import BadInput
from training.migrations.draft import Draft, Entry, start_draft

PLACES = {"topic": ("topics", "labels"), "target": ("targets",)}
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
Edit = tuple[int, int, str]  # start, end, what stands there instead


def write_codebook_text(text: str, draft: Draft, path: Path) -> tuple[str, Codebook]:
    """Return the text of a codebook that says what the draft says, and the codebook that it is read as.

    `path` names the file in errors. Raises BadInput where the file is written in a way that cannot be edited so.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edits = [_replace_scalar(text, _find(root, ("version",)), draft.version)]
    for what, place in PLACES.items():
        edits += _edit_mapping(text, _find(root, place), draft.entries[what], what)
    changed = apply_edits(text, edits)
    with TemporaryDirectory() as scratch:
        written = Path(scratch, path.name)
        written.write_bytes(changed.encode())
        try:
            codebook = read_codebook(written)
        except BadInput as error:
            raise BadInput(f"would not be a codebook after the migration: {error.message}", str(path)) from None
    found = start_draft(codebook)
    if _content(found) != _content(draft):
        raise BadInput(
            "is written in a way that cannot be edited line by line (anchors, keys over several lines?); write each "
            "topic and each target on lines of its own",
            str(path),
        )
    return changed, codebook


def apply_edits(text: str, edits: list[Edit]) -> str:
    """Return a text with all edits made; they do not overlap."""
    pieces, done = [], 0
    for start, end, new in sorted(edits):
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])


def _content(draft: Draft) -> object:
    entries = {what: [(name, e.fields) for name, e in found.items()] for what, found in draft.entries.items()}
    return draft.version, entries


def _find(node: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        node = next(value for key, value in node.value if key.value == name)
    return node


def _edit_mapping(text: str, node: Any, entries: dict[str, Entry], what: str) -> list[Edit]:
    old = {key.value: (key, value) for key, value in node.value}
    if [(name, e.origin) for name, e in entries.items()] == [(n, n) for n in old]:
        return [edit for name, entry in entries.items() for edit in _edit_fields(text, old[name][1], entry, what)]
    if node.flow_style:
        inside = ", ".join(f"{name}: {_write_entry(entry, what)}" for name, entry in entries.items())
        return [(node.start_mark.index, node.end_mark.index, "{" + inside + "}")]
    # Each entry has the lines from the end of the one before it: what stands above it, and its own.
    ends = {name: _line_end(text, _last_index(value)) for name, (_, value) in old.items()}
    first = _line_start(text, node.value[0][0].start_mark.index)
    starts = dict(zip(ends, [first, *list(ends.values())[:-1]], strict=True))
    break_ = "\r\n" if "\r\n" in text else "\n"
    indent = " " * node.value[0][0].start_mark.column
    lines = []
    for name, entry in entries.items():
        if entry.origin is None:
            line = f"{indent}{name}: {_write_entry(entry, what)}{break_}"
        else:
            line = _edit_entry(text, starts[entry.origin], ends[entry.origin], old[entry.origin], name, entry, what)
        lines.append(line if line.endswith("\n") else line + break_)
    return [(first, max(ends.values()), "".join(lines))]


def _edit_entry(
    text: str, start: int, end: int, old: tuple[yaml.Node, yaml.Node], name: str, entry: Entry, what: str
) -> str:
    """Return the lines of an entry that the file has, with another id or other fields."""
    key, value = old
    edits = _edit_fields(text, value, entry, what)
    if key.value != name:
        edits.append((key.start_mark.index, key.end_mark.index, name))
    return apply_edits(text[start:end], [(left - start, right - start, new) for left, right, new in edits])


def _edit_fields(text: str, value: yaml.Node, entry: Entry, what: str) -> list[Edit]:
    nodes = {"wording": value} if what == "target" else {key.value: found for key, found in value.value}
    return [
        _replace_scalar(text, node, _quote(entry.fields[name]))
        for name, node in nodes.items()
        if node.value != entry.fields[name]
    ]


def _replace_scalar(text: str, node: yaml.Node, new: str) -> Edit:
    start, end = node.start_mark.index, node.end_mark.index
    if getattr(node, "style", None) in ("|", ">"):  # it ends where the next line begins
        end = start + len(text[start:end].rstrip())
    return start, end, new


def _write_entry(entry: Entry, what: str) -> str:
    if what == "target":
        return _quote(entry.fields["wording"])
    fields = ", ".join(f"{name}: {_quote(value)}" for name, value in entry.fields.items())
    return "{" + fields + "}"


def _quote(text: str) -> str:
    """Return a text as a double-quoted scalar; what YAML takes for a line break, or cannot read, is escaped."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _last_index(node: yaml.Node) -> int:
    """Return where a value ends; PyYAML ends a block only where the next one begins, behind its comments."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_index(node.value[-1][1])
    mark = node.end_mark
    # A block of text ends at the start of the line behind it.
    return int(mark.index) - 1 if mark.column == 0 else int(mark.index)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Return the index behind the line break of the line of `index`."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
