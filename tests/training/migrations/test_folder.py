"""A corpus folder is migrated whole, codebook, lines, splits and marks; comments stay, a kill leaves nothing half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from standpoint.codebook import read_codebook
from standpoint.errors import BadInput
from tests.training.migrations.folders import (
    BOOK,
    SPLITS,
    judgement,
    make_folder,
    read_jsonl,
    stance,
    write_migration,
)
from training.migrations.folder import migrate_folder
from training.migrations.journal import JOURNAL, finish_commit, require_settled

TRAFFIC = {"merge": {"what": "topic", "from": ["roads", "rail"], "to": "traffic", "name": "Traffic", "is": "all of it"}}
TOLL = {"rename": {"what": "target", "from": "the-toll", "to": "bridge-toll"}}
AIR = {"add": {"what": "topic", "id": "air", "name": "Air: above", "is": 'the "sky"'}}


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_codebook_keeps_its_comments_and_order(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement())
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC, TOLL, AIR)
    report = migrate_folder(folder)
    expected = BOOK.replace("version: 1.0.0", "version: 2.0.0").replace("the-toll: the", "bridge-toll: the")
    start, end = expected.index("    # Streets"), expected.index("    other:")
    lines = '    traffic: {name: "Traffic", is: "all of it"}\n    air: {name: "Air: above", is: "the \\"sky\\""}\n'
    assert (folder / "codebook.yaml").read_text(encoding="utf-8") == expected[:start] + lines + expected[end:]
    assert report.mentions == ["a rule still speaks of `roads`: A ferry is `water`, not `roads`."]
    assert "codebook.yaml: a rule still speaks of `roads`" in "\n".join(report.lines())


@pytest.mark.parametrize(
    "book",
    [
        BOOK.replace("\n", "\r\n"),
        json.dumps(yaml.safe_load(BOOK)),
        yaml.safe_dump(yaml.safe_load(BOOK), sort_keys=False),
        yaml.safe_dump(yaml.safe_load(BOOK), sort_keys=False, default_flow_style=True),
        BOOK.rstrip("\n"),
        BOOK.replace("  the-dam:", '  "the-dam":'),
    ],
    ids=["crlf", "json", "plain", "flow", "no last break", "quoted"],
)
def test_a_codebook_may_be_written_in_any_way(tmp_path: Path, book: str) -> None:
    folder = make_folder(tmp_path, judgement(), book=book)
    reword = {"rename": {"what": "topic", "from": "water", "name": "Waters"}}
    split = {
        "what": "topic",
        "from": "roads",
        "into": [{"id": "streets", "name": "Streets", "is": "s"}, {"id": "rail"}],
    }
    removed = {"remove": {"what": "target", "id": "night-trains"}}
    dam = {"rename": {"what": "target", "from": "the-dam", "to": "arle-dam", "wording": "the dam at Arle"}}
    write_migration(folder, "1.0.0", "2.0.0", reword, {"split": split}, removed, dam, TOLL)
    migrate_folder(folder)
    found = read_codebook(folder / "codebook.yaml")
    assert list(found.topic_names.items()) == [
        ("water", "Waters"),
        ("streets", "Streets"),
        ("rail", "Rail"),
        ("other", "Other"),
    ]
    assert list(found.targets.items()) == [("arle-dam", "the dam at Arle"), ("bridge-toll", "the bridge toll")]
    assert found.topics.labels["water"].is_ == "dams and rivers"
    assert ("\r\n" in book) == (b"\r\n" in (folder / "codebook.yaml").read_bytes())


def test_a_codebook_that_cannot_be_edited_is_refused_whole(tmp_path: Path) -> None:
    book = BOOK.replace('water: {name: "Water"', 'water: {name: &w "Water"').replace("name: Rail", "name: *w")
    folder = make_folder(tmp_path, judgement(), book=book)
    write_migration(folder, "1.0.0", "2.0.0", {"remove": {"what": "topic", "id": "water"}})
    before = contents(folder)
    with pytest.raises(
        BadInput, match=r"codebook\.yaml: would not be a codebook after the migration: is not valid YAML"
    ):
        migrate_folder(folder)
    assert contents(folder) == before


def test_lines_are_rewritten_and_marked(tmp_path: Path) -> None:
    folder = make_folder(
        tmp_path,
        judgement(topics=["roads", "rail"], stances=[stance("the bridge toll"), stance("the-dam")], note="kept"),
        judgement(document="d2", topics=["water"], stances=[stance("night-trains")]),
        judgement(document="d3", topics=["water", "roads"], stances=None),
        judgement(document="d4", topics=None, stances=[]),
    )
    removed = [{"remove": {"what": "topic", "id": "water"}}, {"remove": {"what": "target", "id": "night-trains"}}]
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC, TOLL, *removed)
    report = migrate_folder(folder)
    first, second, third, fourth = read_jsonl(folder / "annotations/ann.jsonl")
    assert first == judgement(
        topics=["traffic"], stances=[stance("bridge-toll"), stance("the-dam")], note="kept", codebook="2.0.0"
    )
    assert (second["topics"], second["stances"]) == (None, [])
    assert (third["topics"], third["stances"]) == (["traffic"], None)
    assert fourth == judgement(document="d4", topics=None, stances=[], codebook="2.0.0")
    tally = report.tally
    assert (tally.lines, tally.stamped, tally.rewritten, tally.marks) == (4, 4, 3, {"topic": 1, "stance": 0})
    assert (tally.before, tally.after, tally.folded, tally.dropped, tally.withdrawn) == (8, 4, 1, 3, 0)
    (mark,) = read_jsonl(folder / "reread.jsonl")
    assert mark == {
        "document": "d2",
        "start": 18,
        "end": 69,
        "annotator": "ann",
        "task": "topic",
        "why": "its only topic water is no longer one (codebook 2.0.0)",
        "codebook": "2.0.0",
        "labels": [],
        "was": ["water"],
    }
    assert "judgements to be read again: 1 topic, 0 stance" in report.lines()


def test_a_dry_run_writes_nothing_and_counts_the_same(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"]), splits=SPLITS)
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC, TOLL)
    before = contents(folder)
    dry = migrate_folder(folder, dry_run=True)
    assert contents(folder) == before
    real = migrate_folder(folder)
    assert (dry.tally, dry.files) == (real.tally, real.files)
    assert real.files == ["codebook.yaml", "splits.yaml", "annotations/ann.jsonl"]
    assert dry.lines()[-1] == f"would write {', '.join(dry.files)}"
    assert real.lines()[-1] == f"wrote {', '.join(real.files)}"
    again = migrate_folder(folder)
    assert (again.files, again.lines()) == ([], ["codebook 2.0.0: nothing to migrate"])


def test_steps_are_chained_and_may_stop_half_way(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"], stances=[stance("the-toll")]))
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC)
    write_migration(folder, "2.0.0", "3.0.0", {"rename": {"what": "topic", "from": "traffic", "to": "travel"}}, TOLL)
    migrate_folder(folder, "2.0.0")
    assert read_codebook(folder / "codebook.yaml").version == "2.0.0"
    assert read_jsonl(folder / "annotations/ann.jsonl")[0]["topics"] == ["traffic"]
    assert migrate_folder(folder).start == "2.0.0"
    (line,) = read_jsonl(folder / "annotations/ann.jsonl")
    assert (line["topics"], line["stances"], line["codebook"]) == (["travel"], [stance("bridge-toll")], "3.0.0")
    for to, words in (
        ("1.0.0", "a migration leads to a higher version than 1.0.0"),
        ("9.0.0", "no migrations lead from 3"),
        ("2", "expected a version"),
    ):
        with pytest.raises(BadInput, match=words):
            migrate_folder(folder, to)


def test_lines_of_an_older_version_that_arrive_later_are_carried_too(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"]))
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC, TOLL)
    migrate_folder(folder)
    late = [judgement(annotator="bea", topics=["roads"], codebook="1.0.0"), judgement(annotator="bea", document="d2")]
    raw = json.dumps(late[0]) + "\n\n" + json.dumps(late[1], separators=(",", ":"))
    (folder / "annotations/bea.jsonl").write_text(raw, encoding="utf-8")
    before = contents(folder)
    report = migrate_folder(folder)
    assert report.files == ["annotations/bea.jsonl"]
    assert (report.tally.lines, report.tally.stamped) == (3, 1)
    changed = json.dumps({**late[0], "topics": ["traffic"], "codebook": "2.0.0"})
    after = (folder / "annotations/bea.jsonl").read_bytes().decode()
    assert after == changed + raw[raw.index("\n") :]  # what is of today's version stays byte by byte
    assert {**before, "annotations/bea.jsonl": after.encode()} == contents(folder)
    (folder / "annotations/bea.jsonl").write_text(json.dumps({**late[0], "codebook": "0.5.0"}) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"bea\.jsonl:1: was annotated by codebook 0\.5\.0, and no migrations lead"):
        migrate_folder(folder)
    (folder / "annotations/bea.jsonl").write_text(json.dumps({**late[0], "codebook": 1}) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"bea\.jsonl:1: expected a version 'codebook', found 1"):
        migrate_folder(folder)
    (folder / "annotations/bea.jsonl").write_text("{\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"bea\.jsonl:1: is not JSON .*a migration needs every line"):
        migrate_folder(folder)


@pytest.mark.parametrize(
    ("changes", "splits", "expected"),
    [
        ([TOLL], SPLITS, SPLITS.replace("the-toll", "bridge-toll")),
        ([{"remove": {"what": "target", "id": "the-toll"}}], SPLITS, SPLITS.replace("  - the-toll   # thin\n", "")),
        (
            [{"merge": {"what": "target", "from": ["the-toll", "night-trains"], "to": "the-toll"}}],
            "unseen_targets: [the-toll, night-trains] # both\n",
            "unseen_targets: [the-toll] # both\n",
        ),
        (
            [
                {
                    "split": {
                        "what": "target",
                        "from": "the-toll",
                        "into": [{"id": "a", "wording": "x"}, {"id": "b", "wording": "y"}],
                    }
                }
            ],
            SPLITS,
            SPLITS.replace("- the-toll   # thin\n", "- a\n  - b\n"),
        ),
        (
            [{"remove": {"what": "target", "id": "the-toll"}}],
            "unseen_targets:\n  - the-toll\nseed: 1\n",
            "unseen_targets:\n  []\nseed: 1\n",
        ),
        ([TOLL], "seed: 13\n", "seed: 13\n"),
        ([TOLL], "# nothing\n", "# nothing\n"),
    ],
)
def test_unseen_targets_follow(tmp_path: Path, changes: list[dict[str, Any]], splits: str, expected: str) -> None:
    folder = make_folder(tmp_path, judgement(), splits=splits)
    write_migration(folder, "1.0.0", "2.0.0", *changes)
    migrate_folder(folder)
    assert (folder / "splits.yaml").read_text(encoding="utf-8") == expected
    assert yaml.safe_load(expected) == yaml.safe_load((folder / "splits.yaml").read_text(encoding="utf-8"))


def test_an_unseen_target_does_not_become_one_with_a_learnt_one(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(), splits=SPLITS)
    write_migration(
        folder, "1.0.0", "2.0.0", {"merge": {"what": "target", "from": ["the-dam", "the-toll"], "to": "the-dam"}}
    )
    before = contents(folder)
    with pytest.raises(
        BadInput, match=r"unseen_targets: the-toll unseen, the-dam learnt from, .*merges them into the-dam"
    ):
        migrate_folder(folder)
    assert contents(folder) == before


@pytest.mark.parametrize("renamed", [0, 1, 2, 3])
def test_a_kill_after_the_journal_is_finished_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"]), splits=SPLITS)
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC, TOLL)
    done, replace = [], Path.replace

    def kill_after(self: Path, target: Path) -> Path:
        if self.name.endswith(".migrated"):
            if len(done) == renamed:
                raise KeyboardInterrupt("killed")
            done.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", kill_after)
    if renamed < 3:
        with pytest.raises(KeyboardInterrupt, match="killed"):
            migrate_folder(folder)
        with pytest.raises(
            BadInput, match=r"migration-journal\.json: a migration was interrupted; run: standpoint migrate"
        ):
            require_settled(folder)
    else:
        migrate_folder(folder)
    monkeypatch.undo()
    report = migrate_folder(folder)
    assert report.finished == (renamed < 3)
    assert not report.files
    assert read_codebook(folder / "codebook.yaml").version == "2.0.0"
    assert read_jsonl(folder / "annotations/ann.jsonl")[0]["topics"] == ["traffic"]
    assert "bridge-toll" in (folder / "splits.yaml").read_text(encoding="utf-8")
    assert not [name for name in contents(folder) if ".migrated" in name or name == JOURNAL]


def test_a_kill_before_the_journal_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"]))
    write_migration(folder, "1.0.0", "2.0.0", TRAFFIC)
    before = contents(folder)
    (folder / "annotations" / ".ann.jsonl.migrated").write_text("half a li", encoding="utf-8")  # of one killed outright
    monkeypatch.setattr(
        "training.migrations.folder.commit_drafts", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt("killed"))
    )
    with pytest.raises(KeyboardInterrupt, match="killed"):
        migrate_folder(folder)
    assert contents(folder) == before


def test_a_journal_that_does_not_fit_is_no_licence(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement())
    journal = folder / JOURNAL
    journal.write_text(json.dumps({"files": [{"name": "../x", "before": None, "after": "0"}]}), encoding="utf-8")
    with pytest.raises(BadInput, match=r"names '\.\./x', which is outside the folder"):
        finish_commit(folder)
    journal.write_text(
        json.dumps({"files": [{"name": "codebook.yaml", "before": "0", "after": "1"}]}), encoding="utf-8"
    )
    with pytest.raises(BadInput, match=r"codebook\.yaml: is neither as before nor as after the migration"):
        finish_commit(folder)
    journal.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"cannot be read \(JSONDecodeError\)"):
        finish_commit(folder)
