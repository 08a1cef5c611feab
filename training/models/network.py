"""The network that is fine-tuned: a pretrained encoder, the mean of its token vectors, one linear layer.

The mean, not the first token's vector through the encoder's pooler: sentence encoders are trained by their mean, and
what the pooler of such a file gives is left over from an older task.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn
from transformers import AutoModel

HEAD = ("classifier.weight", "classifier.bias")  # the weights that have a row a label
DROPOUT = 0.1


class Classifier(nn.Module):
    """Encoder and head. `config` is the encoder's, with `num_labels`."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.config = encoder.config
        self.encoder = encoder
        self.dropout = nn.Dropout(DROPOUT)
        self.classifier = nn.Linear(self.config.hidden_size, self.config.num_labels)
        nn.init.normal_(self.classifier.weight, std=0.02)
        nn.init.zeros_(self.classifier.bias)
        self.reads_types = (
            "token_type_ids" in inspect.signature(encoder.forward).parameters
            and getattr(self.config, "type_vocab_size", 0) > 1
        )

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return logits (B, L) of token ids, mask and types (B, T)."""
        types = {"token_type_ids": token_type_ids} if self.reads_types else {}
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, **types
        ).last_hidden_state  # (B, T, H)
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)  # (B, T, 1)
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)  # (B, H)
        logits: torch.Tensor = self.classifier(self.dropout(mean))
        return logits


def load_encoder(path: str, config: Any) -> Any:
    """Load a pretrained encoder in float32. Raises OSError or ValueError where there is none."""
    return AutoModel.from_pretrained(path, config=config, dtype=torch.float32)


def empty_encoder(config: Any) -> Any:
    """Return an encoder of a configuration, its weights still to be loaded."""
    return AutoModel.from_config(config, dtype=torch.float32)
