"""The model card: README.md of an artifact."""

from __future__ import annotations

from standpoint.artifact import Metadata


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
        f"- Languages: {', '.join(metadata.languages) or 'not recorded'}; passages in others get no label",
        "- Codebook: " + (f"version {book.version}, `{book.digest[:12]}`" if book else "none"),
        f"- Data: `{metadata.data[:12]}`, " + ", ".join(f"{count} {part}" for part, count in examples.items()),
        f"- Temperature {metadata.temperature}, abstains below {metadata.abstain.low_confidence or 'no confidence'}",
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
        "## Limits and misuse",
        "",
        "The holder of a stance is not predicted: the stance of a quoted speaker is answered as the passage's.",
        "A model of the packaged corpus learned from text that a language model wrote for it; real pages differ.",
        "It must not be used to profile authors, outlets or groups, to decide about persons, or to measure opinion.",
        "",
    ]
    return "\n".join(lines)
