"""A stage runs again when what it reads has changed, its own code included, and only then."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training import stages
from training.job import Job, list_stages
from training.stages import Stage, digest_code, digest_path, run_stage


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of its own: `job` imports `part`, which imports `deep`; nobody imports `apart`."""
    folder = tmp_path / "code" / "throwaway"
    (folder / "sub").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "sub" / "__init__.py").write_text("")
    (folder / "job.py").write_text("import json\n\nfrom throwaway import part\n")
    (folder / "part.py").write_text("def read() -> None:\n    from throwaway.sub.deep import VALUE\n")
    (folder / "sub" / "deep.py").write_text("VALUE = 1\n")
    (folder / "apart.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setattr(stages, "PACKAGES", ("throwaway",))
    stages._imports.cache_clear()
    importlib.invalidate_caches()
    yield folder
    stages._imports.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] == "throwaway"]:
        del sys.modules[name]


@pytest.fixture
def stage(package: Path, tmp_path: Path) -> Stage:
    """A stage that copies one file to another."""
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("one")

    def copy() -> dict[str, Any]:
        target.write_text(source.read_text())
        return {"read": source.read_text()}

    return Stage("copy", ["throwaway.job"], [source], [target], copy, {"steps": 3})


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Stage], str | None]:
    """Run a stage as a process of its own would, and return why; None where it was skipped."""

    def run_again(stage: Stage) -> str | None:
        stages._imports.cache_clear()
        return run_stage(stage, tmp_path / "stamps").because

    return run_again


def test_a_stage_runs_once(stage: Stage, run: Callable[[Stage], str | None]) -> None:
    assert run(stage) == "first run"
    assert run(stage) is None
    assert run(replace(stage)) is None


def test_what_a_skipped_stage_found_is_still_there(stage: Stage, tmp_path: Path) -> None:
    told: list[str] = []
    first = run_stage(stage, tmp_path / "stamps", told.append)
    second = run_stage(stage, tmp_path / "stamps", told.append)
    assert first.result == second.result == {"read": "one"}
    assert first.seconds == second.seconds
    assert told == ["first run"]


def test_another_input_runs_it(stage: Stage, run: Callable[[Stage], str | None], tmp_path: Path) -> None:
    run(stage)
    (tmp_path / "in.txt").write_text("two")
    assert run(stage) == "inputs changed"
    (tmp_path / "in.txt").unlink()
    (tmp_path / "in.txt").write_text("two")
    assert run(stage) is None, "the same content at another time is no change"


def test_any_file_of_a_folder_is_an_input(stage: Stage, run: Callable[[Stage], str | None], tmp_path: Path) -> None:
    folder = tmp_path / "annotations"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.jsonl").write_text("1")
    stage = replace(stage, inputs=[*stage.inputs, folder])
    run(stage)
    assert run(stage) is None
    (folder / "deep" / "a.jsonl").write_text("2")
    assert run(stage) == "inputs changed"
    (folder / "b.jsonl").write_text("")
    assert run(stage) == "inputs changed"
    (folder / "b.jsonl").rename(folder / "c.jsonl")
    assert run(stage) == "inputs changed"


def test_another_setting_runs_it(stage: Stage, run: Callable[[Stage], str | None]) -> None:
    run(stage)
    assert run(replace(stage, settings={"steps": 4})) == "settings changed"


@pytest.mark.parametrize("file", ["job.py", "part.py", "sub/deep.py"])
def test_code_that_it_imports_runs_it(
    file: str, stage: Stage, run: Callable[[Stage], str | None], package: Path
) -> None:
    run(stage)
    with (package / file).open("a") as code:
        code.write("CHANGED = True\n")
    assert run(stage) == "code changed"
    assert run(stage) is None


def test_a_new_import_brings_its_code(stage: Stage, run: Callable[[Stage], str | None], package: Path) -> None:
    run(stage)
    (package / "part.py").write_text("from throwaway.apart import VALUE\n")
    assert run(stage) == "code changed"
    (package / "apart.py").write_text("VALUE = 2\n")
    assert run(stage) == "code changed"


def test_code_that_it_does_not_import_does_not(stage: Stage, run: Callable[[Stage], str | None], package: Path) -> None:
    run(stage)
    (package / "apart.py").write_text("VALUE = 2\n")
    assert run(stage) is None


def test_several_changes_are_all_named(
    stage: Stage, run: Callable[[Stage], str | None], package: Path, tmp_path: Path
) -> None:
    run(stage)
    (package / "job.py").write_text("VALUE = 2\n")
    (tmp_path / "in.txt").write_text("two")
    assert run(stage) == "inputs and code changed"


def test_an_output_that_is_gone_is_made_again(stage: Stage, run: Callable[[Stage], str | None], tmp_path: Path) -> None:
    run(stage)
    (tmp_path / "out.txt").unlink()
    assert run(stage) == f"{tmp_path / 'out.txt'} is gone"
    assert (tmp_path / "out.txt").read_text() == "one"


def test_a_stage_that_fails_leaves_no_stamp(stage: Stage, run: Callable[[Stage], str | None], tmp_path: Path) -> None:
    def fail() -> dict[str, Any]:
        raise RuntimeError("out of paper")

    run(stage)
    (tmp_path / "in.txt").write_text("two")
    with pytest.raises(RuntimeError, match="out of paper"):
        run(replace(stage, action=fail))
    assert not list((tmp_path / "stamps").iterdir())
    (tmp_path / "in.txt").write_text("one")
    assert run(stage) == "first run", "the stamp of the run before must not come back"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": {}}'])
def test_a_stamp_that_cannot_be_read_counts_for_nothing(
    content: str, stage: Stage, run: Callable[[Stage], str | None], tmp_path: Path
) -> None:
    run(stage)
    (tmp_path / "stamps" / "copy.json").write_text(content)
    assert run(stage) == "first run"


def test_a_missing_input_differs_from_an_empty_one(tmp_path: Path) -> None:
    before = digest_path(tmp_path / "a")
    (tmp_path / "a").write_text("")
    (tmp_path / "b").mkdir()
    assert len({before, digest_path(tmp_path / "a"), digest_path(tmp_path / "b")}) == 3


def test_training_depends_on_the_text_and_not_on_the_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def note(path: Path) -> str:
        read.append("/".join(path.parts[-2:]))
        return digest_path(path)

    monkeypatch.setattr(stages, "digest_path", note)
    digest_code(("training.models.train",))
    assert {"standpoint/encoding.py", "standpoint/artifact.py", "models/train.py", "training/examples.py"} <= set(read)
    assert not [name for name in read if name.startswith(("tracking/", "dataset/", "annotations/", "serving/"))]


def test_fine_tuning_is_no_concern_of_the_baseline() -> None:
    by_name = {stage.name: stage for stage in list_stages(Job(pages=[]))}
    baseline, transformer = by_name["train-stance-baseline"], by_name["train-stance-transformer"]
    assert "training.models.finetune" in baseline.unused
    assert transformer.unused == [], "beside it stands a baseline"
    with_all = digest_code(tuple(baseline.modules))
    assert digest_code(tuple(baseline.modules), frozenset(baseline.unused)) != with_all
