"""The dataset card: README.md of a built dataset, whose header tells `datasets` which files each split has."""

from __future__ import annotations

from typing import Any

import yaml


def write_card(manifest: dict[str, Any]) -> str:
    """Return the card of a manifest.

    Its header names the very files: their names change with their content, and with them the key under which
    `datasets` keeps what it has read, which looks at neither path nor content.
    """
    configs = [
        {
            "config_name": name,
            "data_files": [{"split": split, "path": part["file"]} for split, part in parts.items()],
        }
        for name, parts in manifest["configurations"].items()
        if parts
    ]
    book = manifest["codebook"]
    header = {"language": [book["language"]], "task_categories": ["text-classification"], "configs": configs}
    lines = [
        "---",
        yaml.safe_dump(header, sort_keys=False, allow_unicode=True).strip(),
        "---",
        "# Topics and stances",
        "",
        "Passages with their topics (`topic`) and with the stance of their holder toward a target (`stance`), built by",
        f"`standpoint dataset` from a corpus annotated by codebook {book['version']}. Where the corpus comes from, its",
        "licence and what it must not be used for stand in its datasheet, the README.md of the corpus folder.",
        "",
        f"Digest `{manifest['digest']}`. The list of files is manifest.json; files that it does not name are no part.",
        "",
        "| configuration | split | rows | labels |",
        "|---|---|---|---|",
    ]
    for name, parts in manifest["configurations"].items():
        for split, part in parts.items():
            labels = ", ".join(f"{label} {count}" for label, count in part["labels"].items())
            lines.append(f"| {name} | {split} | {part['rows']} | {labels} |")
    unseen = ", ".join(manifest["targets"][target] for target in manifest["unseen_targets"]) or "none"
    dropped = ", ".join(f"{count} {reason}" for reason, count in manifest["dropped"].items()) or "nothing"
    lines += [
        "",
        f"Unseen targets (in `test_unseen_targets` only): {unseen}. "
        f"Unseen kinds (in `test_unseen_kinds` only): {', '.join(manifest['unseen_kinds']) or 'none'}.",
        "No document and no near-duplicate passage stands in two of train, validation and the test splits: see",
        "certificate.json. `mentioned` lists every target that any annotator saw in the passage.",
        "",
        f"Left out: {dropped}.",
    ]
    missing = [
        f"{name} in {split}: {', '.join(labels)}"
        for name, splits in manifest["missing_labels"].items()
        for split, labels in splits.items()
    ]
    if missing:
        lines += ["", f"Labels without a row, of which no score says anything: {'; '.join(missing)}."]
    return "\n".join(lines) + "\n"
