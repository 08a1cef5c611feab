"""The service in plain Python: requests as bytes in, answers as objects out, no server needed."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import Any

from serving.description import common_languages, describe_codebook, describe_model, label_models, name_labels
from serving.failures import Failure, describe_fault, ending, error_body
from serving.limits import Limits
from serving.metrics import Metrics
from serving.models import Loaded, ModelStore
from serving.requests import read_predict, read_targets, read_text
from serving.spans import trace_step
from serving.turns import Turns
from standpoint.answers import Question, answer_questions, codebook_targets, find_explainable
from standpoint.errors import BadInput
from standpoint.metadata import Task
from standpoint.models_folder import NAMES
from standpoint.pages.page import Passage
from standpoint.predictor import Predictor

logger = logging.getLogger(__name__)

TURN_PAIRS = 256  # (passage, target) pairs of one turn: under two seconds of a small transformer on one core
RETRY_SECONDS = 10  # what Retry-After says where a model is missing


class ServiceCore:
    """Answers requests with the models of a store. Safe to call from many threads.

    Every method raises Failure, and nothing else, for what a client or an operator can mend.
    """

    def __init__(self, store: ModelStore, limits: Limits, metrics: Metrics | None = None) -> None:
        self.store = store
        self.limits = limits
        self._metrics = metrics or Metrics()
        self._turns = Turns(limits.parallel, self._metrics.count_waiting)
        self._ended = False

    def end(self) -> None:
        """Begin no turn any more: what still waits for one is told to ask elsewhere."""
        self._ended = True

    def predict(self, data: bytes) -> dict[str, Any]:
        """Answer POST /v1/predict: a prediction or an error for each passage, in order."""
        deadline = time.monotonic() + self.limits.request_seconds
        with self._turn("read", deadline):
            request = read_predict(data, self.limits)
        named = any(question.targets for question in request.questions)
        models = self._choose_models(request.tasks, targets_named=named)
        answers = self._answer(request.questions, models, deadline)
        if request.explain:
            answers = self._explain(request.questions, answers, models, deadline)
        found = iter(answers)
        predictions = [next(found) if isinstance(item, Question) else item.answer for item in request.items]
        self._metrics.count_predictions(predictions)
        return {"predictions": predictions, "model": label_models(models)}

    def pages(
        self, data: bytes, document: str = "page", targets: Sequence[str] = (), charset: str | None = None
    ) -> dict[str, Any]:
        """Answer POST /v1/pages: the passages of a raw page, each with its prediction, and the dropped spans."""
        lines = [line for part in self.page_lines(data, document, targets, charset) for line in part]
        return {
            "passages": [line["passage"] for line in lines if "passage" in line],
            "dropped": [line["dropped"] for line in lines if "dropped" in line],
            "model": lines[-1]["model"],
        }

    def page_lines(
        self, data: bytes, document: str = "page", targets: Sequence[str] = (), charset: str | None = None
    ) -> Generator[list[dict[str, Any]], None, None]:
        """Yield the same answer in parts, each a list of lines, as soon as its turn is done; none holds a turn.

        Lines are {"passage": ...} in the order of the page, then {"dropped": ...}, and {"model": ...} at the end.
        """
        # Half a second of patterns, which the process that only watches over the workers is spared.
        from standpoint.pages.reading import read_page

        deadline = time.monotonic() + self.limits.request_seconds
        wanted = self._check_page(data, document, targets)
        with self._turn("read", deadline):
            page = read_page(data, document, charset)
        if len(page.passages) > self.limits.passages:
            message = f"expected at most {self.limits.passages} passages, the page has {len(page.passages)}; cut it"
            raise Failure(413, "too_many_passages", message)
        models = self._choose_models(None, targets_named=bool(wanted))
        items = [self._ask(passage, row, wanted) for row, passage in enumerate(page.passages)]
        questions = [item for item in items if isinstance(item, Question)]
        passages = iter(page.passages)
        predictions: list[dict[str, Any]] = []
        try:
            for part in _merge_parts(items, self._answer_parts(questions, models, deadline)):
                predictions += part
                yield [{"passage": {**next(passages).as_dict(), **prediction}} for prediction in part]
        finally:  # a reader who leaves midway was given these
            if predictions or not page.passages:
                self._metrics.count_predictions(predictions)
        yield [*({"dropped": span.as_dict()} for span in page.dropped), {"model": label_models(models)}]

    def describe(self) -> dict[str, Any]:
        """Answer GET /v1/model."""
        models = self._choose_models(None, targets_named=False)
        return {
            "models": {task: describe_model(model) for task, model in models.items()},
            "codebook": describe_codebook(models),
            "labels": {task: name_labels(model) for task, model in models.items()},
            "languages": common_languages(models),
            "limits": asdict(self.limits),
        }

    def readiness(self) -> dict[str, Any]:
        """Answer GET /readyz. Raises Failure 503 that says why where a model is missing or was refused."""
        loaded, problems = self.store.loaded, self.store.problems
        unserved = [f"{NAMES[task]}: {problem}" for task, problem in problems.items() if task not in loaded]
        if unserved or not loaded:
            why = "; ".join(unserved) or (
                "no model was published; promote one, or name artifacts with --topic and --stance"
            )
            raise Failure(503, "not_ready", why, retry_after=RETRY_SECONDS)
        return {"ready": True, "model": label_models(loaded), "problems": dict(problems)}

    def _check_page(self, data: bytes, document: str, targets: Sequence[str]) -> tuple[str, ...] | None:
        if not data:
            raise Failure(400, "empty_body", "expected a page as the body, found none")
        try:
            if not 0 < len(document) <= self.limits.document_characters:
                raise BadInput(f"expected 1 to {self.limits.document_characters} characters", "document")
            return read_targets(targets, "target", self.limits) if targets else None
        except BadInput as error:
            raise Failure(422, "invalid", error.message, error.where) from None

    def _ask(self, passage: Passage, row: int, targets: tuple[str, ...] | None) -> Question | dict[str, Any]:
        try:
            text = read_text(passage.text, f"passages[{row}].text", self.limits)
        except BadInput as error:
            return {"error": error_body("invalid", error.message, error.where)}
        # A short passage has the language of its page, which it could not tell alone.
        return Question(text, targets, language=passage.language)

    def _choose_models(self, tasks: Collection[Task] | None, targets_named: bool) -> dict[Task, Loaded]:
        """Return the models of `tasks`, or all that are loaded where it is None; raise Failure where one is missing.

        Targets that are named ask for stances: to leave these out without a word would look as if none had been found.
        """
        loaded = self.store.loaded
        if not loaded:
            message = "no model is loaded yet; GET /readyz says why"
            raise Failure(503, "not_ready", message, retry_after=RETRY_SECONDS)
        needed: Collection[Task] = tasks if tasks is not None else (["stance"] if targets_named else [])
        for task in needed:
            if task not in loaded:
                message = f"no {task} model is loaded (loaded: {', '.join(loaded)}); GET /readyz says why"
                raise Failure(503, "model_not_loaded", message, retry_after=RETRY_SECONDS)
        return {task: loaded[task] for task in NAMES if task in loaded and (tasks is None or task in tasks)}

    def _answer(
        self, questions: Sequence[Question], models: Mapping[Task, Loaded], deadline: float
    ) -> list[dict[str, Any]]:
        return [answer for part in self._answer_parts(questions, models, deadline) for answer in part]

    def _answer_parts(
        self, questions: Sequence[Question], models: Mapping[Task, Loaded], deadline: float
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the answers of one turn after the other. Raises Failure 500 where the model answers nothing at all."""
        answers: list[dict[str, Any]] = []
        sound = False
        for chunk in split_questions(questions, models.get("stance")):
            with self._turn("predict", deadline):
                answers += self._answer_chunk(chunk, models)
            # Faults are held back until something is answered: that nothing is must be said by the status.
            sound = sound or any("error" not in answer for answer in answers)
            if sound:
                yield answers
                answers = []
        _check_faults(answers)

    @contextmanager
    def _turn(self, step: str, deadline: float) -> Iterator[None]:
        """Wait for a turn to do `step`. Raises Failure 504 where the request's time is over by then."""
        with ExitStack() as turn:
            with trace_step("wait"):
                turn.enter_context(self._turns.take())
            if self._ended:
                raise ending()
            if time.monotonic() > deadline:
                message = f"not done within {self.limits.request_seconds} seconds; send fewer passages or targets"
                raise Failure(504, "timeout", message)
            with trace_step(step):
                yield

    def _answer_chunk(self, chunk: Sequence[Question], models: Mapping[Task, Loaded]) -> list[dict[str, Any]]:
        try:
            return answer_questions(chunk, *_predictors(models))
        except Exception as error:  # noqa: BLE001  (one passage that breaks a model must not take the others with it)
            logger.error("prediction of %d passages failed: %s", len(chunk), describe_fault(error))
        if len(chunk) > 1:
            return [self._answer_chunk([question], models)[0] for question in chunk]
        return [_fault_answer(chunk[0])]

    def _explain(
        self,
        questions: Sequence[Question],
        answers: Sequence[dict[str, Any]],
        models: Mapping[Task, Loaded],
        deadline: float,
    ) -> list[dict[str, Any]]:
        """Add `words` to what was answered. Each explanation takes a turn: it costs as much as a page."""
        explained = []
        for question, answer in zip(questions, answers, strict=True):
            found = [] if "error" in answer else find_explainable(question, answer, *_predictors(models))
            for explainable in found:
                with self._turn("explain", deadline):
                    try:
                        explainable.add_words()
                    except Exception as error:  # noqa: BLE001  (as in _answer_chunk)
                        logger.error("explanation of a passage failed: %s", describe_fault(error))
                        answer = _fault_answer(question)
                        break
            explained.append(answer)
        return _check_faults(explained)


def _predictors(models: Mapping[Task, Loaded]) -> tuple[Predictor | None, Predictor | None]:
    """Return the predictors of topics and of stances."""
    topic, stance = models.get("topic"), models.get("stance")
    return topic.predictor if topic else None, stance.predictor if stance else None


def _fault_answer(question: Question) -> dict[str, Any]:
    identifier = {"id": question.id} if question.id is not None else {}
    return {**identifier, "error": error_body("internal", "the prediction of this passage failed")}


def _check_faults(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if answers and all("error" in answer for answer in answers):
        raise Failure(500, "internal", "the prediction failed; the fault is the service's, and is in its log")
    return answers


def _merge_parts(
    items: Sequence[Question | dict[str, Any]], parts: Iterable[list[dict[str, Any]]]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the parts of the answers to those items that are questions; the others, which are answers, in between."""
    rest = iter(items)
    for part in parts:
        merged = []
        for answer in part:
            for item in rest:
                if isinstance(item, Question):
                    break
                merged.append(item)
            merged.append(answer)
        yield merged
    if last := [item for item in rest if not isinstance(item, Question)]:
        yield last


def split_questions(questions: Sequence[Question], stance: Loaded | None) -> Iterator[list[Question]]:
    """Yield runs of questions with at most TURN_PAIRS pairs, or one question that alone has more."""
    usual = len(codebook_targets(stance.predictor)) if stance else 0
    chunk: list[Question] = []
    pairs = 0
    for question in questions:
        own = 1 + (usual if question.targets is None else len(question.targets))
        if chunk and pairs + own > TURN_PAIRS:
            yield chunk
            chunk, pairs = [], 0
        chunk.append(question)
        pairs += own
    if chunk:
        yield chunk
