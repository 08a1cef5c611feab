"""An evaluation as one self-contained page: scores with intervals and floors, plots, the most confident mistakes."""

from __future__ import annotations

import base64
import tempfile
from html import escape
from pathlib import Path

from training.evaluation.evaluator import Evaluation
from training.evaluation.plots import draw_plots
from training.scoring import gold_of

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left}"
    "img{max-width:100%}"
)
MISTAKES = 20


def write_report(evaluation: Evaluation, path: Path) -> None:
    """Write the page; replaces `path` by rename."""
    floors = list(evaluation.floors)
    head = "".join(f"<th>{escape(name)}</th>" for name in ("metric", "value", "95% interval", *floors))
    rows = []
    for name, score in evaluation.scores.items():
        cells = [name, f"{score.value:.3f}", f"{score.low:.3f} to {score.high:.3f}"]
        cells += [f"{scores[name].value:.3f}" if name in scores else "" for scores in evaluation.floors.values()]
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    body = (
        f"<h1>{escape(evaluation.task)}: {len(evaluation.examples)} examples</h1>"
        f"<p>Artifact <code>{evaluation.artifact[:12]}</code>, data <code>{evaluation.examples.digest[:12]}</code>. "
        "Intervals are percentile bootstraps over documents.</p>"
        f"<table><tr>{head}</tr>{''.join(rows)}</table>{_plots(evaluation)}{_mistakes(evaluation)}"
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Standpoint: {escape(evaluation.task)}</title><style>{STYLE}</style><body>{body}</body></html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(page, encoding="utf-8")
    draft.replace(path)


def _plots(evaluation: Evaluation) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        images = [base64.b64encode(file.read_bytes()).decode() for file in draw_plots(evaluation, Path(scratch))]
    return "".join(f'<p><img alt="plot" src="data:image/png;base64,{image}"></p>' for image in images)


def _mistakes(evaluation: Evaluation) -> str:
    """List wrong answers by falling confidence."""
    predictions = evaluation.predictions
    rows = zip(
        evaluation.examples.examples,
        gold_of(evaluation.examples),
        predictions.decided,
        predictions.probabilities.max(axis=1),
        strict=True,
    )
    wrong = sorted((row for row in rows if set(row[1]) != set(row[2])), key=lambda row: -row[3])[:MISTAKES]
    cells = "".join(
        f"<tr><td>{escape(e.text)}</td><td>{escape(e.target or '')}</td><td>{escape(', '.join(gold))}</td>"
        f"<td>{escape(', '.join(said))}</td><td>{confidence:.2f}</td></tr>"
        for e, gold, said, confidence in wrong
    )
    head = "<tr><th>passage</th><th>target</th><th>annotated</th><th>answered</th><th>confidence</th></tr>"
    return f"<h2>The most confident mistakes</h2><table>{head}{cells}</table>"
