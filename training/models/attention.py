"""Attention for training on a CPU in bfloat16, where torch's fused kernel needs several times as long to go back.

Plain batched products over contiguous heads; the softmax sums in float32. It is registered under a name of its own with
transformers, for encoders that let their attention be chosen; all others, and all exports, keep what they have.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import eager_mask

OURS = "standpoint"


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Return the attended values (B, T, H, D) of queries, keys and values (B, H, T, D); no weights.

    `attention_mask` (B, 1, T, T) is added to the scores.
    """
    # Positions are in the queries and keys by now; any other option (soft caps, biases) is not known here.
    special = any(value is not None for name, value in options.items() if name != "position_ids")
    if special or dropout > 0 or key.shape != query.shape or value.shape != query.shape:
        output, _ = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **options
        )
        return output, None
    batch, heads, length, width = query.shape
    scale = width**-0.5 if scaling is None else scaling
    flat = (batch * heads, length, width)
    # Scaling the queries is cheaper than scaling the scores: a head is narrower than a passage is long.
    scores = torch.bmm((query * scale).reshape(flat), key.reshape(flat).transpose(1, 2))  # (B * H, T, T)
    if attention_mask is not None:
        scores.view(batch, heads, length, length).add_(attention_mask)
    output = torch.bmm(torch.softmax(scores, dim=-1, dtype=scores.dtype), value.reshape(flat))  # (B * H, T, D)
    return output.view(batch, heads, length, width).transpose(1, 2).contiguous(), None


def choose_attention(encoder: Any, name: str) -> str | None:
    """Let an encoder attend by `name`; return what it did by before, None where it cannot choose and stays as it is."""
    AttentionInterface.register(OURS, attend)
    AttentionMaskInterface.register(OURS, eager_mask)
    if not encoder._can_set_attn_implementation():
        return None
    before: str = encoder.config._attn_implementation
    encoder.set_attn_implementation(name)
    return before
