"""The codebook is read whole or refused with the place; its digest follows its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from standpoint.codebook import OTHER, STANCES, read_codebook
from standpoint.errors import BadInput

DATA = Path(__file__).resolve().parents[2] / "data" / "codebook.yaml"
SMALL = """\
version: 1.0.0
language: en
stance:
  labels:
    favor: "for it"
    against: "against it"
    none: "neither"
  rules:
    - "Judge the words alone."
topics:
  rules:
    - "The fewest."
  labels:
    economy: {name: "Economy", is: "trade"}
    other: {name: "Other", is: "the rest"}
targets:
  port-levy: "the port levy"
  river-treaty: "the river treaty"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "codebook.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def digest_of(tmp_path: Path, text: str) -> str:
    return read_codebook(write(tmp_path, text)).digest


def test_the_packaged_codebook_reads() -> None:
    codebook = read_codebook(DATA)
    assert set(codebook.stance.labels) == set(STANCES)
    assert OTHER in codebook.topics.labels
    identifier, wording = next(iter(codebook.targets.items()))
    assert codebook.wording(identifier) == wording
    assert codebook.wording("a wording of one's own") == "a wording of one's own"
    assert list(codebook.topic_names) == list(codebook.topics.labels)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("version: 1.0.0\n", "", r": version: Field required$"),
        ("version: 1.0.0", "version: 1.0", r":1: version: .*found 1\.0$"),
        ("version: 1.0.0", 'version: "one"', r':1: version: .*found "one"$'),
        ('    none: "neither"\n', "", r":3: stance: expected the labels favor, against, none, found favor, against$"),
        ("    none:", "    neutral:", r":3: stance: expected the labels .* found favor, against, neutral$"),
        (
            '  river-treaty: "the river treaty"',
            '  port-levy: "x"',
            r":18: is not valid YAML: the key 'port-levy' stands twice$",
        ),
        (
            '"the river treaty"',
            '" The  PORT levy"',
            r":16: targets: targets port-levy and river-treaty have the same wording",
        ),
        ("language: en", "language: en\nowner: me", r":3: owner: Extra inputs are not permitted$"),
        ("language: en", "language: no", r":2: language: Input should be a valid string, found false$"),
        ('is: "trade"}', 'is: "trade", was: "x"}', r":14: topics\.labels\.economy\.was: Extra inputs"),
        (
            'economy: {name: "Economy", is: "trade"}',
            'economy: {name: "Economy"}',
            r":14: topics\.labels\.economy\.is: Field required",
        ),
        (
            '    economy: {name: "Economy", is: "trade"}\n',
            "",
            r":13: topics\.labels: Dictionary should have at least 2 items",
        ),
        ('    - "The fewest."', "    - 5", r":12: topics\.rules\.0: Input should be a valid string, found 5$"),
        ("  port-levy:", "  Port Levy:", r":17: targets\.Port Levy: String should match pattern"),
        ('"the port levy"', '""', r":17: targets\.port-levy: String should have at least 1 character"),
        (
            'targets:\n  port-levy: "the port levy"\n  river-treaty: "the river treaty"\n',
            "targets: {}\n",
            r":16: targets: Dictionary should have at least 1 item",
        ),
        ("version: 1.0.0", "version: [1.0.0", r":2: is not valid YAML: "),
        ("version: 1.0.0", "version: \x07", r": is not valid YAML: "),
        ("language: en", "? [a, b]\n: c", r":2: is not valid YAML: "),
        ("version: 1.0.0", "version: 2024-13-45", r": is not valid YAML: "),
    ],
)
def test_errors_name_file_line_and_key(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert SMALL.count(old) == 1
    path = write(tmp_path, SMALL.replace(old, new))
    with pytest.raises(BadInput, match="^" + re.escape(str(path)) + complaint) as caught:
        read_codebook(path)
    assert "\n" not in str(caught.value)


def test_more_errors_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL.replace("version: 1.0.0\n", "").replace("language: en\n", ""))
    with pytest.raises(BadInput, match=r"version: Field required \(and 1 more\)"):
        read_codebook(path)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_bytes(SMALL.encode().replace(b"trade", b"tr\xe4de"))
    with pytest.raises(BadInput, match=r"codebook.yaml: is not UTF-8 \(byte \d+\); save it as UTF-8"):
        read_codebook(path)


def test_a_file_that_is_not_there_or_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"codebook.yaml: no such file; a corpus folder needs a codebook.yaml"):
        read_codebook(tmp_path / "codebook.yaml")
    with pytest.raises(BadInput, match=r"expected a mapping with version, stance, topics, targets; found list"):
        read_codebook(write(tmp_path, "- a\n- b\n"))
    with pytest.raises(BadInput, match=r"found NoneType"):
        read_codebook(write(tmp_path, ""))
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match=r"folder: cannot be read \(Is a directory\)"):
        read_codebook(tmp_path / "folder")


def test_the_digest_follows_words_and_order_not_layout(tmp_path: Path) -> None:
    digest = digest_of(tmp_path, SMALL)
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert (
        digest_of(tmp_path, "# a comment\n" + SMALL.replace('"Economy", is: "trade"', "Economy,   is: 'trade'"))
        == digest
    )
    swapped = SMALL.replace('port-levy: "the port levy"', 'X: "Y"').replace("river-treaty", "port-levy")
    changed = [
        SMALL.replace("1.0.0", "1.0.1"),
        SMALL.replace("for it", "for this"),
        SMALL.replace("Judge the words alone.", "Judge all words."),
        SMALL.replace("The fewest.", "One."),
        SMALL.replace('"trade"', '"commerce"'),
        SMALL.replace('"Economy"', '"Economics"'),
        SMALL.replace("the port levy", "the harbour levy"),
        SMALL.replace("language: en", "language: fr"),
        swapped.replace('X: "Y"', 'river-treaty: "the port levy"'),
    ]
    assert len({digest, *(digest_of(tmp_path, text) for text in changed)}) == len(changed) + 1
