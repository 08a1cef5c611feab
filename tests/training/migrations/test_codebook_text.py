"""However a codebook is laid out, editing it line by line says what the changes say, and keeps all other lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from standpoint.codebook import Codebook
from training.migrations.changes import Add, Change, Merge, Remove, Rename
from training.migrations.codebook_text import write_codebook_text
from training.migrations.draft import change_draft, start_draft

HEAD = """\
version: 1.0.0   # the version
language: en
stance: {labels: {favor: "for it", against: "against it", none: neither}}
topics:
  labels:
    other: {name: Other, is: "the rest"}
    quiet: {name: Quiet, is: "silence"}
"""
words = st.text(alphabet="ab :#'\"\\é\u2028-", min_size=1, max_size=12).filter(lambda text: text.strip("\"' ") != "")
layouts = st.sampled_from(
    ["{key}: {value}", '"{key}":   {value}', "{key}: {value}   # why", "# above\n  {key}:\n    {value}"]
)
FOLDED = "{key}: >-\n    {plain}\n    again\n"


@st.composite
def codebooks(draw: Any) -> str:
    """Return the text of a codebook with one to six targets, each laid out in some way, comments and gaps between."""
    text = HEAD + "targets:   # these\n"
    for number in range(draw(st.integers(1, 6))):
        value = json.dumps(f"{number} {draw(words)}", ensure_ascii=False)
        if draw(st.booleans()):
            text += "  " + draw(layouts).format(key=f"t{number}", value=value) + "\n"
        else:
            text += "  " + FOLDED.format(key=f"t{number}", plain=f"plain {number}")
        text += draw(st.sampled_from(["", "\n", "  # between\n", "\n\n# at the margin\n"]))
    return text + draw(st.sampled_from(["", "# the end", "unit: passage\n"]))


@st.composite
def target_changes(draw: Any, names: list[str]) -> list[Change]:
    """Return one to four changes that fit one after the other."""
    found: list[Change] = []
    for number in range(draw(st.integers(1, 4))):
        old = draw(st.sampled_from(names))
        kind = draw(st.sampled_from(["rename", "reword", "add", *(["remove", "merge"] if len(names) > 1 else [])]))
        new = f"n{number}"
        if kind == "rename":
            found.append(Rename(what="target", from_=old, to=new))
            names = [new if name == old else name for name in names]
        elif kind == "reword":
            found.append(Rename(what="target", from_=old, wording=f"w{number} {draw(words)}"))
        elif kind == "add":
            found.append(Add(what="target", id=new, wording=f"a{number} {draw(words)}"))
            names = [*names, new]
        elif kind == "remove":
            found.append(Remove(what="target", id=old))
            names = [name for name in names if name != old]
        else:
            other = draw(st.sampled_from([name for name in names if name != old]))
            found.append(Merge(what="target", from_=(old, other), to=old))
            names = [name for name in names if name != other]
    return found


@given(codebooks(), st.data())
def test_an_edited_codebook_says_what_the_changes_say(text: str, data: st.DataObject) -> None:
    before = Codebook.model_validate(yaml.safe_load(text))
    draft = start_draft(before)
    for change in data.draw(target_changes(list(before.targets))):
        change_draft(draft, change, "here")
    draft.version = "2.0.0"
    changed, codebook = write_codebook_text(text, draft, Path("codebook.yaml"))
    assert codebook.targets == draft.wordings
    assert list(codebook.targets) == list(draft.wordings)
    assert codebook.topics == before.topics
    head, kept = text.partition("targets:")[0], changed.partition("targets:")[0]
    assert kept == head.replace("version: 1.0.0", "version: 2.0.0")
    assert changed.endswith("# the end") == text.endswith("# the end")
    untouched = [name for name, entry in draft.entries["target"].items() if entry.origin == name]
    assert all(f"{name}:" in changed or f'"{name}":' in changed for name in untouched)
