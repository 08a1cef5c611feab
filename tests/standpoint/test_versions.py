"""Versions of a codebook, and who may read what of which."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.codebook import Codebook, read_codebook
from standpoint.errors import Refused
from standpoint.metadata import CodebookReference
from standpoint.versions import LEVELS, level_between, parse_version, raise_version, require_codebook, same_major

DATA = Path(__file__).resolve().parents[2] / "data" / "codebook.yaml"
versions = st.tuples(*[st.integers(0, 30)] * 3).map(lambda parts: ".".join(map(str, parts)))


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return read_codebook(DATA)


def reference(version: str, **targets: str) -> CodebookReference:
    return CodebookReference(version=version, digest=f"of {version}", topics={}, targets=targets)


@given(versions, st.sampled_from(LEVELS))
def test_a_raised_version_is_a_step_of_its_level(version: str, level: str) -> None:
    raised = raise_version(version, level)  # type: ignore[arg-type]
    assert level_between(version, raised) == level
    assert level_between(raised, version) is None
    assert same_major(version, raised) == (level != "major")


@given(versions, versions)
def test_steps_lead_up_and_numbers_are_no_text(one: str, other: str) -> None:
    assert (level_between(one, other) is None) == (parse_version(other) <= parse_version(one))
    assert parse_version("1.10.0") > parse_version("1.9.0")


def test_a_model_meets_a_codebook(codebook: Codebook) -> None:
    target, wording = next(iter(codebook.targets.items()))
    for known in (None, reference("1.9.9"), reference("1.0.0", **{target: f" {wording.upper()}"})):
        require_codebook(known, codebook, "the model", "the data")
    require_codebook(reference("7.0.0"), None, "the model", "the data")
    same = CodebookReference(version="0.0.1", digest=codebook.digest, topics={}, targets={})
    require_codebook(same, codebook, "the model", "the data")
    words = rf"the model knows codebook 2\.0\.0, the data is of {codebook.version}, another major .* migrate-artifact"
    with pytest.raises(Refused, match=words):
        require_codebook(reference("2.0.0"), codebook, "the model", "the data")
    with pytest.raises(
        Refused, match=rf"reads the target '{target}' as 'tea', the data .* as '{wording}'; another wording"
    ):
        require_codebook(reference("1.0.0", **{target: "tea"}), codebook, "the model", "the data")
