"""An artifact is written whole or not at all, and loaded only if nothing about it has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from safetensors.numpy import load_file, save_file

from standpoint import artifact, encoding, golden
from standpoint.artifact import FORMAT, check_manifest, new_artifact, read_metadata
from standpoint.encoding import ModelInput
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.predictor import Predictor, load_predictor
from tests import artifacts
from tests.artifacts import change_json, reseal
from training.models.golden import UGLY, USUAL
from training.models.train import Trained

Copy = Callable[[Trained], Path]


@pytest.fixture(params=["trained_topic", "trained_stance", "trained_transformer"])
def trained(request: pytest.FixtureRequest) -> Trained:
    found: Trained = request.getfixturevalue(request.param)
    return found


def test_what_was_written_is_loaded(trained: Trained) -> None:
    loaded = load_predictor(trained.folder)
    assert loaded.metadata == trained.metadata == read_metadata(trained.folder)
    assert loaded.digest == check_manifest(trained.folder) == artifact.sha256(trained.folder / "manifest.json")
    listed = json.loads((trained.folder / "manifest.json").read_text())["files"]
    files = (path for path in trained.folder.rglob("*") if path.is_file())
    assert sorted([*listed, "manifest.json"]) == sorted(path.relative_to(trained.folder).as_posix() for path in files)
    assert {"metadata.json", "golden.jsonl", "README.md"} < set(listed)
    assert (trained.folder.stat().st_mode & 0o777) == 0o755


def test_a_transformer_holds_what_it_takes_to_train_on(trained_transformer: Trained) -> None:
    names = {path.name for path in trained_transformer.folder.iterdir()}
    assert {"model.onnx", "model.safetensors", "tokenizer.json", "config.json"} < names
    assert "/" not in json.loads((trained_transformer.folder / "config.json").read_text()).get("_name_or_path", "")


def test_a_copy_loads_alike_wherever_it_lies(trained: Trained, copy_artifact: Copy) -> None:
    assert load_predictor(copy_artifact(trained)).digest == check_manifest(trained.folder)


def test_golden_inputs_hold_ordinary_and_ugly_ones(trained: Trained) -> None:
    lines = (trained.folder / "golden.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")
    records = [json.loads(line) for line in lines]
    assert {"", "Yes."} < {record["text"] for record in records}
    assert any(len(record["text"]) >= 10_000 for record in records)
    assert all(len(record["probabilities"]) == len(trained.metadata.labels) for record in records)
    assert len(records) == len(UGLY) + min(len(trained.validation.ids), USUAL)


def spoil(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def change_weight(folder: Path, by: float) -> None:
    """Add `by` to every bias of the head."""
    if (folder / "linear.safetensors").exists():
        arrays = load_file(folder / "linear.safetensors")
        arrays["intercepts"][0] += by
        save_file(arrays, folder / "linear.safetensors")
        return
    for path in [folder / "model.onnx", *folder.glob("variants/*.onnx")]:
        model = onnx.load(path)
        [bias] = [tensor for tensor in model.graph.initializer if tensor.name.endswith("classifier.bias")]
        values = numpy_helper.to_array(bias).copy()
        values[0] += by
        bias.CopyFrom(numpy_helper.from_array(values, bias.name))
        onnx.save(model, path)


def test_a_changed_weight_is_refused(trained: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained)
    change_weight(folder, 1.0)
    with pytest.raises(CorruptArtifact, match=r"(linear\.safetensors|model\.onnx) differs from its sha256 in the"):
        load_predictor(folder)


def test_a_changed_weight_is_refused_with_a_manifest_made_for_it(trained: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained)
    change_weight(folder, 1.0)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:\d+: predicted probabilities differ by 0\.\d+ "):
        load_predictor(folder)


def test_a_changed_threshold_is_refused(trained_topic: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained_topic)
    change_json(folder / "metadata.json", thresholds={"economy": 0.01})
    with pytest.raises(CorruptArtifact, match=r"metadata\.json differs from its sha256 in the manifest"):
        load_predictor(folder)


def test_a_changed_temperature_is_refused_with_a_manifest_made_for_it(trained: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained)
    change_json(folder / "metadata.json", temperature=trained.metadata.temperature * 3)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=r"predicted probabilities differ by 0\.\d+ "):
        load_predictor(folder)


def test_a_changed_vocabulary_is_refused(trained_transformer: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained_transformer)
    spoil(folder / "tokenizer.json", b'"the"', b'"thx"')
    with pytest.raises(CorruptArtifact, match=r"tokenizer\.json differs from its sha256 in the manifest"):
        load_predictor(folder)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:\d+: predicted probabilities differ"):
        load_predictor(folder)


def test_an_added_file_is_refused(trained_topic: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained_topic)
    (folder / "variants").mkdir()
    (folder / "variants" / "extra.bin").write_bytes(b"x")
    with pytest.raises(CorruptArtifact, match=r"variants/extra\.bin is not in the manifest"):
        load_predictor(folder)


@pytest.mark.parametrize("name", ["golden.jsonl", "metadata.json", "linear.json", "README.md"])
def test_a_removed_file_is_refused(trained_topic: Trained, copy_artifact: Copy, name: str) -> None:
    folder = copy_artifact(trained_topic)
    (folder / name).unlink()
    with pytest.raises(CorruptArtifact, match=f"{name} is missing"):
        load_predictor(folder)


@pytest.mark.parametrize("name", ["linear.safetensors", "extra", "manifest.json"])
def test_a_link_is_refused(trained_topic: Trained, copy_artifact: Copy, tmp_path: Path, name: str) -> None:
    folder = copy_artifact(trained_topic)
    elsewhere = tmp_path / "elsewhere"
    if (folder / name).exists():
        (folder / name).rename(elsewhere)
    else:
        elsewhere.mkdir()
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(CorruptArtifact, match=f"{name} is a link; an artifact holds plain files only"):
        load_predictor(folder)


def test_a_manifest_cannot_name_files_outside(trained_topic: Trained, copy_artifact: Copy, tmp_path: Path) -> None:
    folder = copy_artifact(trained_topic)
    (tmp_path / "outside").write_bytes(b"x")
    files = json.loads((folder / "manifest.json").read_text())["files"]
    change_json(folder / "manifest.json", files={**files, "../outside": artifact.sha256(tmp_path / "outside")})
    with pytest.raises(CorruptArtifact, match=r"\.\./outside is missing"):
        check_manifest(folder)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "cannot be read"),
        ("[]", "expected an object, found list"),
        (f'{{"format": {FORMAT}}}', "cannot be read"),
        (f'{{"format": {FORMAT}, "files": []}}', "files is no object"),
        ("[" * 100_000, "cannot be read"),
        ('{"format": 3, "files": {}}', "format is 3, this version reads 2; use a newer standpoint"),
        ('{"files": {}}', "format is None, this version reads 2"),
    ],
)
def test_a_broken_manifest_is_refused(
    trained_topic: Trained, copy_artifact: Copy, content: str, complaint: str
) -> None:
    folder = copy_artifact(trained_topic)
    (folder / "manifest.json").write_text(content)
    with pytest.raises(CorruptArtifact, match=rf"manifest\.json.*{complaint}"):
        load_predictor(folder)


def test_what_is_no_artifact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorruptArtifact, match="nothing is no folder; expected an artifact"):
        load_predictor(tmp_path / "nothing")
    with pytest.raises(CorruptArtifact, match=r"holds no manifest\.json: not an artifact, or one half copied"):
        load_predictor(tmp_path)
    with pytest.raises(CorruptArtifact, match=r"holds no metadata\.json; expected the folder"):
        read_metadata(tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": 3}, "format is 3, this version reads 2; use a newer standpoint"),
        ({"format": 0}, "format is 0, this version reads 2; run: standpoint migrate-artifact .* --out NEW;"),
        ({"format": None}, "format is None, this version reads 2; train the model again"),
        ({"text_format": 2}, "text_format is 2, this version reads 1; use a newer standpoint"),
        ({"labels": ["one"]}, "labels: List should have at least 2 items"),
        ({"temperature": 0}, "temperature: Input should be greater than 0"),
        ({"thresholds": {"economy": 1.5}}, "thresholds.economy: Input should be less than or equal to 1"),
        ({"task": "mood"}, "task: Input should be 'topic' or 'stance'"),
        ({"pickle": "x"}, "pickle: Extra inputs are not permitted"),
    ],
)
def test_metadata_of_another_format_or_shape_are_refused(
    trained_topic: Trained, copy_artifact: Copy, change: dict[str, object], complaint: str
) -> None:
    folder = copy_artifact(trained_topic)
    change_json(folder / "metadata.json", **change)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=rf"metadata\.json: {complaint}"):
        load_predictor(folder)


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "3"])
def test_metadata_that_are_no_json_object_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "metadata.json").write_text(content)
    with pytest.raises(CorruptArtifact, match=r"metadata\.json(:| is not JSON).*; train the model again"):
        read_metadata(tmp_path)


def test_another_way_to_normalise_is_refused(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zero-width characters that stay, and nothing else."""
    original = encoding.normalise
    monkeypatch.setattr(
        encoding, "normalise", lambda text: original(text.replace("\u200b", "\ue000")).replace("\ue000", "\u200b")
    )
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:\d+: this version composes the text differently"):
        load_predictor(trained.folder)


def test_another_way_to_compose_is_refused(trained_stance: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    def compose(passage: str, target: str | None = None) -> ModelInput:
        item = encoding.compose(passage, target)
        return ModelInput(item.text, item.target and f"toward {item.target}")

    monkeypatch.setattr(golden, "compose", compose)
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:1: this version composes the text differently"):
        load_predictor(trained_stance.folder)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"text": 3, "composed": [null, "3"], "probabilities": [0.1, 0.2, 0.7]}', "cannot be read"),
        (
            '{"text": "a", "composed": [null, "a"], "probabilities": [0.5, 0.5]}',
            "expected 3 probabilities in every line",
        ),
        ('{"text": "a", "composed": [null, "a"], "probabilities": [NaN, 0.5, 0.5]}', "predicted probabilities differ"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_broken_golden_inputs_are_refused(
    trained_topic: Trained, copy_artifact: Copy, content: str, complaint: str
) -> None:
    folder = copy_artifact(trained_topic)
    (folder / "golden.jsonl").write_text(content + "\n")
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=rf"golden\.jsonl.*{complaint}"):
        load_predictor(folder)


def test_an_answer_that_depends_on_its_batch_is_refused(trained_stance: Trained) -> None:
    loaded = load_predictor(trained_stance.folder)

    class Leaking:
        """A real engine whose answer moves a little with the number of its neighbours."""

        def logits(self, inputs: list[ModelInput]) -> tuple[np.ndarray, np.ndarray]:
            found, truncated = loaded.logits(inputs)
            return found * (0.5 if len(inputs) == 1 else 1.0), truncated

    leaking = Predictor(loaded.metadata.model_copy(update={"temperature": 20.0}), Leaking())
    calm = trained_stance.folder.parent / "calm"
    calm.mkdir(exist_ok=True)
    golden.write_golden(
        calm, leaking, [{"text": e.text, "target": e.target} for e in artifacts.stance_examples().examples]
    )
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:\d+: the same text alone gives probabilities .* from"):
        golden.replay_golden(calm, leaking)


def test_a_tie_between_labels_is_no_difference(trained_stance: Trained, tmp_path: Path) -> None:
    """Two labels equally probable may change places by rounding; the probabilities are what is compared."""

    class Tied:
        def __init__(self, shift: float) -> None:
            self.shift = shift

        def logits(self, inputs: list[ModelInput]) -> tuple[np.ndarray, np.ndarray]:
            return np.tile([0.0, self.shift, -9.0], (len(inputs), 1)), np.zeros(len(inputs), dtype=bool)

    golden.write_golden(tmp_path, Predictor(trained_stance.metadata, Tied(0.0)), [{"text": "a", "target": "b"}])
    golden.replay_golden(tmp_path, Predictor(trained_stance.metadata, Tied(1e-9)))
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:1: predicted probabilities differ"):
        golden.replay_golden(tmp_path, Predictor(trained_stance.metadata, Tied(1.0)))


def test_an_engine_of_other_labels_is_refused(
    trained_stance: Trained, trained_transformer: Trained, copy_artifact: Copy
) -> None:
    for trained in (trained_stance, trained_transformer):
        folder = copy_artifact(trained)
        change_json(folder / "metadata.json", labels=["favor", "against"])
        reseal(folder)
        with pytest.raises(
            CorruptArtifact, match=r"3 labels, expected the 2 of metadata\.json|expected 2 probabilities"
        ):
            load_predictor(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "linear.json", "linear.safetensors"])
def test_an_unreadable_model_is_refused(
    trained_transformer: Trained, trained_topic: Trained, copy_artifact: Copy, name: str
) -> None:
    folder = copy_artifact(trained_topic if name.startswith("linear") else trained_transformer)
    (folder / name).write_bytes(b"{")
    reseal(folder)
    variant = "fp32" if name == "model.onnx" else None  # its faster copy still answers
    with pytest.raises(CorruptArtifact, match=rf"{name}:? (cannot be read|the file: Invalid JSON)"):
        load_predictor(folder, variant=variant)


class Interrupted(BaseException):
    """What a user's Ctrl-C looks like."""


def begin_artifact(folder: Path, error: type[BaseException]) -> None:
    with new_artifact(folder) as draft:
        (draft / "metadata.json").write_text("{}")
        raise error("half way")


def test_an_interrupted_artifact_leaves_no_trace(tmp_path: Path) -> None:
    for error in (ValueError, Interrupted):
        with pytest.raises(error, match="half way"):
            begin_artifact(tmp_path / "made", error)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replacement_leaves_the_old_one(trained_topic: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained_topic)
    with pytest.raises(Interrupted, match="half way"):
        begin_artifact(folder, Interrupted)
    assert load_predictor(folder).digest == check_manifest(trained_topic.folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_an_artifact_is_replaced_whole(trained_topic: Trained, copy_artifact: Copy) -> None:
    folder = copy_artifact(trained_topic)
    with new_artifact(folder) as draft:
        (draft / "sub").mkdir()
        (draft / "sub" / "file").write_text("new")
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")) == ["manifest.json", "sub", "sub/file"]
    assert check_manifest(folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_link_to_an_artifact_stays_a_link(trained_topic: Trained, copy_artifact: Copy, tmp_path: Path) -> None:
    folder = copy_artifact(trained_topic)
    link = tmp_path / "link"
    link.symlink_to(folder)
    with new_artifact(link) as draft:
        (draft / "file").write_text("new")
    assert link.is_symlink()
    assert (folder / "file").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([folder.name, "link"])


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    with new_artifact(tmp_path / "made") as draft:
        (draft / "file").write_text("new")
    assert check_manifest(tmp_path / "made")


@pytest.mark.parametrize("name", ["thesis.txt", "manifest.json"])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    """A built dataset has a manifest.json too."""
    (tmp_path / name).write_text("years of work")
    with (
        pytest.raises(BadInput, match="is not empty and holds no artifact; name another --out"),
        new_artifact(tmp_path),
    ):
        pytest.fail("the block ran")
    assert (tmp_path / name).read_text() == "years of work"


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("years of work")
    with pytest.raises(BadInput, match="out is a file; name another --out"), new_artifact(tmp_path / "out"):
        pytest.fail("the block ran")
    assert (tmp_path / "out").read_text() == "years of work"
