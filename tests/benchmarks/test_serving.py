"""The scripts that load the service explain themselves, and what they send is what they say."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
DOCUMENTS = ROOT / "data" / "documents.jsonl"


@pytest.fixture(autouse=True)
def _find_common(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize("script", ["serving.py", "soak.py"])
def test_the_script_says_how_it_is_run(script: str, tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / script), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"Run as: python benchmarks/{script}" in done.stdout


def test_passages_have_15_to_150_words_of_the_corpus_each_length_as_often() -> None:
    from common.bodies import compose_passages

    passages = compose_passages(DOCUMENTS, 272, seed=3)
    lengths = [len(passage.split()) for passage in passages]
    assert {15, 150} <= set(lengths) <= set(range(15, 151))
    for first in (64, 272):  # a turn may end early
        assert sum(lengths[:first]) / first == pytest.approx(82.5, abs=2)
    corpus = " ".join(DOCUMENTS.read_text(encoding="utf-8").split())
    words = " ".join(json.dumps(" ".join(passage.split()[:5]), ensure_ascii=False)[1:-1] for passage in passages[:1])
    assert words in corpus
    assert passages != compose_passages(DOCUMENTS, 272, seed=4)


def count_targets(targets: Sequence[list[str] | None]) -> set[int | None]:
    return {None if named is None else len(set(named)) for named in targets}


def test_each_mix_names_as_many_targets_as_it_says() -> None:
    from common.bodies import MIXES, draw_targets, make_body, make_frame

    codebook = [f"target {number}" for number in range(26)]
    for mix in MIXES:
        drawn = draw_targets(codebook, mix, 20, seed=1)
        assert count_targets(drawn) == {mix.targets}
        body = make_body("A text.", drawn[0], mix)
        assert body["tasks"] == list(mix.tasks)
        assert body["passages"][0].get("targets") == drawn[0]
        rows = make_frame("A text.", drawn[0], codebook)["dataframe_split"]["data"]
        assert rows == [["A text.", target] for target in (drawn[0] or codebook)]


def test_a_body_a_line(tmp_path: Path) -> None:
    from common.bodies import MIXES, make_body, write_bodies

    bodies = [make_body(text, None, MIXES[0]) for text in ("one\ntwo", "«drei» \u2028 four")]
    write_bodies(tmp_path / "bodies", bodies)
    lines = (tmp_path / "bodies").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == bodies


def test_what_the_soak_sends_is_what_its_kinds_say() -> None:
    from common.soak_load import KINDS, TOO_LARGE, make_request

    passages = [f"passage {number}" for number in range(9)]
    targets = [f"target {number}" for number in range(12)]
    sent = {kind.name: make_request(kind, random.Random(5), passages, targets) for kind in KINDS}
    assert {name for name, body in sent.items() if body is None} == {"model", "health", "metrics", "no such route"}
    assert len(sent["too large"] or b"") == TOO_LARGE
    assert "targets" not in json.loads(sent["no target named"] or b"")["passages"][0]
    assert len(json.loads(sent["ten targets"] or b"")["passages"][0]["targets"]) == 10
    assert len(json.loads(sent["five passages"] or b"")["passages"]) == 5
    assert not json.loads(sent["no text"] or b"")["passages"][0]["text"].strip()
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(sent["no JSON"] or b"")
