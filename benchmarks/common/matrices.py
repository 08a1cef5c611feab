"""How fast this machine multiplies matrices, and how much of that the training of an encoder needs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

SQUARE, SIDE = "large square", 2048  # so large that reading and writing hardly count
Product = tuple[int, int, int]  # (m, k, n): m×k times k×n
Rates = dict[tuple[str, str], list[float]]  # (precision, product's name) -> FLOP/s of each one measured


@dataclass(frozen=True)
class Encoder:
    """Sizes of an encoder of the BERT family with a classifier of `labels`."""

    layers: int
    hidden: int
    inner: int
    labels: int

    def products(self, tokens: int) -> dict[str, tuple[Product, int]]:
        """Return the products of one layer on a batch of so many tokens, and how often each is needed."""
        wanted = {(tokens, self.hidden, self.hidden): 4}
        wanted |= {(tokens, self.hidden, self.inner): 1, (tokens, self.inner, self.hidden): 1}
        return {f"{m:,} × {k:,} × {n:,}": ((m, k, n), count) for (m, k, n), count in wanted.items()}

    def training_flops(self, lengths: Sequence[int]) -> float:
        """Return the operations needed to learn once from texts of so many tokens each.

        Linear layers: 2 forward and 4 backward (gradients of input and of weight) for each weight and token, in the
        head for each text. Attention: scores and mixing, 2·T²·hidden each forward and twice that backward, which makes
        12·layers·T²·hidden. Embeddings are looked up; norms, activations and padding do not count.
        """
        weights = self.layers * (4 * self.hidden**2 + 2 * self.hidden * self.inner)
        linear = 6.0 * weights * sum(lengths) + 6.0 * self.hidden * self.labels * len(lengths)
        return linear + 12.0 * self.layers * self.hidden * sum(length**2 for length in lengths)

    def layer_rate(self, rates: Mapping[tuple[str, str], Sequence[float]], precision: str, tokens: int) -> float:
        """Return the FLOP/s of a layer's linear part, from the median rates at its products' own shapes."""
        wanted = self.products(tokens).items()
        seconds = sum(_flops(product) * count / median(rates[precision, name]) for name, (product, count) in wanted)
        return sum(_flops(product) * count for _, (product, count) in wanted) / seconds


def measure_rates(products: Mapping[str, Product], precisions: Iterable[str], seconds: float) -> Rates:
    """Multiply each product for so many seconds in each precision, on as many threads as torch takes by itself."""
    import torch

    found: Rates = {}
    for precision in precisions:
        for name, (m, k, n) in products.items():
            a = torch.randn(m, k).to(getattr(torch, precision))
            b = torch.randn(k, n).to(getattr(torch, precision))
            rates = found[precision, name] = []
            a @ b  # the first one builds the kernel
            end = time.perf_counter() + seconds
            while len(rates) < 3 or time.perf_counter() < end:
                started = time.perf_counter()
                a @ b
                rates.append(_flops((m, k, n)) / (time.perf_counter() - started))
    return found


def _flops(product: Product) -> float:
    m, k, n = product
    return 2.0 * m * k * n
