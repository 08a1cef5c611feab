"""The search space of each model's settings, and how `--set` and `--search` change it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standpoint.errors import BadInput
from training.models.settings import BaselineSettings, Settings, TransformerSettings, change_settings

DIGITS = 3  # significant ones of a number that is tried: more tell nothing, and are tedious to type again


@dataclass(frozen=True)
class Range:
    """Values from `low` to `high`, both possible; whole numbers where the setting is one; `log`: drawn by ratio."""

    low: float
    high: float
    log: bool = False

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{', by ratio' if self.log else ''}"


@dataclass(frozen=True)
class Choices:
    """Values without an order."""

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return " or ".join(str(value) for value in self.values)


Space = Mapping[str, Range | Choices]

BASELINE: Space = {
    "words": Range(1, 3),
    "characters": Range(3, 6),
    "min_documents": Range(1, 5),
    "max_features": Range(10_000, 200_000, log=True),
    "strength": Range(0.5, 100, log=True),
}
TRANSFORMER: Space = {
    "learning_rate": Range(2e-5, 5e-4, log=True),
    "head_rate": Range(1, 50, log=True),
    "warmup": Range(0, 0.3),
    "weight_decay": Range(1e-3, 0.3, log=True),
    "label_smoothing": Range(0, 0.2),
    "freeze_embeddings": Choices((True, False)),
}
STANCE_ONLY = ("features", "label_smoothing", "unrelated", "abstain_error")

# Why a setting is searched only where `--search` names it.
BUDGET = "a budget: more of it nearly always wins"
UNSEEN = "the metric does not see what it is good for"
REASONS: Mapping[str, str] = {
    "epochs": BUDGET,
    "least_steps": BUDGET,
    "max_steps": BUDGET,
    "batch": BUDGET,
    "unrelated": UNSEEN,
    "abstain_error": UNSEEN,
}


def build_space(
    task: str, settings: BaselineSettings | TransformerSettings, fixed: Sequence[str] = (), changes: Sequence[str] = ()
) -> Space:
    """Return what is searched: the model's table without the `fixed` (`key=value`) keys, with `changes` to it.

    A change is `key=low:high`, `key=low:high:log` or `key=a,b,c`. Raises BadInput that says what was expected.
    """
    space = dict(BASELINE if isinstance(settings, BaselineSettings) else TRANSFORMER)
    if task == "topic":
        space = {key: span for key, span in space.items() if key not in STANCE_ONLY}
    known = [field.name for field in dataclasses.fields(settings)]
    held = {change.partition("=")[0] for change in fixed}
    for change in changes:
        key, separator, text = change.partition("=")
        if not separator or key not in known:
            raise BadInput(
                f"expected key=low:high or key=a,b,c with a key of {', '.join(known)}; found {change!r}", "--search"
            )
        if key in held:
            raise BadInput(f"{key} is fixed by --set; name it there or here", "--search")
        if task == "topic" and key in STANCE_ONLY:
            raise BadInput(f"{key} changes nothing for topics; leave it out", "--search")
        space[key] = _read_range(settings, space, key, text) if ":" in text else _read_choices(settings, key, text)
    space = {key: span for key, span in space.items() if key not in held}
    if not space:
        raise BadInput("every setting is fixed, nothing is left to search; leave one out", "--set")
    return space


def _read_range(settings: Settings, space: Space, key: str, text: str) -> Range:
    bounds, standing = text.split(":"), space.get(key)
    if len(bounds) not in (2, 3) or bounds[2:] not in ([], ["log"]):
        raise BadInput(f"{key}: expected low:high or low:high:log, found {text!r}", "--search")
    if not is_number(settings, key):
        raise BadInput(f"{key} is no number; list its values as {key}=a,b", "--search")
    low, high = (_read_value(settings, key, bound) for bound in bounds[:2])
    log = len(bounds) == 3 or (isinstance(standing, Range) and standing.log)
    if low >= high:
        raise BadInput(f"{key}: expected the lower value first, found {text!r}", "--search")
    if log and low <= 0:
        raise BadInput(f"{key} is drawn by ratio, from a value above 0; found {text!r}", "--search")
    return Range(low, high, log)


def _read_choices(settings: Settings, key: str, text: str) -> Choices:
    values = tuple(dict.fromkeys(_read_value(settings, key, part) for part in text.split(",")))
    if len(values) < 2:
        raise BadInput(f"{key}: expected two values or more, found {text!r}; one value is fixed with --set", "--search")
    return Choices(values)


def _read_value(settings: Settings, key: str, text: str) -> Any:
    try:
        return getattr(change_settings(settings, [f"{key}={text}"]), key)
    except BadInput as error:
        raise BadInput(error.message, "--search") from None


def is_number(settings: BaselineSettings | TransformerSettings, key: str) -> bool:
    value = getattr(settings, key)
    return isinstance(value, int | float) and not isinstance(value, bool)


def start_values(settings: BaselineSettings | TransformerSettings, space: Space) -> dict[str, Any]:
    """Return the first values to try: the settings as they are, or what of the space comes nearest."""
    values = {}
    for key, span in space.items():
        value = getattr(settings, key)
        if isinstance(span, Range):
            values[key] = type(value)(min(max(value, span.low), span.high))
        else:
            values[key] = value if value in span.values else span.values[0]
    return values


def apply_values(settings: Settings, space: Space, values: Mapping[str, Any]) -> Settings:
    """Return the settings with proposed values, rounded."""
    return dataclasses.replace(settings, **{key: _round(span, values[key]) for key, span in space.items()})


def _round(span: Range | Choices, value: Any) -> Any:
    if isinstance(span, Choices):
        return value
    return type(value)(min(max(float(f"{value:.{DIGITS}g}"), span.low), span.high))


def to_distributions(settings: BaselineSettings | TransformerSettings, space: Space) -> dict[str, Any]:
    """Return the space as Optuna takes it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, Any] = {}
    for key, span in space.items():
        if isinstance(span, Choices):
            found[key] = CategoricalDistribution(span.values)
        elif isinstance(getattr(settings, key), int):
            found[key] = IntDistribution(int(span.low), int(span.high), log=span.log)
        else:
            found[key] = FloatDistribution(span.low, span.high, log=span.log)
    return found


def describe_space(
    task: str, settings: BaselineSettings | TransformerSettings, space: Space, fixed: Sequence[str] = ()
) -> list[str]:
    """Return a line for each setting: what is searched, then what is not, and why."""
    start, held = start_values(settings, space), {change.partition("=")[0] for change in fixed}
    lines = ["searched:"]
    lines += [f"  {key}: {span}  (first {start[key]})" for key, span in space.items()]
    lines.append("not searched:")
    for key, value in dataclasses.asdict(settings).items():
        if key not in space:
            reason = "default" + (f"; {REASONS[key]}" if key in REASONS else "")
            reason = "changes nothing for topics" if task == "topic" and key in STANCE_ONLY else reason
            lines.append(f"  {key} = {value}  ({'--set' if key in held else reason})")
    return lines
