"""The command line: what it prints where, how it fails, and one way from a corpus to a champion and back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pytest

from standpoint.errors import BadInput
from training.cli import build_parser, main

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
HEAVY = {
    *("torch", "transformers", "datasets", "mlflow", "bentoml", "pandas", "numpy", "scipy", "sklearn", "skops"),
    *("joblib", "safetensors", "onnxruntime", "tokenizers", "pyarrow", "matplotlib", "pydantic", "starlette"),
}
COMMANDS = list(build_parser()._subparsers._group_actions[0].choices)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it wrote where."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run_command(*arguments: object) -> Done:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse ends so
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        return Done(code, out, err)

    yield run_command
    mlflow.set_tracking_uri(None)


def start(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with the checkout's packages."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\nfrom training.cli import main\n"
        f"try: main({arguments})\nexcept SystemExit: pass\n"
        "print('loaded:', *{name.split('.')[0] for name in sys.modules})"
    )
    done = start("-c", code, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split()[1:])
    assert "training" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example_that_it_takes(command: str, run: Run) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert "--debug" in done.out
    example = done.out.split("example: standpoint ", 1)[1].split()
    options = build_parser().parse_args(example)
    assert options.command == command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        ([], "the following arguments are required: COMMAND"),
        (["train"], "the following arguments are required: task"),
        (["train", "mood"], "invalid choice: 'mood'"),
        (["train", "stance", "--limit", "0"], "expected 1 or more, found 0"),
        (["evaluate", "runs/a", "--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_wrong_options_end_with_2_and_say_which(arguments: list[str], message: str, run: Run) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere"], "nowhere has errors"),
        (["agreement", "nowhere"], "nowhere/codebook.yaml: no such file"),
        (["dataset", "--data", "nowhere"], "nowhere/codebook.yaml: no such file"),
        (["pages", "nowhere.txt"], "nowhere.txt: cannot be read"),
        (["train", "stance", "--data", "nowhere"], "nowhere: no such file"),
        (["evaluate", "nowhere"], "nowhere is no folder; expected an artifact"),
        (["register", "nowhere"], "nowhere is no folder; expected an artifact"),
        (["predict", "a.jsonl", "--out", "b.jsonl"], "no model was published"),
        (["predict", "a.jsonl", "--out", "b.jsonl", "--stance", "nowhere"], "nowhere is no folder"),
        (["promote", "standpoint-stance", "1", "--force"], "--force needs --reason"),
        (["rollback", "my-model"], "expected one of the models standpoint-topic, standpoint-stance"),
        (["history", "my-model"], "expected one of the models standpoint-topic, standpoint-stance"),
        (["serve", "--port", "99999"], "--port: expected 0 to 65535, found 99999"),
        (["serve", "--host", "example.org"], "--host: expected an IP address"),
    ],
)
def test_bad_input_ends_with_2_in_one_line(arguments: list[str], message: str, run: Run) -> None:
    done = run(*arguments)
    assert done.code == 2
    [line] = done.err.splitlines()
    assert line.startswith("standpoint: ")
    assert message in line


LINES = "".join(
    json.dumps({"text": f"The mayor {verb} the harbour toll, entry {number}.", "target": "the toll", "stance": stance})
    + "\n"
    for number in range(12)
    for verb, stance in (("praised", "favor"), ("rejected", "against"))
)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("epochs=3", "expected key=value with a key of features, words"),
        ("words", "expected key=value with a key of features, words"),
        ("words=many", "words is int, found 'many'"),
        ("words=0", "words: expected 1 to 10, found 0"),
        ("features=smell", "features: expected one of pair, text, found 'smell'"),
    ],
)
def test_a_bad_setting_ends_with_2_in_one_line(setting: str, message: str, run: Run) -> None:
    Path("lines.jsonl").write_text(LINES)
    done = run("train", "stance", "--data", "lines.jsonl", "--no-track", "--set", setting)
    assert done.code == 2
    assert message in done.err.splitlines()[-1]
    assert not Path("runs").exists()


def test_debug_shows_the_traceback(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere/codebook\.yaml: no such file"):
        run("agreement", "nowhere", "--debug")
    done = start("-m", "training.cli", "agreement", "nowhere", "--debug", folder=tmp_path)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    plain = start("-m", "training.cli", "agreement", "nowhere", folder=tmp_path)
    assert (plain.returncode, plain.stdout, len(plain.stderr.splitlines())) == (2, "", 1)


def test_pages_are_lines_of_json_and_reports_go_elsewhere(run: Run) -> None:
    page = "Harbour towns weigh the cost\n\nShare  Print\n\nShipowners condemned the toll as a burden on trade.\n"
    Path("page.txt").write_text(page)
    done = run("pages", "page.txt", "--report", "--report-json", "dropped.jsonl")
    assert done.code == 0
    passages = [json.loads(line) for line in done.out.splitlines()]
    assert [p["text"] for p in passages][-1] == "Shipowners condemned the toll as a burden on trade."
    assert set(passages[0]) == {"document", "start", "end", "text", "language", "encoding"}
    assert done.err
    spans = [(p["document"], p["start"], p["end"]) for p in passages]
    dropped = [json.loads(line) for line in Path("dropped.jsonl").read_text(encoding="utf-8").splitlines()]
    spans += [(s["document"], s["start"], s["end"]) for s in dropped]
    ends = [0]
    for _, first, last in sorted(spans):
        assert first == ends[-1], "passages and dropped spans together are the whole page"
        ends.append(last)
    assert ends[-1] == len(page)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("\n\n".join(f"The council met on the toll, item {i}." for i in range(3000)))
    command = f'"{sys.executable}" -m training.cli pages page.txt | head -n 1; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_the_corpus_passes_its_check(run: Run) -> None:
    done = run("check", DATA)
    assert done.code == 0
    assert done.out.splitlines()[0] == f"{DATA}: 802 documents, 4952 passages"
    assert done.out.splitlines()[-1].startswith("0 errors, ")
    assert f"next: standpoint dataset --data {DATA}" in done.err


def test_a_mistake_in_a_corpus_is_named_with_its_line(run: Run) -> None:
    shutil.copytree(DATA, "data", ignore=shutil.ignore_patterns("build"))
    path = Path("data/annotations/reader.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if '"favor"' in line)
    lines[place] = lines[place].replace('"favor"', '"pro"', 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("check", "data")
    assert done.code == 2
    assert (
        f'error: data/annotations/reader.jsonl:{place + 1}: expected a stance of favor, against, none, found "pro"'
        in (done.out)
    )
    for command in (["dataset", "--data", "data", "--out", "build"], ["agreement", "data"]):
        assert f"data/annotations/reader.jsonl:{place + 1}: expected a stance" in run(*command).err
    assert not Path("build").exists()


def test_from_a_corpus_to_a_champion_and_back(run: Run) -> None:
    shutil.copytree(DATA, "data", ignore=shutil.ignore_patterns("build"))
    built = run("dataset", "--data", "data", "--out", "build", "--limit", 400)
    assert built.code == 0, built.err
    assert "next: standpoint train" in built.err

    trained = run("train", "stance", "--data", "build", "--out", "runs/a", "--set", "max_features=3000")
    assert (trained.code, trained.out) == (0, "runs/a\n"), trained.err
    assert "  max_features = 3000  (--set)" in trained.err
    assert "  words = 2  (default)" in trained.err
    check_evaluation(run("evaluate", "runs/a", "--data", "build", "--json", "--limit", 60), 60)

    name = "standpoint-stance"
    registered = run("register", "runs/a")
    assert (registered.code, registered.out) == (0, f"{name} 1\n"), registered.err
    assert run("register", "runs/a").out == f"{name} 1\n", "the same artifact is no new version"
    blind = run("promote", name, 1, "--data", "build")
    assert blind.code == 3
    assert (
        f"{name} 1 was not promoted: reads the target: target_blind: stance.contrast_accuracy"
        in blind.err.splitlines()[-1]
    )
    assert run("promote", name, 1, "--data", "build", "--force", "--reason", "the first one").code == 0
    champion = Path("mlruns", "serving", name, "champion.json")
    assert json.loads(champion.read_text())["version"] == "1"
    unknown = run("promote", "my-model", 1, "--data", "build")
    assert unknown.code == 2
    assert "expected one of the models standpoint-topic, standpoint-stance" in unknown.err.splitlines()[-1]
    missing = run("promote", name, 7, "--data", "build")
    assert missing.code == 2
    assert f"{name} has no version '7'; there is 1" in missing.err.splitlines()[-1]
    refused = run("rollback", name)
    assert refused.code == 2
    assert "no earlier champion to go back to" in refused.err

    worse = ["--limit", 10, "--set", "max_features=1", "words=1", "--seed", 1]
    assert run("train", "stance", "--data", "build", "--out", "runs/b", *worse).code == 0
    assert run("register", "runs/b").out == f"{name} 2\n"
    stopped = run("promote", name, 2, "--data", "build")
    assert stopped.code == 3
    assert "no worse than the champion: stance.macro_f1 on validation is" in stopped.err.splitlines()[-1]
    assert "FAILED  no worse than the champion" in stopped.err
    assert json.loads(champion.read_text())["version"] == "1"
    assert run("promote", name, 2, "--data", "build", "--force", "--reason", "a drill").code == 0
    assert json.loads(champion.read_text())["version"] == "2"
    assert run("rollback", name, "--reason", "the drill is over").code == 0
    assert json.loads(champion.read_text())["version"] == "1"
    history = run("history", name).out.splitlines()
    assert [line.split("  ")[1] for line in history] == ["- -> 1", "1 -> 2", "2 -> 1"]
    assert history[1].endswith("a drill (forced)")

    Path("passages.jsonl").write_text('{"id": "a", "text": "The envoy praised the sanctions."}\n')
    predicted = run("predict", "passages.jsonl", "--out", "out.jsonl", "--targets", "sanctions-on-russia")
    assert (predicted.code, predicted.out) == (0, "out.jsonl\n"), predicted.err
    [prediction] = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["target"] for row in prediction["stances"]] == ["sanctions-on-russia"]


def check_evaluation(done: Done, count: int) -> None:
    """Check the shape of `evaluate --json`."""
    assert done.code == 0, done.err
    content: dict[str, Any] = json.loads(done.out)
    assert {"task", "metrics", "examples", "data", "artifact"} <= set(content)
    assert content["task"] == "stance"
    assert content["examples"] == count
    assert all(len(content[key]) == 64 for key in ("data", "artifact"))
    assert {"stance.macro_f1", "stance.f_avg", "stance.f_avg_per_target"} <= set(content["metrics"])
    for score in content["metrics"].values():
        assert set(score) == {"value", "low", "high"}
        assert 0 <= score["low"] <= score["value"] <= score["high"] <= 1
