"""The README's tutorial runs as it is written, and its tables name what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from serving.limits import Limits
from serving.metrics import Metrics
from serving.routes import Routes
from training.cli import build_parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PORT = "3210"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_the_tutorial_runs(tmp_path: Path) -> None:
    if shutil.which("bash") is None or shutil.which("curl") is None:
        pytest.skip("the tutorial needs bash and curl")
    blocks = re.findall(r"^```bash tutorial\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 7
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, module in (("python", ""), ("standpoint", " -m training.cli")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{module} "$@"\n')
        (programs / name).chmod(0o755)
    script = "set -euo pipefail\n" + "\n".join(blocks).replace(PORT, str(free_port()))
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    environment |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        ["bash", "-c", script], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "town: 12 documents, 24 passages" in done.stdout
    assert "standpoint-topic 1\nstandpoint-stance 1\n" in done.stdout
    over_http = json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"predictions"')))
    [answer] = [json.loads(line) for line in (home / "answers.jsonl").read_text().splitlines()]
    [predicted] = over_http["predictions"]
    assert predicted["stances"] == answer["stances"], "a file and the service are answered alike"
    assert predicted["topics"] == answer["topics"]
    assert [row["target"] for row in answer["stances"]] == ["toll"]
    assert {topic["topic"] for topic in answer["topics"]} == {"transport", "money", "other"}


def test_the_table_of_commands_is_complete_and_its_examples_are_taken() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| .* \| `standpoint (.*)` \|$", README, re.MULTILINE)
    parser = build_parser()
    assert [name for name, _ in rows] == list(parser._subparsers._group_actions[0].choices)  # type: ignore[union-attr]
    for name, example in rows:
        assert parser.parse_args(example.split()).command == name


def test_the_table_of_routes_names_only_what_is_there() -> None:
    there = {(path, method) for path, method, _ in Routes(Limits(), Metrics()).table()}
    named = set()
    for method, rest in re.findall(r"^\| `(GET|POST) (.*?)` \|", README, re.MULTILINE):
        named |= {(path.strip("` ,"), method) for path in rest.split(", ")}
    assert named
    assert named <= there


def test_every_link_and_every_make_target_exists() -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)) <= known
