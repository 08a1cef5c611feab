"""Predictors that only tests of single answers need."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from standpoint.artifact import read_metadata
from standpoint.backends import load_backend
from standpoint.backends.linear_model import TERMS, WEIGHTS
from standpoint.metadata import Metadata, Stack
from standpoint.predictor import Predictor
from tests import artifacts
from tests.artifacts import LEVY, TREATY
from training.models.baseline import fit_baseline, write_baseline
from training.models.train import Trained


@pytest.fixture(scope="session")
def relation_predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """A baseline with a decision of its own whether the passage refers to the target, and a temperature."""
    examples = list(artifacts.stance_examples().examples)
    plain = artifacts.topic_examples().examples
    examples += [replace(e, target=(LEVY, TREATY)[i % 2], stance="unrelated", topics=()) for i, e in enumerate(plain)]
    labels, folder = ["favor", "against", "none", "unrelated"], tmp_path_factory.mktemp("relation")
    write_baseline(folder, fit_baseline(examples, "stance", labels, [LEVY, TREATY], artifacts.BASELINE, 1))
    metadata = Metadata(
        format=1, task="stance", model="baseline", labels=labels, data="d", targets=[LEVY, TREATY], temperature=0.6
    )
    return Predictor(metadata, load_backend(folder, metadata))


@pytest.fixture(scope="session")
def stacked_predictor(
    trained_transformer: Trained, trained_stance: Trained, tmp_path_factory: pytest.TempPathFactory
) -> Predictor:
    """The transformer with the baseline beside it in one artifact."""
    folder = Path(shutil.copytree(trained_transformer.folder, tmp_path_factory.mktemp("stacked") / "artifact"))
    for name in (TERMS, WEIGHTS):
        shutil.copy(trained_stance.folder / name, folder / name)
    stack = Stack(targets=read_metadata(trained_stance.folder).targets)
    metadata = read_metadata(folder).model_copy(update={"stack": stack})
    return Predictor(metadata, load_backend(folder, metadata, 1))
