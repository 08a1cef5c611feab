"""From fine-tuned weights to files that a predictor loads: ONNX for answers, safetensors to train on from."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from standpoint.backends.onnx import MODEL, TOKENIZER, OnnxBackend
from standpoint.encoding import ModelInput, load_tokenizer, pad, tokenise
from standpoint.metadata import Metadata
from training.models.attention import choose_attention

WEIGHTS, CONFIG = "model.safetensors", "config.json"
PARITY = 1e-3  # largest difference between a logit of torch and of ONNX Runtime; both are float32


class _Positional(torch.nn.Module):
    """The model with inputs by position, as the exporter hands them."""

    def __init__(self, model: Any, names: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self.names = list(names)

    def forward(self, *arrays: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(**dict(zip(self.names, arrays, strict=True)))
        return logits


def write_transformer(folder: Path, model: Any) -> None:
    """Write model.onnx, model.safetensors and config.json of a model in eval mode."""
    model.eval()
    # Plain products: the exporter takes the fused kernel apart into more steps, for rows that attend to nothing.
    attention = choose_attention(model.encoder, "eager")
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if model.reads_types else [])]
    wrapper = _Positional(model, names).eval()  # the exporter restores the wrapper's mode, which is train unless told
    # Two rows of eight tokens: a dimension of one would be taken for a constant.
    example = tuple(torch.ones((2, 8), dtype=torch.int64) for _ in names)
    # It says at every export that torchvision, which nothing here needs, is not installed.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    rows, width = torch.export.Dim("rows", min=1, max=4096), torch.export.Dim("width", min=2, max=512)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapper,
            example,
            str(folder / MODEL),
            dynamo=True,
            verbose=False,
            external_data=False,
            input_names=names,
            output_names=["logits"],
            dynamic_shapes=(tuple({0: rows, 1: width} for _ in names),),
        )
    if attention:
        choose_attention(model.encoder, attention)
    if model.training:
        raise RuntimeError("the exporter left the model in train mode")
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, folder / WEIGHTS)
    model.config.to_json_file(str(folder / CONFIG))


def check_parity(folder: Path, metadata: Metadata, model: Any, inputs: Sequence[ModelInput]) -> float:
    """Return the largest difference between logits of torch and of the exported file; raise where it is too large."""
    tokenizer = load_tokenizer(str(folder / TOKENIZER), metadata.max_length or 512)
    exported, _ = OnnxBackend(folder, metadata).logits(inputs)
    worst = 0.0
    with torch.inference_mode():
        for item, row in zip(inputs, exported, strict=True):
            encoded = pad(tokenise(tokenizer, [item]), 0)
            feed = {"input_ids": encoded.input_ids, "attention_mask": encoded.attention_mask}
            if model.reads_types:
                feed["token_type_ids"] = encoded.token_type_ids
            logits = model(**{name: torch.from_numpy(array) for name, array in feed.items()})[0].numpy()
            worst = float(np.maximum(worst, np.abs(logits - row).max()))  # unlike max(), keeps what is no number
    if not worst <= PARITY:
        raise RuntimeError(f"the exported model differs from torch by {worst:.5f} in a logit (allowed {PARITY})")
    return worst
