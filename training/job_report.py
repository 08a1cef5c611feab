"""What the main job prints at its end: the answers of the service, the table, the commands to go on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from training.page_answers import answer_lines
from training.stages import Outcome

HEAD = ("task", "model", "part", "n", "metric", "value", "95% interval", "floors", "seconds")


def service_lines(answers: dict[str, Any]) -> Iterator[str]:
    """Return what the service answered, readably."""
    from training.demonstration import REQUEST

    models = ", ".join(f"{m['name']} {m['version']}" for m in answers["passages"]["model"].values() if m)
    yield f"The service ({models}) on POST /v1/predict:"
    for passage, answer in zip(REQUEST["passages"], answers["passages"]["predictions"], strict=True):
        yield from answer_lines(answer, passage["text"])
    page = answers["page"]
    yield f"The service on POST /v1/pages: {len(page['passages'])} passages of a raw page"
    for passage in page["passages"]:
        yield from answer_lines(passage, passage["text"])


def closing_table(outcomes: Mapping[str, Outcome]) -> list[str]:
    """Return the table of models: validation scores of all, test scores of the champions."""
    rows: list[tuple[str, ...]] = [HEAD]
    for outcome in outcomes.values():
        result = outcome.result
        if "score" in result:
            score = result["score"]
            rows.append(_row(result, "validation", "", result["metric"], score, "", outcome.seconds))
        for part in result.get("rows", []):
            for metric, score in part["metrics"].items():
                floors = ", ".join(f"{name} {s[metric]:.3f}" for name, s in part["floors"].items() if metric in s)
                rows.append(_row(result, part["split"], str(part["examples"]), metric, score, floors, outcome.seconds))
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    seconds = {name: outcome.seconds for name, outcome in outcomes.items()}
    ran = [name for name, outcome in outcomes.items() if outcome.because]
    return [
        *lines,
        "",
        "seconds by stage (of the run that made it): " + ", ".join(f"{n} {s:.0f}" for n, s in seconds.items()),
        f"ran now: {', '.join(ran) or 'nothing, all stages were up to date'}",
    ]


def _row(
    result: Mapping[str, Any],
    part: str,
    count: str,
    metric: str,
    score: Mapping[str, float],
    floors: str,
    seconds: float,
) -> tuple[str, ...]:
    interval = f"[{score['low']:.3f}, {score['high']:.3f}]"
    values = (result["task"], result["model"], part, count, metric, f"{score['value']:.3f}", interval, floors)
    return (*values, f"{seconds:.0f}")


def next_commands(built: Path, runs: Path) -> list[str]:
    """Return the commands to go on with."""
    return [
        "go on with:",
        "  make ui                                        # the runs in MLflow, http://127.0.0.1:5000",
        "  standpoint serve                               # the champions on http://127.0.0.1:3000",
        "  standpoint predict FILE.jsonl --out OUT.jsonl  # a file of passages",
        f"  standpoint evaluate {runs}/stance-baseline --data {built} --split validation",
    ]
