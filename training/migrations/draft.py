"""The topics and targets of a codebook while migrations change them."""

from __future__ import annotations

from dataclasses import dataclass, field

from standpoint.codebook import OTHER, Codebook
from standpoint.errors import BadInput
from training.migrations.changes import Add, Change, Fields, Merge, Remove, Rename, Split

FIELDS = {"topic": ("name", "is"), "target": ("wording",)}


@dataclass
class Entry:
    """One topic or target: its fields, and the id under which the file has it (None: it is new)."""

    fields: dict[str, str]
    origin: str | None = None


@dataclass
class Draft:
    """What changes of a codebook; the order is the file's."""

    version: str
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)  # what -> id -> entry

    @property
    def wordings(self) -> dict[str, str]:
        """The targets as models and annotations may name them."""
        return {identifier: entry.fields["wording"] for identifier, entry in self.entries["target"].items()}


def start_draft(codebook: Codebook) -> Draft:
    """Return the draft of a codebook that nothing has changed yet."""
    topics = {name: Entry({"name": t.name, "is": t.is_}, name) for name, t in codebook.topics.labels.items()}
    targets = {name: Entry({"wording": wording}, name) for name, wording in codebook.targets.items()}
    return Draft(codebook.version, {"topic": topics, "target": targets})


def change_draft(draft: Draft, change: Change, where: str) -> None:
    """Make one change. Raises BadInput where it names what is not there, or would overwrite what is."""
    entries = draft.entries[change.what]
    if isinstance(change, Rename):
        _require(entries, [change.from_], change.what, where)
        _keep_other(change.what, [change.from_] if change.new != change.from_ else [], where)
        if change.new != change.from_ and change.new in entries:
            raise BadInput(f"{change.what} {change.new!r} exists; to make two into one, write a merge", where)
        kept = Entry({**entries[change.from_].fields, **_allowed(change, change.what, where)})
        kept.origin = entries[change.from_].origin
        _replace(entries, change.from_, {change.new: kept})
    elif isinstance(change, Merge):
        _merge(entries, change, where)
    elif isinstance(change, Split):
        _require(entries, [change.from_], change.what, where)
        _keep_other(change.what, [change.from_] if change.from_ not in change.names else [], where)
        parts = {part.id: _entry(entries, part.id, part, change.what, where) for part in change.into}
        elsewhere = {name for name in parts if name in entries and name != change.from_}
        for name in elsewhere:  # one that exists already takes over a part, and stays where it is
            entries[name] = parts.pop(name)
        _replace(entries, change.from_, parts)
    elif isinstance(change, Remove):
        _require(entries, [change.id], change.what, where)
        del entries[change.id]
    elif isinstance(change, Add):
        if change.id in entries:
            raise BadInput(f"{change.what} {change.id!r} exists already", where)
        last = entries.pop(OTHER, None) if change.what == "topic" else None  # the one that stands alone stays last
        entries[change.id] = _entry(entries, change.id, change, change.what, where)
        if last:
            entries[OTHER] = last
    elif change.label is not None:
        _require(entries, [change.label], change.what, where)


def _merge(entries: dict[str, Entry], change: Merge, where: str) -> None:
    _require(entries, change.from_, change.what, where)
    _keep_other(change.what, [name for name in change.from_ if change.to != OTHER], where)
    if len(set(change.from_)) < len(change.from_):
        raise BadInput(f"a {change.what} stands twice in {', '.join(change.from_)}", where)
    if change.to in entries and change.to not in change.from_:
        raise BadInput(f"{change.what} {change.to!r} exists; name it among those that are merged", where)
    merged = _entry(entries, change.to, change, change.what, where)
    first = change.to if change.to in entries else change.from_[0]
    for name in change.from_:
        if name != first:
            del entries[name]
    _replace(entries, first, {change.to: merged})


def _require(entries: dict[str, Entry], names: tuple[str, ...] | list[str], what: str, where: str) -> None:
    for name in names:
        if name not in entries:
            raise BadInput(f"{what} {name!r} is not in the codebook at this point; it has {', '.join(entries)}", where)


def _keep_other(what: str, names: list[str], where: str) -> None:
    if what == "topic" and OTHER in names:
        raise BadInput(f"the topic {OTHER!r} is known by this name as the one that stands alone; keep it", where)


def _entry(entries: dict[str, Entry], name: str, fields: Fields, what: str, where: str) -> Entry:
    """Return the entry of an id with the fields given: changed where it exists, new where it does not."""
    given = _allowed(fields, what, where)
    if name in entries:
        return Entry({**entries[name].fields, **given}, entries[name].origin)
    missing = [field for field in FIELDS[what] if field not in given]
    if missing:
        raise BadInput(f"{what} {name!r} is new and needs {' and '.join(missing)}", where)
    return Entry(given)


def _allowed(fields: Fields, what: str, where: str) -> dict[str, str]:
    given = fields.given()
    for name in given:
        if name not in FIELDS[what]:
            raise BadInput(f"a {what} has no {name}; it has {' and '.join(FIELDS[what])}", where)
    return given


def _replace(entries: dict[str, Entry], name: str, by: dict[str, Entry]) -> None:
    """Put `by` in the place of an entry."""
    kept = list(entries.items())
    entries.clear()
    for known, entry in kept:
        entries.update(by if known == name else {known: entry})
