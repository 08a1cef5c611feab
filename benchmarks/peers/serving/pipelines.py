"""What FastAPI and LitServe serve here: our fine-tuned transformers as pipelines, the way transformers' pages show it.

Of an artifact they use the weights, the tokenizer, the labels and the maximum length: the very transformer that ours
runs, in float32. What else an artifact holds, its linear model, calibration, thresholds, abstention, they do without.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel, PreTrainedModel, PreTrainedTokenizerFast, pipeline
from transformers.modeling_outputs import SequenceClassifierOutput

TOPIC, STANCE, THREADS = "PEER_TOPIC", "PEER_STANCE", "PEER_THREADS"  # what a peer reads of its environment
BATCH = 8  # pairs of one request that share a pass: 1 and 32 were slower on two cores


class MeanClassifier(PreTrainedModel):  # type: ignore[misc]
    """An encoder, the mean of its token vectors, one linear layer: what was fine-tuned."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.encoder = AutoModel.from_config(config)
        self.classifier = torch.nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(self, attention_mask: torch.Tensor, **inputs: torch.Tensor) -> SequenceClassifierOutput:
        hidden = self.encoder(attention_mask=attention_mask, **inputs).last_hidden_state  # (B, T, H)
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return SequenceClassifierOutput(logits=self.classifier((hidden * weights).sum(1) / weights.sum(1)))


class Models:
    """The two pipelines of a process, and the wordings that are tried where a request names no target."""

    def __init__(self, topic: Path, stance: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        self.topic, _ = load_pipeline(topic, "sigmoid")
        self.stance, metadata = load_pipeline(stance, "softmax")
        self.targets = list(metadata["codebook"]["targets"].values())

    def answer(self, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Answer requests of one task each, or of both, all their passages together."""
        passages = [(request, passage) for request in requests for passage in request["passages"]]
        texts = [passage["text"] for request, passage in passages if "topic" in request["tasks"]]
        pairs = [
            {"text": target, "text_pair": passage["text"]}
            for request, passage in passages
            if "stance" in request["tasks"]
            for target in self.name_targets(passage)
        ]
        topics = iter(self.topic(texts, batch_size=BATCH) if texts else ())
        stances = iter(self.stance(pairs, batch_size=BATCH) if pairs else ())
        answers = []
        for request in requests:
            predictions = []
            for passage in request["passages"]:
                prediction: dict[str, Any] = {}
                if "topic" in request["tasks"]:
                    prediction["topics"] = next(topics)
                if "stance" in request["tasks"]:
                    prediction["stances"] = [
                        {"target": target, "labels": next(stances)} for target in self.name_targets(passage)
                    ]
                predictions.append(prediction)
            answers.append({"predictions": predictions})
        return answers

    def name_targets(self, passage: dict[str, Any]) -> list[str]:
        targets = passage.get("targets")
        return self.targets if targets is None else list(targets)


def load_pipeline(folder: Path, function: str) -> tuple[Any, dict[str, Any]]:
    """Return the text-classification pipeline of an artifact, and its metadata."""
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    labels = dict(enumerate(metadata["labels"]))
    config = AutoConfig.from_pretrained(folder, num_labels=len(labels))
    config.id2label, config.label2id = labels, {label: number for number, label in labels.items()}
    model = MeanClassifier(config)
    model.load_state_dict(load_file(folder / "model.safetensors"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]")
    tokenizer.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    options = {"truncation": True, "max_length": metadata["max_length"], "top_k": None, "function_to_apply": function}
    # It says on loading that it does not know the name of the class; nothing depends on that.
    return pipeline("text-classification", model=model.eval(), tokenizer=tokenizer, device="cpu", **options), metadata


def load_models() -> Models:
    """Load what the environment names."""
    return Models(Path(os.environ[TOPIC]), Path(os.environ[STANCE]), int(os.environ[THREADS]))
