"""The service without a server: what it answers, and that a fault of its own stays where it is."""

import json
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from serving import schema
from serving.core import ServiceCore, split_questions
from serving.limits import Limits
from serving.models import Loaded, ModelStore
from standpoint.answers import Question
from standpoint.encoding import ModelInput
from standpoint.predictor import Predictor
from tests.serving.questions import AGAINST, ask, refuse


def test_both_tasks_are_answered_in_the_documented_shape(core: ServiceCore) -> None:
    answer = ask(core, {"id": "a", "text": AGAINST, "targets": ["the port levy"]})
    (prediction,) = answer["predictions"]
    assert prediction["id"] == "a"
    assert prediction["language"] == "en"
    assert prediction["stances"][0]["target"] == "the port levy"
    assert prediction["stances"][0]["stance"] == "against"
    assert sum(prediction["stances"][0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert [topic["topic"] for topic in prediction["topics"] if topic["decided"]] == ["economy"]
    assert set(answer["model"]) == {"topic", "stance"}
    shaped = schema.PredictOut.model_validate(answer).model_dump(exclude_unset=True)
    assert shaped == answer  # nothing is answered that the schema does not describe


def test_an_answer_without_id_has_none(core: ServiceCore) -> None:
    assert "id" not in ask(core, {"text": AGAINST})["predictions"][0]


def test_no_targets_named_gives_those_of_the_codebook_that_are_referred_to(core: ServiceCore) -> None:
    stances = ask(core, {"text": AGAINST})["predictions"][0]["stances"]
    assert [stance["target"] for stance in stances] == ["the port levy"]


def test_named_targets_are_all_answered_in_their_order(core: ServiceCore) -> None:
    wanted = ["river-treaty", "whale watching", "the port levy", "river-treaty"]
    stances = ask(core, {"text": AGAINST, "targets": wanted})["predictions"][0]["stances"]
    assert [stance["target"] for stance in stances] == wanted
    assert stances[0]["stance"] == "unrelated"
    assert stances[0] == stances[3]


def test_an_empty_list_of_targets_gives_no_stances(core: ServiceCore) -> None:
    assert ask(core, {"text": AGAINST, "targets": []})["predictions"][0]["stances"] == []


def test_tasks_choose(core: ServiceCore) -> None:
    topics = ask(core, {"text": AGAINST, "targets": ["the port levy"]}, tasks=["topic"])
    assert "stances" not in topics["predictions"][0]
    assert set(topics["model"]) == {"topic"}
    stances = ask(core, {"text": AGAINST}, tasks=["stance", "stance"])
    assert "topics" not in stances["predictions"][0]
    assert set(stances["model"]) == {"stance"}


def test_another_language_gets_no_labels(core: ServiceCore) -> None:
    text = "Судовладельцы осудили портовый сбор как бремя для всей торговли."
    (prediction,) = ask(core, {"text": text, "targets": ["the port levy"]})["predictions"]
    assert prediction["language"] == "ru"
    assert prediction["stances"][0]["stance"] is None
    assert prediction["stances"][0]["abstain"] == "language"
    assert not any(topic["decided"] for topic in prediction["topics"])


def test_a_null_is_a_field_left_out(core: ServiceCore) -> None:
    assert ask(core, {"text": AGAINST, "id": None, "targets": None}, tasks=None) == ask(core, {"text": AGAINST})


def test_an_invalid_passage_has_its_error_in_its_place(core: ServiceCore) -> None:
    answer = ask(core, {"text": AGAINST}, {"id": "b", "text": " \u200b\n"}, {"text": AGAINST})
    assert ["error" in item for item in answer["predictions"]] == [False, True, False]
    assert answer["predictions"][1] == {
        "id": "b",
        "error": {
            "code": "invalid",
            "message": "expected a text, found nothing but space",
            "where": "passages[1].text",
        },
    }
    assert schema.PredictOut.model_validate(answer).model_dump(exclude_unset=True) == answer


def test_a_passage_is_answered_alike_alone_and_among_others(core: ServiceCore) -> None:
    texts = [AGAINST, "Visitors are asked to leave their coats at the door.", "The river treaty was signed."] * 5
    together = ask(core, *({"text": text, "targets": ["the port levy"]} for text in texts))["predictions"]
    for text, among in zip(texts, together, strict=True):
        (alone,) = ask(core, {"text": text, "targets": ["the port levy"]})["predictions"]
        assert alone["stances"][0]["stance"] == among["stances"][0]["stance"]
        for label, p in alone["stances"][0]["probabilities"].items():
            assert p == pytest.approx(among["stances"][0]["probabilities"][label], abs=1e-4)


# Pages


def test_a_page_is_answered_passage_by_passage(core: ServiceCore) -> None:
    page = f"{AGAINST}\n\nBoth delegations praised the river treaty as a work of patience and care.\n"
    answer = core.pages(page.encode(), "harbour.txt", ["the port levy"])
    assert answer["passages"][0]["text"] == AGAINST
    for passage in answer["passages"]:
        assert passage["document"] == "harbour.txt"
        assert passage["language"] == "en"
        assert [stance["target"] for stance in passage["stances"]] == ["the port levy"]
        assert passage["topics"]
    spans = sorted((span["start"], span["end"]) for span in [*answer["passages"], *answer["dropped"]])
    assert spans[0][0] == 0
    assert spans[-1][1] == len(page)
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert schema.PagesOut.model_validate(answer).model_dump(exclude_unset=True) == answer


def test_a_page_of_another_charset_is_read(core: ServiceCore) -> None:
    text = "Судовладельцы осудили портовый сбор как бремя для всей торговли региона."
    answer = core.pages(text.encode("koi8-r"), charset="koi8-r")
    assert answer["passages"][0]["text"] == text
    assert answer["passages"][0]["encoding"] == "koi8-r"
    assert answer["passages"][0]["stances"] == []


# Models


def test_the_models_are_described(core: ServiceCore) -> None:
    answer = core.describe()
    assert schema.ModelOut.model_validate(answer).model_dump() == answer
    assert answer["labels"]["topic"]["economy"] == "Economy and trade"
    assert answer["codebook"]["targets"]["port-levy"] == "the port levy"
    assert answer["languages"] == ["en"]
    assert answer["limits"]["passages"] == 1000
    assert answer["models"]["stance"]["metrics"]["stance.macro_f1"]["value"] == 0.5


# Faults of our own


class FragileBackend:
    """A real engine that breaks on one word, quoting the text as exceptions do."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def logits(self, inputs: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        broken: list[ModelInput] = [item for item in inputs if "zeppelin" in item.text]
        if broken:
            raise RuntimeError(f"cannot read {broken[0].text}")
        return self._predictor.logits(inputs)


@pytest.fixture
def fragile(store: ModelStore, tmp_path: Path) -> ServiceCore:
    good = store.loaded["stance"]
    broken = Predictor(good.predictor.metadata, FragileBackend(good.predictor), good.predictor.digest)
    fragile = ModelStore(tmp_path)
    fragile.loaded = {"stance": Loaded(broken, good.name, good.version, {})}
    return ServiceCore(fragile, Limits())


def test_a_passage_that_breaks_the_model_does_not_take_the_others_with_it(
    fragile: ServiceCore, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask(fragile, {"text": AGAINST}, {"id": "z", "text": "A zeppelin landed."}, {"text": AGAINST})
    assert answer["predictions"][1]["id"] == "z"
    assert answer["predictions"][1]["error"]["code"] == "internal"
    assert answer["predictions"][0]["stances"][0]["stance"] == "against"
    assert "RuntimeError" in caplog.text
    assert "zeppelin" not in caplog.text


def test_if_all_passages_break_the_model_the_service_says_so(fragile: ServiceCore) -> None:
    failure = refuse(fragile, {"passages": [{"text": "A zeppelin landed."}, {"text": "A zeppelin rose."}]})
    assert failure.status == 500
    assert "zeppelin" not in json.dumps(failure.error)


# Turns


@settings(deadline=None)
@given(counts=st.lists(st.none() | st.integers(0, 64), max_size=60))
def test_questions_are_split_in_order_and_within_bounds(store: ModelStore, counts: list[int | None]) -> None:
    questions = [
        Question(str(row), None if count is None else ("t",) * count, id=str(row)) for row, count in enumerate(counts)
    ]
    chunks = list(split_questions(questions, store.loaded["stance"]))
    assert [question for chunk in chunks for question in chunk] == questions
    for chunk in chunks:
        pairs = sum(1 + (2 if q.targets is None else len(q.targets)) for q in chunk)
        assert pairs <= 256 or len(chunk) == 1


def test_many_threads_get_the_answers_of_one(core: ServiceCore) -> None:
    texts = [f"{AGAINST} It was said {n} times." for n in range(8)]
    expected = [ask(core, {"text": text}) for text in texts]
    found: list[Any] = [None] * len(texts)

    def work(row: int) -> None:
        found[row] = ask(core, {"text": texts[row]})

    threads = [threading.Thread(target=work, args=(row,)) for row in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected
