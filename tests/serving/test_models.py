"""The store swaps what is good, refuses what is not, and never stops answering in between."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.core import ServiceCore
from serving.failures import Failure
from serving.limits import Limits
from serving.models import ModelStore
from standpoint.artifact import FORMAT, MANIFEST, sha256
from standpoint.models_folder import NAMES, publish_artifact

STANCE = NAMES["stance"]
OLDER = Path(__file__).resolve().parents[1] / "golden" / "artifacts" / "second-baseline"


@pytest.fixture
def root(tmp_path: Path, stance_artifact: Path) -> Path:
    publish_artifact(stance_artifact, STANCE, "1", {}, tmp_path)
    return tmp_path


def readiness_problem(store: ModelStore) -> str:
    with pytest.raises(Failure, match="not_ready") as caught:
        ServiceCore(store, Limits()).readiness()
    assert caught.value.status == 503
    assert caught.value.headers["Retry-After"]
    return str(caught.value.error["message"])


def corrupt(folder: Path) -> None:
    model = folder / "linear.safetensors"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 0xFF
    model.write_bytes(bytes(data))


def point_champion(root: Path, **changes: str) -> None:
    path = root / STANCE / "champion.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    draft.replace(path)


def test_nothing_published_is_not_ready(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    store.poll()
    assert "no model was published" in readiness_problem(store)


def test_one_champion_is_enough(root: Path) -> None:
    store = ModelStore(root)
    store.poll()
    ready = ServiceCore(store, Limits()).readiness()
    assert ready["model"]["stance"]["version"] == "1"
    assert ready["problems"] == {}


def test_a_new_champion_takes_over(root: Path, make_artifact: Callable[..., Path]) -> None:
    outcomes: list[tuple[str, str]] = []
    store = ModelStore(root, on_load=lambda task, outcome: outcomes.append((task, outcome)))
    store.poll()
    before = store.loaded
    publish_artifact(make_artifact("stance", 2), STANCE, "2", {}, root)
    store.poll()
    store.poll()
    assert store.loaded["stance"].version == "2"
    assert before["stance"].version == "1"  # a request that began before keeps its model
    assert outcomes == [("stance", "loaded"), ("stance", "loaded")]


def test_a_corrupt_first_model_is_not_ready_and_says_why(root: Path) -> None:
    corrupt(root / STANCE / "1")
    store = ModelStore(root)
    store.poll()
    assert "linear.safetensors differs from its sha256" in readiness_problem(store)


def test_a_champion_of_an_older_format_is_not_ready_and_says_what_to_do(tmp_path: Path) -> None:
    """As a service finds it that was updated before its champion was."""
    folder = Path(shutil.copytree(OLDER, tmp_path / STANCE / "1"))
    champion = {"name": STANCE, "version": "1", "digest": sha256(folder / MANIFEST), "folder": "1"}
    (tmp_path / STANCE / "champion.json").write_text(json.dumps(champion))
    store = ModelStore(tmp_path)
    store.poll()
    way_out = (
        f"run: standpoint migrate-artifact {folder} --out NEW; where it was the champion, register and promote NEW"
    )
    assert f"format is 1, this version reads {FORMAT}; {way_out}" in readiness_problem(store)


def test_a_corrupt_topic_model_is_not_hidden_by_a_good_stance_model(root: Path, topic_artifact: Path) -> None:
    publish_artifact(topic_artifact, NAMES["topic"], "1", {}, root)
    corrupt(root / NAMES["topic"] / "1")
    store = ModelStore(root)
    store.poll()
    assert readiness_problem(store).startswith("standpoint-topic: ")


def test_a_corrupt_new_champion_leaves_the_old_one(root: Path, make_artifact: Callable[..., Path]) -> None:
    store = ModelStore(root)
    store.poll()
    publish_artifact(make_artifact("stance", 2), STANCE, "2", {}, root)
    corrupt(root / STANCE / "2")
    store.poll()
    assert store.loaded["stance"].version == "1"
    ready = ServiceCore(store, Limits()).readiness()
    assert "differs from its sha256" in ready["problems"]["stance"]
    publish_artifact(make_artifact("stance", 3), STANCE, "3", {}, root)
    store.poll()
    assert store.loaded["stance"].version == "3"
    assert store.problems == {}


def test_golden_inputs_are_replayed(root: Path, make_artifact: Callable[..., Path], tmp_path: Path) -> None:
    """An artifact that is whole, but predicts something else than it did when it was made, does not get in."""
    store = ModelStore(root)
    store.poll()
    drifted = tmp_path / "drifted"
    shutil.copytree(make_artifact("stance", 2), drifted)
    golden = drifted / "golden.jsonl"
    golden.write_text(golden.read_text().replace('"probabilities": [0.', '"probabilities": [1.', 1))
    manifest = json.loads((drifted / "manifest.json").read_text())
    manifest["files"]["golden.jsonl"] = hashlib.sha256(golden.read_bytes()).hexdigest()
    (drifted / "manifest.json").write_text(json.dumps(manifest))
    publish_artifact(drifted, STANCE, "2", {}, root)
    store.poll()
    assert store.loaded["stance"].version == "1"
    assert "differ by" in store.problems["stance"]


def test_a_digest_that_is_not_the_promised_one_is_refused(root: Path) -> None:
    point_champion(root, digest="0" * 64)
    store = ModelStore(root)
    store.poll()
    assert "its champion.json promises 000000000000" in readiness_problem(store)


def test_a_champion_that_is_taken_away_goes_on_answering(root: Path) -> None:
    store = ModelStore(root)
    store.poll()
    (root / STANCE / "champion.json").unlink()
    store.poll()
    assert store.loaded["stance"].version == "1"
    (root / STANCE / "champion.json").write_text("{")
    store.poll()
    assert store.loaded["stance"].version == "1"
    assert "cannot be read" in store.problems["stance"]


def test_an_artifact_of_the_other_task_is_refused(tmp_path: Path, topic_artifact: Path) -> None:
    store = ModelStore(tmp_path, {"stance": topic_artifact})
    store.poll()
    assert "is a topic model, expected a stance model" in readiness_problem(store)


def test_a_folder_that_is_no_artifact_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, {"stance": tmp_path / "missing"})
    store.poll()
    assert "holds no manifest.json" in readiness_problem(store)


def test_a_refused_artifact_is_not_loaded_at_every_poll(root: Path) -> None:
    corrupt(root / STANCE / "1")
    outcomes: list[str] = []
    store = ModelStore(root, on_load=lambda _task, outcome: outcomes.append(outcome))
    for _ in range(5):
        store.poll()
    assert outcomes == ["refused"]


def test_watching_finds_a_new_champion(root: Path, make_artifact: Callable[..., Path]) -> None:
    swapped = threading.Event()
    store = ModelStore(root)
    store.poll()
    watched = ModelStore(root, on_load=lambda _task, _outcome: swapped.set())
    watched.watch(0.01)
    assert swapped.wait(60)
    watched.close()
    assert watched.loaded["stance"].predictor.digest == store.loaded["stance"].predictor.digest
