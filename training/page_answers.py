"""Raw pages and what the champions say of them, for a person to read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from standpoint.answers import Question, answer_questions
from standpoint.batch import load_champions
from standpoint.pages.reading import read_page

SHOWN = 96  # characters of a passage
CUT = 60  # characters of a dropped span


def answer_pages(files: Sequence[Path], models: Path, most: int | None) -> list[dict[str, Any]]:
    """Read each page and predict its passages (`most` of them); returns a record a page."""
    topic, stance = load_champions(models)
    records = []
    for file in tqdm(files, unit="page", desc="pages"):
        page = read_page(file.read_bytes(), file.name)
        judged = page.passages[:most]
        answers = answer_questions([Question(p.text, language=p.language) for p in judged], topic, stance)
        dropped = [span for span in page.dropped if span.reason != "blank"]
        records.append(
            {
                "document": file.name,
                "characters": len(page.characters),
                "kept": len(page.passages),
                "passages": [{"text": p.text[:400], **a} for p, a in zip(judged, answers, strict=True)],
                "dropped": [[s.reason, " ".join(page.characters[s.start : s.end].split())[:CUT]] for s in dropped],
            }
        )
    return records


def page_lines(records: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Return lines that show each page: counts, what was cut and why, and the answers about every kept passage."""
    for record in records:
        reasons = Counter(reason for reason, _ in record["dropped"])
        cut = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common()) or "nothing"
        yield ""
        yield f"== {record['document']}: {record['characters']} characters, {record['kept']} passages kept; cut: {cut}"
        shown: Counter[str] = Counter()
        for reason, text in record["dropped"]:
            shown[reason] += 1
            if shown[reason] <= 3:
                yield f"   - {reason:12s} {text}"
        for answer in record["passages"]:
            yield from answer_lines(answer, answer["text"])
        if len(record["passages"]) < record["kept"]:
            yield f"   ({record['kept'] - len(record['passages'])} more passages are not judged in a quick run)"


def answer_lines(answer: dict[str, Any], text: str) -> Iterator[str]:
    """Return lines that show one prediction."""
    yield f"   {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}"
    topics = [f"{t['topic']} {t['probability']:.2f}" for t in answer.get("topics", []) if t["decided"]]
    stances = [
        f"{s['target']}: {s['stance']} {s['probabilities'][s['stance']]:.2f}"
        if s["stance"]
        else f"{s['target']}: abstains ({s['abstain']})"
        for s in answer.get("stances", [])
    ]
    language = "" if answer["language"] == "en" else f"[{answer['language']}] "
    yield f"      {language}topics {', '.join(topics) or '-'}; stances {', '.join(stances) or '-'}"


def shared_pages() -> list[Path]:
    """Return the real pages that lie beside the checkout, if they do."""
    return sorted(Path(os.environ.get("STANDPOINT_SHARED", "../shared"), "sources").glob("*.txt"))
