"""Passages as vectors of a pretrained encoder, as they come: nothing is fine-tuned.

Encoding is the slow part of a search, so vectors are kept: a file an encoder, looked up by the text's sha256.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm
from transformers import AutoConfig, AutoTokenizer

from standpoint.encoding import normalise
from standpoint.errors import BadInput
from training.files import digest_bytes, replace_file
from training.models.hardware import has_bf16
from training.models.network import load_encoder
from training.models.weights import encoder_path

KEPT = Path("runs/vectors")
BATCH = 32
MAX_TOKENS = 192  # as in fine-tuning; 99% of our passages fit
Vectors = dict[str, NDArray[np.float32]]  # sha256 of a normalised text -> (H,)


def read_vectors(texts: Sequence[str], encoder: str, folder: Path = KEPT) -> NDArray[np.float64]:
    """Return a vector of length one for each text, (N, H), from `folder` or else encoded and kept there.

    Raises BadInput where the encoder cannot be loaded.
    """
    named = {digest_bytes(text.encode()): text for text in map(normalise, texts)}
    kept_in = folder / f"{_identify(encoder)}.npz"
    vectors = _load(kept_in)
    missing = sorted((text for key, text in named.items() if key not in vectors), key=lambda text: (len(text), text))
    if missing:
        vectors |= encode_texts(missing, encoder)
        content = BytesIO()
        np.savez(content, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())))
        replace_file(kept_in, content.getvalue())
    return np.stack([vectors[digest_bytes(normalise(text).encode())] for text in texts]).astype(np.float64)


def _identify(encoder: str) -> str:
    """Return a name that changes with the encoder's weights, where they lie in a folder."""
    weights = Path(encoder_path(encoder)) / "model.safetensors"
    return digest_bytes(weights.read_bytes() if weights.is_file() else encoder.encode())[:16]


def _load(path: Path) -> Vectors:
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as kept:
            return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BadInput(f"cannot be read ({type(error).__name__}); delete it, it is made again", str(path)) from None


def encode_texts(texts: Sequence[str], encoder: str) -> Vectors:
    """Return the mean of each text's token vectors, of length one, by the text's sha256."""
    path = encoder_path(encoder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = load_encoder(path, AutoConfig.from_pretrained(path)).eval()
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        message = f"cannot load the encoder {encoder!r}: {reason}; name a local folder, or `none` to do without"
        raise BadInput(message, "--encoder") from None
    vectors: Vectors = {}
    with torch.inference_mode(), tqdm(total=len(texts), unit="text", desc="encoding", mininterval=2) as bar:
        for first in range(0, len(texts), BATCH):
            batch = texts[first : first + BATCH]
            tokens = tokenizer(batch, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bf16()):
                hidden = model(**tokens).last_hidden_state.float()  # (B, T, H)
            weights = tokens["attention_mask"].unsqueeze(-1).float()  # (B, T, 1)
            mean = torch.nn.functional.normalize((hidden * weights).sum(dim=1), dim=1)  # (B, H)
            vectors |= {digest_bytes(text.encode()): row for text, row in zip(batch, mean.numpy(), strict=True)}
            bar.update(len(batch))
    return vectors
