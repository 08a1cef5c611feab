"""Answers that say which words drove them: asked for, within bounds, and never otherwise."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from serving import schema
from serving.core import ServiceCore
from serving.failures import Failure
from serving.limits import Limits
from serving.models import Loaded, ModelStore
from serving.openapi import describe_api
from standpoint.encoding import ModelInput, normalise
from standpoint.metadata import Abstention
from standpoint.predictor import Predictor

AGAINST = "Shipowners condemned the port levy as a burden that ruins trade."
LONG = f"{AGAINST} The minister praised it as a fair share for the harbour towns, and the choir sang."


def ask(core: ServiceCore, *passages: Any, **fields: Any) -> dict[str, Any]:
    return core.predict(json.dumps({"passages": passages, **fields}).encode())


def take_words(answer: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Remove the explanations of an answer; return them."""
    rows = [row for item in answer["predictions"] for row in [*item.get("topics", []), *item.get("stances", [])]]
    return [row.pop("words") for row in rows if "words" in row]


def change_stance(core: ServiceCore, folder: Path, **changes: Any) -> ServiceCore:
    """Return a service with the same stance model, but for the changes of its metadata."""
    model = core.store.loaded["stance"]
    predictor = Predictor(model.predictor.metadata.model_copy(update=changes), model.predictor.backend)
    store = ModelStore(folder)
    store.loaded = {"stance": Loaded(predictor, model.name, model.version, {})}
    return ServiceCore(store, Limits())


def test_every_answer_says_which_words_drove_it(core: ServiceCore) -> None:
    answer = ask(core, {"text": AGAINST, "targets": ["port-levy", "river-treaty"]}, explain=True)
    shaped = schema.PredictOut.model_validate(answer).model_dump(exclude_unset=True)
    assert shaped == answer
    (prediction,) = answer["predictions"]
    assert all(("words" in topic) == topic["decided"] for topic in prediction["topics"])
    levy, treaty = prediction["stances"]
    assert (levy["stance"], treaty["stance"]) == ("against", "unrelated")
    weights = [{word["text"]: word["weight"] for word in stance["words"]} for stance in (levy, treaty)]
    assert weights[0]["condemned"] > 0.1
    assert weights[1]["levy"] > 0  # for `unrelated`, which is what is answered of the treaty
    assert all(AGAINST[word["start"] : word["end"]] == word["text"] for word in levy["words"])


def test_an_answer_is_otherwise_the_same(core: ServiceCore) -> None:
    passages = [
        {"text": LONG, "targets": ["the port levy"]},
        {"id": "b", "text": " "},
        {"text": LONG},
        {"text": AGAINST},
    ]
    explained = ask(core, *passages, explain=True)
    for words in take_words(explained):
        assert 0 < len(words) <= 10
        assert [word["start"] for word in words] == sorted(word["start"] for word in words)
    for off in ({}, {"explain": False}, {"explain": None}):
        plain = ask(core, *passages, **off)
        assert json.dumps(plain) == json.dumps(explained)
        assert take_words(plain) == []


def test_the_strongest_ten_words_are_named(core: ServiceCore) -> None:
    [words] = take_words(ask(core, {"text": LONG, "targets": ["port-levy"]}, tasks=["stance"], explain=True))
    assert len(words) == 10
    assert {"the", "and", "choir"} - {word["text"] for word in words}


def test_offsets_are_those_of_the_cleaned_passage(core: ServiceCore) -> None:
    sent = AGAINST.replace(" ", " \n\u200b ").replace("condemned", "con\u00addemned")
    for words in take_words(ask(core, {"text": sent, "targets": ["port-levy"]}, explain=True)):
        assert [normalise(sent)[word["start"] : word["end"]] for word in words] == [word["text"] for word in words]


def test_targets_that_are_found_are_explained(core: ServiceCore) -> None:
    (prediction,) = ask(core, {"text": AGAINST}, tasks=["stance"], explain=True)["predictions"]
    assert [row["target"] for row in prediction["stances"]] == ["the port levy"]
    assert prediction["stances"][0]["words"]


def test_a_stance_that_is_withheld_is_explained_by_its_most_probable_label(core: ServiceCore, tmp_path: Path) -> None:
    passage = {"text": AGAINST, "targets": ["port-levy"]}
    sure = ask(core, passage, tasks=["stance"], explain=True)["predictions"][0]["stances"][0]
    shy = change_stance(core, tmp_path, abstain=Abstention(low_confidence=1, certainty=0.9))
    foreign = change_stance(core, tmp_path, languages=["xx"])
    for other, reason in ((shy, "low_confidence"), (foreign, "language")):
        [row] = ask(other, passage, explain=True)["predictions"][0]["stances"]
        assert (row["stance"], row["abstain"]) == (None, reason)
        assert row["words"] == sure["words"]


def test_a_language_without_labels_has_no_topics_to_explain(core: ServiceCore) -> None:
    text = "Судовладельцы осудили портовый сбор как бремя для всей торговли."
    (prediction,) = ask(core, {"text": text}, explain=True)["predictions"]
    assert prediction["stances"] == []
    assert not any("words" in topic for topic in prediction["topics"])


# Bounds


@pytest.mark.parametrize(
    ("passages", "found"),
    [
        ([{"text": "a"}] * 4, 4),
        ([{"text": "a", "targets": ["b", "c"]}, {"text": "a", "targets": ["b"]}, {"text": "a", "targets": []}], 4),
        ([{"text": "a", "targets": list("bcde")}, {"text": " ", "targets": ["b"]}], 4),
    ],
)
def test_what_is_explained_is_bounded(store: ModelStore, passages: list[dict[str, Any]], found: int) -> None:
    with pytest.raises(Failure, match="too_many_explanations") as caught:
        ask(ServiceCore(store, Limits(explanations=3)), *passages, explain=True)
    assert caught.value.status == 413
    assert caught.value.error == {
        "code": "too_many_explanations",
        "message": f"expected at most 3 passages x targets to explain, found {found}; "
        "send them in parts, or without explain",
        "where": "explain",
    }
    assert ask(ServiceCore(store, Limits(explanations=3)), *passages)["predictions"]
    assert take_words(ask(ServiceCore(store, Limits(explanations=4)), *passages, explain=True))


def test_what_explain_may_be_is_said(core: ServiceCore) -> None:
    with pytest.raises(Failure, match="invalid") as caught:
        ask(core, {"text": "a"}, explain="yes")
    assert caught.value.error["message"] == "expected true or false, found a string"
    assert caught.value.error["where"] == "explain"


def test_the_bound_is_documented() -> None:
    schemas = describe_api(Limits(explanations=7))["components"]["schemas"]
    assert "At most 7 passages x targets" in schemas["PredictIn"]["properties"]["explain"]["description"]
    for name in ("TopicOut", "StanceOut"):
        assert "10 words" in schemas[name]["properties"]["words"]["description"]


# Faults of our own


class BrittleBackend:
    """A real engine that breaks where a passage lacks one word, as only an explanation asks it."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if any("Zeppelins" in item.text and "rose" not in item.text for item in inputs):
            raise RuntimeError(f"cannot read {inputs[0].text}")
        return self._predictor.logits(inputs)


def test_an_explanation_that_fails_does_not_take_the_others_with_it(
    store: ModelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = store.loaded["stance"]
    predictor = Predictor(good.predictor.metadata, BrittleBackend(good.predictor))
    brittle = ModelStore(tmp_path)
    brittle.loaded = {"stance": Loaded(predictor, good.name, good.version, {})}
    core = ServiceCore(brittle, Limits())
    broken = {"id": "z", "text": "Zeppelins rose over the port levy.", "targets": ["port-levy"]}
    whole = {"text": AGAINST, "targets": ["port-levy"]}
    assert not any("error" in item for item in ask(core, broken, whole)["predictions"])

    first, second = ask(core, broken, whole, explain=True)["predictions"]
    assert (first["id"], first["error"]["code"]) == ("z", "internal")
    assert second["stances"][0]["words"]  # by leaving words out: this engine is not known to be linear
    assert "RuntimeError" in caplog.text
    assert "eppelin" not in caplog.text
    with pytest.raises(Failure, match="internal"):
        ask(core, broken, explain=True)
