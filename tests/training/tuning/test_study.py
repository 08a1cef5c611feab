"""A study proposes the same whether it was interrupted or not, counts each trial once, and knows what it is about."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from standpoint.errors import BadInput
from training.models.settings import BaselineSettings, TransformerSettings
from training.tuning import study as study_module
from training.tuning.space import BASELINE, apply_values, build_space
from training.tuning.study import (
    JUDGED_TRIALS,
    PASSES,
    clear_leftovers,
    end_trial,
    excuse_trial,
    find_best,
    find_fault,
    list_trials,
    open_study,
    propose_trial,
    recover_trials,
    report_pass,
)

SETTINGS, SPACE, KEY = BaselineSettings(), BASELINE, {"data": "a", "seed": "13"}


def score(settings: BaselineSettings) -> dict[str, float]:
    """Return an invented score, best at strength 10 and three words."""
    value = 1 / (1 + abs(math.log10(settings.strength) - 1)) + settings.words / 10
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def search(folder: Path, trials: int, seed: int = 13) -> list[Any]:
    """Go on until so many trials ended."""
    with open_study(folder, KEY) as study:
        recover_trials(study, SPACE)
        while len(tried := list_trials(study, SETTINGS, SPACE)) < trials:
            trial = propose_trial(study, SETTINGS, SPACE, seed, len(tried) + 1)
            settings = apply_values(SETTINGS, SPACE, trial.params)
            if fault := find_fault(trial):
                end_trial(study, trial, 1.0, error=fault)
            elif settings.words == 1:
                end_trial(study, trial, 1.0, error="one word is too few")
            else:
                end_trial(study, trial, 1.0, score(settings))
        return tried


def leave(folder: Path, excused: bool = False) -> None:
    """Begin a trial, or the one that was left before, and never end it."""
    with open_study(folder, KEY) as study:
        recover_trials(study, SPACE)
        trial = propose_trial(study, SETTINGS, SPACE, 13, len(list_trials(study, SETTINGS, SPACE)) + 1)
        if excused:
            excuse_trial(trial)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the trials of a search that nothing interrupts; the sampler learns from the fourth complete one on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_module, "RANDOM_TRIALS", 3)
        return search(tmp_path_factory.mktemp("whole") / "a", 8)


def test_an_interrupted_search_proposes_what_a_whole_one_does(
    whole: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_module, "RANDOM_TRIALS", 3)
    for trials in (0, 3, 6):
        search(tmp_path / "cut", trials)
        leave(tmp_path / "cut")
    assert search(tmp_path / "cut", 8) == whole
    with open_study(tmp_path / "cut", KEY) as study:
        states = [trial.state for trial in study.trials]
    assert TrialState.RUNNING not in states
    assert len(states) == 8 + 3
    assert {"complete", "failed"} == {tried.state for tried in whole}
    assert [tried.number for tried in whole] == list(range(1, 9))
    assert whole[0].settings == SETTINGS


def test_a_trial_stopped_by_hand_is_one_however_often(whole: list[Any], tmp_path: Path) -> None:
    search(tmp_path / "cut", 1)
    for _ in range(3):
        leave(tmp_path / "cut", excused=True)
    with open_study(tmp_path / "cut", KEY) as study:
        assert recover_trials(study, SPACE) == 1
        assert recover_trials(study, SPACE) == 0
    leave(tmp_path / "cut")  # and one death is none too many
    assert search(tmp_path / "cut", 3) == whole[:3]


def test_a_trial_that_died_twice_has_failed_and_the_search_goes_on(whole: list[Any], tmp_path: Path) -> None:
    search(tmp_path / "cut", 1)
    leave(tmp_path / "cut")
    leave(tmp_path / "cut")
    found = search(tmp_path / "cut", 3)
    assert [tried.state for tried in found] == ["complete", "failed", found[2].state]
    assert found[1].error.startswith("its process died twice after 0 passes")
    assert [tried.settings for tried in found] == [tried.settings for tried in whole[:3]]


@pytest.mark.parametrize(("passes", "given_up"), [([1, 1], False), ([1, 0], True), ([1, 1, 0], True)])
def test_a_trial_that_gets_on_between_its_deaths_is_not_given_up(
    tmp_path: Path, passes: list[int], given_up: bool
) -> None:
    step = 0
    for count in passes:  # so many new ones before each death
        with open_study(tmp_path / "a", KEY) as study:
            recover_trials(study, SPACE)
            trial = propose_trial(study, SETTINGS, SPACE, 13, 1)
            assert not find_fault(trial)
            for _ in range(count):
                step += 1
                report_pass(trial, step, 0.5)
    with open_study(tmp_path / "a", KEY) as study:
        recover_trials(study, SPACE)
        assert bool(find_fault(propose_trial(study, SETTINGS, SPACE, 13, 1))) == given_up


@pytest.mark.parametrize("name", ["x?y%41", "a b#c", "{braces}", "x&mode=ro"])
def test_a_folder_of_any_name_holds_its_search(name: str, tmp_path: Path) -> None:
    tried = search(tmp_path / name, 1)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == [".lock", "study.db"]
    assert search(tmp_path / name, 1) == tried


def test_the_seed_decides(whole: list[Any], tmp_path: Path) -> None:
    second = search(tmp_path / "b", 3, seed=14)
    assert whole[0].settings == second[0].settings
    assert all(a.settings != b.settings for a, b in zip(whole[1:3], second[1:], strict=True))


def test_the_best_is_complete_and_the_first_of_equals(whole: list[Any]) -> None:
    best = find_best(whole)
    assert best is not None
    assert best.score["value"] == max(tried.score["value"] for tried in whole if tried.score)
    twins = [tried for tried in whole if tried.score][:1] * 2
    assert find_best(twins) is twins[0]
    assert find_best([tried for tried in whole if tried.state == "failed"]) is None


def test_a_search_of_another_key_is_refused(tmp_path: Path) -> None:
    search(tmp_path / "a", 1)
    with (
        pytest.raises(BadInput, match=r"--out: .*/a holds a search with another data, space, and its trials cannot"),
        open_study(tmp_path / "a", {**KEY, "data": "b", "space": "wider"}),
    ):
        pass


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        open_study(tmp_path / "a", KEY),
        pytest.raises(BadInput, match=r"--out: another process searches in .*/a"),
        open_study(tmp_path / "a", KEY),
    ):
        pass


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"--out: .*/file is a file"), open_study(tmp_path / "file", KEY):
        pass
    with pytest.raises(BadInput, match="is not empty and holds no search"), open_study(tmp_path, KEY):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_leftovers_go_and_a_checkpoint_stays(tmp_path: Path) -> None:
    for name in ("trial", ".trial.x.tmp", ".best.x.old", "best"):
        (tmp_path / name).mkdir()
    (tmp_path / ".trial.checkpoint").write_text("")
    clear_leftovers(tmp_path, tmp_path / "trial")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".trial.checkpoint", "best"]


def test_a_best_artifact_that_a_kill_left_aside_goes_back(tmp_path: Path) -> None:
    for place, name in enumerate((".best.1.a.old", ".best.2.b.old", ".best.2.b.tmp")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "named").write_text(name)
        os.utime(tmp_path / name, (1000 + place, 1000 + place))
    clear_leftovers(tmp_path, tmp_path / "trial")
    assert [path.name for path in tmp_path.iterdir()] == ["best"]
    assert (tmp_path / "best" / "named").read_text() == ".best.2.b.old"


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Return the folder of a search with as many complete trials as a trial is compared with, of four passes each."""
    space = build_space("stance", TransformerSettings())
    with open_study(tmp_path / "judged", KEY) as study:
        for number in range(1, JUDGED_TRIALS + 1):
            trial = propose_trial(study, TransformerSettings(), space, 13, number)
            # Another size of batch each: passes end at other steps.
            assert all(report_pass(trial, place * 10 * number, 0.5 + place / 100) for place in range(1, 5))
            end_trial(study, trial, 1.0, {"value": 0.54, "low": 0.5, "high": 0.6})
    return tmp_path / "judged"


@pytest.mark.parametrize(("level", "goes_on"), [(0.4, [True, False]), (0.6, [True, True])])
def test_a_trial_below_the_median_is_pruned_after_its_second_pass(
    judged: Path, level: float, goes_on: list[bool]
) -> None:
    settings, space = TransformerSettings(), build_space("stance", TransformerSettings())
    with open_study(judged, KEY) as study:
        trial = propose_trial(study, settings, space, 13, JUDGED_TRIALS + 1)
        assert [report_pass(trial, step, level) for step in (7, 14)] == goes_on
        end_trial(study, trial, 1.0)
        tried = list_trials(study, settings, space)[-1]
    assert (tried.state, tried.score, tried.error) == ("pruned", None, "")


def test_passes_before_an_interruption_count_once(judged: Path) -> None:
    settings, space = TransformerSettings(), build_space("stance", TransformerSettings())
    with open_study(judged, KEY) as study:
        trial = propose_trial(study, settings, space, 13, JUDGED_TRIALS + 1)
        assert report_pass(trial, 7, 0.4)
        params = trial.params
    with open_study(judged, KEY) as study:
        assert recover_trials(study, space) == 1
        trial = propose_trial(study, settings, space, 13, JUDGED_TRIALS + 1)
        assert trial.params == params
        assert report_pass(trial, 7, 0.4)
        assert not report_pass(trial, 14, 0.4)
        assert trial.user_attrs[PASSES] == [[7, 0.4], [14, 0.4]]
        assert study.trials[-1].intermediate_values == {1: 0.4, 2: 0.4}
