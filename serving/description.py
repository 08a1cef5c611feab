"""What the service says of its models."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from serving.models import Loaded
from serving.schema import STANCE_NAMES
from standpoint.metadata import Task


def label_models(models: Mapping[Task, Loaded]) -> dict[str, Any]:
    """Return name, version and digest by task."""
    return {task: model.label for task, model in models.items()}


def describe_model(model: Loaded) -> dict[str, Any]:
    """Return what GET /v1/model says of one model."""
    metadata = model.predictor.metadata
    codebook = metadata.codebook
    return {
        **model.label,
        "kind": metadata.model,
        "variant": model.predictor.variant,
        "labels": metadata.labels,
        "languages": metadata.languages,
        "max_length": metadata.max_length,
        "thresholds": metadata.thresholds,
        "abstain": metadata.abstain.model_dump(),
        "codebook": codebook and {"version": codebook.version, "digest": codebook.digest},
        "data": metadata.data,
        "metrics": dict(model.metrics),
    }


def describe_codebook(models: Mapping[Task, Loaded]) -> dict[str, Any] | None:
    """Return the topics and targets that are answered by: those of the topic model and those of the stance model.

    Models of different codebooks may serve together, each by its own. No version or digest is then that of both, so
    that these are None, and each model says its own.
    """
    books = {task: book for task, model in models.items() if (book := model.predictor.metadata.codebook)}
    if not books:
        return None
    first = next(iter(books.values()))
    topics, targets = books.get("topic", first), books.get("stance", first)
    shared = topics.digest == targets.digest
    return {
        "version": topics.version if shared else None,
        "digest": topics.digest if shared else None,
        "topics": topics.topics,
        "targets": targets.targets,
    }


def name_labels(model: Loaded) -> dict[str, str]:
    """Return the names for display of a model's labels; a label without one is shown as it is."""
    metadata = model.predictor.metadata
    topics = metadata.codebook.topics if metadata.codebook else {}
    names = topics if metadata.task == "topic" else STANCE_NAMES
    return {label: names.get(label, label) for label in metadata.labels}


def common_languages(models: Mapping[Task, Loaded]) -> list[str]:
    """Return the languages that every model was trained on; one that names none takes any."""
    known = [set(model.predictor.metadata.languages) for model in models.values()]
    named = [languages for languages in known if languages]
    return sorted(set.intersection(*named)) if named else []


def service_version() -> str:
    """Return the version of this package; 0 where it runs from a checkout that was not installed."""
    try:
        return version("standpoint")
    except PackageNotFoundError:
        return "0"
