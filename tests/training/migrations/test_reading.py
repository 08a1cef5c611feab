"""Written migrations are read whole or refused with the place, and say how far they raise the version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from standpoint.codebook import read_codebook
from standpoint.errors import BadInput
from tests.training.migrations.folders import make_folder, write_migration
from training.migrations.draft import start_draft
from training.migrations.reading import apply_migration, find_way, read_migration, read_migrations

NEW = {"name": "Air", "is": "airports"}
RENAME = {"rename": {"what": "topic", "from": "rail", "to": "trains"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"rename": {"what": "stance", "from": "favor", "to": "pro"}},
            r"changes\.0\.rename\.what: the stances favor, against, none are fixed",
        ),
        ({"swap": {}}, r"changes\.0: expected one of rename, merge, split, remove, add, reread .* found swap"),
        ({"remove": {"what": "topic"}}, r"yaml:5: changes\.0\.remove\.id: Field required"),
        ({"merge": {"what": "topic", "from": ["rail"], "to": "rail"}}, r"changes\.0\.merge\.from: .*at least 2 items"),
        (
            {"split": {"what": "topic", "from": "rail", "into": [{"id": "a"}, {"id": "b"}], "default": "c"}},
            r"the default 'c' is not one of the parts a, b",
        ),
        (
            {"split": {"what": "topic", "from": "rail", "into": [{"id": "a"}, {"id": "a"}]}},
            r"a part stands twice in a, a",
        ),
        ({"rename": {"what": "topic", "from": "rail", "to": "Trains"}}, r"rename\.to: String should match pattern"),
        ({"add": {"what": "topic", "id": "air", "colour": "red"}}, r"add\.colour: Extra inputs"),
    ],
)
def test_faulty_changes_are_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_migration(write_migration(tmp_path, "1.0.0", "2.0.0", change))


def test_headers_and_names_must_fit(tmp_path: Path) -> None:
    path = write_migration(tmp_path, "1.0.0", "2.0.0", RENAME)
    with pytest.raises(BadInput, match=r"is named otherwise than 1\.0\.0-to-2\.0\.0\.yaml"):
        read_migration(path.rename(path.with_name("1.0.0-to-3.0.0.yaml")))
    with pytest.raises(BadInput, match=r"goes from 2\.0\.0 to 1\.0\.0; a migration leads to a higher version"):
        read_migration(write_migration(tmp_path, "2.0.0", "1.0.0", RENAME))
    with pytest.raises(BadInput, match=r"owner: Extra inputs"):
        read_migration(write_migration(tmp_path, "1.0.0", "2.0.0", RENAME, owner="me"))
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"expected a mapping with from, to, why and changes, found list"):
        read_migration(path)


def test_two_steps_from_one_version_are_refused(tmp_path: Path) -> None:
    write_migration(tmp_path, "1.0.0", "2.0.0", RENAME)
    write_migration(tmp_path, "1.0.0", "3.0.0", RENAME)
    with pytest.raises(
        BadInput, match=r"1\.0\.0-to-3\.0\.0\.yaml: starts from 1\.0\.0 as 1\.0\.0-to-2\.0\.0\.yaml does"
    ):
        read_migrations(tmp_path / "migrations")


def test_the_way_goes_through_the_steps(tmp_path: Path) -> None:
    for start, to in (("1.2.0", "1.3.0"), ("1.3.0", "2.0.0"), ("2.0.0", "3.0.0")):
        write_migration(tmp_path, start, to, RENAME)
    steps = read_migrations(tmp_path / "migrations")

    def way(*asked: Any, **how: Any) -> list[str] | None:
        found = find_way(steps, *asked, **how)
        return None if found is None else [step.to for step in found]

    assert way("1.2.0") == ["1.3.0", "2.0.0", "3.0.0"]
    assert way("1.2.0", "2.0.0") == ["1.3.0", "2.0.0"]
    assert way("3.0.0", "3.0.0") == []
    assert way("1.2.0", "1.9.0", exact=True) is None
    # What an older annotation says is valid in later minor versions, which have the steps; a codebook is what it is.
    assert way("1.0.0", "2.0.0") == ["1.3.0", "2.0.0"]
    assert way("1.0.0", "2.0.0", exact=True) is None
    assert way("3.0.0", "3.1.0") == []
    assert way("4.0.0", "5.0.0") is None
    assert way("0.9.0", "2.0.0") is None


MAJOR, MINOR, PATCH = "2.0.0", "1.1.0", "1.0.1"


@pytest.mark.parametrize(
    ("change", "needed", "words"),
    [
        (RENAME, MAJOR, "topic rail renamed to trains: that is a major one"),
        ({"rename": {"what": "topic", "from": "rail", "name": "Trains", "is": "all of them"}}, PATCH, ""),
        ({"rename": {"what": "target", "from": "the-dam", "wording": "the ARLE dam"}}, PATCH, ""),
        ({"rename": {"what": "target", "from": "the-dam", "wording": "the dam of Arle"}}, MAJOR, "the-dam reworded"),
        ({"merge": {"what": "topic", "from": ["rail", "roads"], "to": "rail"}}, MAJOR, "topics rail, roads merged"),
        (
            {"split": {"what": "topic", "from": "rail", "into": [{"id": "rail"}, {"id": "air", **NEW}]}},
            MAJOR,
            "split into",
        ),
        ({"remove": {"what": "target", "id": "the-dam"}}, MAJOR, "target the-dam removed"),
        ({"add": {"what": "topic", "id": "air", **NEW}}, MINOR, "topic air added: that is a minor one"),
        ({"reread": {"what": "topic", "label": "rail", "why": "clearer"}}, MINOR, "topic rail to be read again"),
    ],
)
def test_the_version_must_say_how_much_changes(tmp_path: Path, change: dict[str, Any], needed: str, words: str) -> None:
    draft = start_draft(read_codebook(make_folder(tmp_path) / "codebook.yaml"))
    for version in (PATCH, MINOR, MAJOR):
        migration = read_migration(write_migration(tmp_path, "1.0.0", version, change))
        if version < needed:
            with pytest.raises(BadInput, match=rf"{words}.*so `to` should be {needed}"):
                apply_migration(start_draft(read_codebook(tmp_path / "corpus" / "codebook.yaml")), migration)
        else:
            apply_migration(draft, migration)
            assert draft.version == version
            break


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"rename": {"what": "topic", "from": "air", "to": "sky"}},
            r"changes\.0: topic 'air' is not in the codebook at this point; it has water",
        ),
        (
            {"rename": {"what": "topic", "from": "rail", "to": "roads"}},
            r"'roads' exists; to make two into one, write a merge",
        ),
        ({"rename": {"what": "topic", "from": "other", "to": "misc"}}, r"'other' is known by this name"),
        (
            {"rename": {"what": "topic", "from": "rail", "wording": "trains"}},
            r"a topic has no wording; it has name and is",
        ),
        (
            {"merge": {"what": "topic", "from": ["rail", "roads"], "to": "water"}},
            r"'water' exists; name it among those",
        ),
        (
            {"merge": {"what": "topic", "from": ["rail", "roads"], "to": "traffic"}},
            r"'traffic' is new and needs name and is",
        ),
        ({"merge": {"what": "topic", "from": ["rail", "other"], "to": "rail"}}, r"'other' is known by this name"),
        ({"merge": {"what": "topic", "from": ["rail", "rail"], "to": "rail"}}, r"a topic stands twice in rail, rail"),
        (
            {"split": {"what": "target", "from": "the-dam", "into": [{"id": "a", "wording": "a"}, {"id": "b"}]}},
            r"'b' is new and needs wording",
        ),
        ({"add": {"what": "target", "id": "the-dam", "wording": "x"}}, r"target 'the-dam' exists already"),
        ({"reread": {"what": "target", "label": "the-sea", "why": "x"}}, r"target 'the-sea' is not in the codebook"),
    ],
)
def test_changes_that_do_not_fit_the_codebook_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    draft = start_draft(read_codebook(make_folder(tmp_path) / "codebook.yaml"))
    with pytest.raises(BadInput, match=message):
        apply_migration(draft, read_migration(write_migration(tmp_path, "1.0.0", "2.0.0", change)))
