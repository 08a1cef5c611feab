"""The model card: README.md of an artifact."""

from __future__ import annotations

from standpoint.metadata import Abstention, Metadata, Stack, Variant


def write_card(metadata: Metadata, examples: dict[str, int]) -> str:
    """Return the card's Markdown. `examples` counts what the model was fitted and chosen on."""
    stance = metadata.task == "stance"
    book = metadata.codebook
    reads = " and a target, and says which side the passage takes." if stance else " and names its topics."
    lines = [
        f"# {metadata.model.capitalize()} for {'stance toward a target' if stance else 'topics'}",
        "",
        "Reads one passage of news or diplomatic text" + reads,
        "",
        f"- Labels, in order: {', '.join(f'`{label}`' for label in metadata.labels)}",
        f"- Encoder: {metadata.encoder or 'none (TF-IDF and logistic regression)'}",
        *([_stack_line(metadata.stack)] if metadata.stack else []),
        *(_variant_line(name, variant) for name, variant in metadata.variants.items()),
        *([f"- Goes on from the artifact `{metadata.init[:12]}`"] if metadata.init else []),
        f"- Languages: {', '.join(metadata.languages) or 'not recorded'}; passages in others get no label",
        "- Codebook: " + (f"version {book.version}, `{book.digest[:12]}`" if book else "none"),
        f"- Data: `{metadata.data[:12]}`, " + ", ".join(f"{count} {part}" for part, count in examples.items()),
        f"- Temperature: {metadata.temperature}",
        f"- Run: {metadata.run or 'not tracked'}, seed {metadata.seed}",
        "",
        "## On validation, scored from this artifact",
        "",
        "| metric | value | 95% interval |",
        "|---|---|---|",
        *(f"| {name} | {s['value']:.3f} | {s['low']:.3f} to {s['high']:.3f} |" for name, s in metadata.metrics.items()),
        "",
        "Validation chose the epoch, the temperature and the thresholds: expect less on new text.",
        "",
        *(_abstention_lines(metadata.abstain) if stance else []),
        "## Limits and misuse",
        "",
        "The holder of a stance is not predicted: the stance of a quoted speaker is answered as the passage's.",
        "A model of the packaged corpus learned from text that a language model wrote for it; real pages differ.",
        "It must not be used to profile authors, outlets or groups, to decide about persons, or to measure opinion.",
        "",
    ]
    return "\n".join(lines)


def _stack_line(stack: Stack) -> str:
    return (
        f"- Beside it: a linear model of n-grams; the logits of the two count {stack.transformer:.2f} and "
        f"{stack.linear:.2f}, fitted on validation"
    )


def _variant_line(name: str, variant: Variant) -> str:
    judged = (
        f"{variant.agreement:.1%} of the answers on validation the same, {variant.metric} "
        f"{variant.difference:+.3f} [{variant.low:+.3f}, {variant.high:+.3f}]"
    )
    outcome = f"left out: {variant.refused}" if variant.refused else "admitted, and what answers"
    return f"- The copy in 8 bits, `{name}`: {judged}; {outcome}"


def _abstention_lines(abstain: Abstention) -> list[str]:
    """Return what abstaining promises and what it does not, in words."""
    lines = ["## When it abstains", ""]
    if abstain.low_confidence is not None and abstain.error is None:
        bound = f"{abstain.low_confidence:.3f}, the bound of the artifact that it goes on from"
        return [*lines, f"Below a confidence of {bound}. Nothing is promised of this model.", ""]
    if abstain.error is None or abstain.certainty is None:
        return [*lines, "Never: it gives a stance however unsure it is.", ""]
    if abstain.low_confidence is None:
        lines.append("Nothing is withheld: on validation the error allowed is kept without.")
    elif abstain.low_confidence == 1:
        lines.append("Always: no stance, however sure, was shown on validation to keep the error allowed.")
    else:
        lines.append(
            "A stance is withheld (`low_confidence`) where its share of the probabilities of favor, against and none "
            f"is below {abstain.low_confidence:.3f}. `unrelated` is never withheld."
        )
    if abstain.coverage and abstain.error_found is not None:
        lines.append(
            f"On validation {abstain.coverage:.0%} of the annotated pairs get a stance; {abstain.error_found:.1%} of "
            "those are wrong."
        )
    return [
        *lines,
        "",
        f"The promise: of the stances given, at most {abstain.error:.0%} are wrong. It is kept with "
        f"{abstain.certainty:.0%} certainty over the drawing of validation, for passages and targets drawn as "
        "validation was, where the passage refers to the target.",
        "It says nothing of single targets, stances or documents, of targets that training did not have, of other "
        "outlets and later years, nor of passages that do not refer to the target: there it may be broken.",
        "",
    ]
