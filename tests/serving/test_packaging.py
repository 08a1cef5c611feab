"""What is packed: the service alone, with what pyproject.toml says that it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, and return its folder."""
    home = tmp_path_factory.mktemp("bentoml")
    environment = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "true"}
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag"]  # of the current folder, and no other
    found = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    [name] = re.findall(r"standpoint:(\w+)", found.stdout)
    return home / "bentos" / "standpoint" / name


def test_a_bento_holds_what_serving_needs_and_nothing_else(bento: Path) -> None:
    packed = {str(path.relative_to(bento / "src")) for path in (bento / "src").rglob("*") if path.is_file()}
    modules = {
        str(path.relative_to(ROOT)) for folder in ("standpoint", "serving") for path in (ROOT / folder).rglob("*.py")
    }
    others = {"standpoint/py.typed", "pyproject.toml", "constraints.txt", "LICENSE"}
    assert packed - {"bentofile.yaml"} == modules | others


def test_the_service_of_a_bento_is_its_own(bento: Path, tmp_path: Path) -> None:
    code = """
import sys
import serving.service, standpoint.predictor
heavy = [name for name in ("training", "torch", "mlflow") if name in sys.modules]
print(serving.service.__file__, standpoint.predictor.__file__, heavy)
"""
    environment = {**os.environ, "PYTHONPATH": str(bento / "src"), "BENTOML_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    source = (bento / "src").resolve()
    assert found.stdout.split(maxsplit=2) == [
        str(source / "serving" / "service.py"),
        str(source / "standpoint" / "predictor.py"),
        "[]\n",
    ]


def test_no_secret_and_no_address_of_all_is_baked_in(bento: Path) -> None:
    dockerfile = (bento / "env" / "docker" / "Dockerfile").read_text()
    assert "STANDPOINT_KEY" not in dockerfile
    assert "BENTOML_HOST" not in dockerfile
    assert re.search(r"^USER \w+$", dockerfile, re.MULTILINE)


def read_project() -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return content


def named(requirements: list[str], project: dict[str, Any]) -> Iterator[str]:
    """Yield the packages that requirements name, those of our own extras among them."""
    for requirement in map(Requirement, requirements):
        if requirement.name != project["name"]:
            yield canonicalize_name(requirement.name)
        for extra in requirement.extras if requirement.name == project["name"] else ():
            yield from named(project["optional-dependencies"][extra], project)


def test_a_bento_asks_for_what_serving_needs_in_the_versions_that_were_tested() -> None:
    project = read_project()
    extras = project["optional-dependencies"]
    needed = {*named(project["dependencies"] + extras["serve"] + extras["tracing"], project)}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {canonicalize_name(line.partition("==")[0]): line for line in lines if "==" in line}
    asked = yaml.safe_load((ROOT / "bentofile.yaml").read_text())["python"]["packages"]
    assert asked == sorted((pins[name] for name in needed), key=str.lower)


# The container file, which nothing here can build: what can be read off it


def read_containerfile() -> str:
    text = (ROOT / "Containerfile").read_text()
    return re.sub(r"\s*\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))


def test_what_the_container_file_copies_is_there_and_let_through() -> None:
    copied = [
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", read_containerfile(), re.MULTILINE)
        for source in sources.split()
    ]
    assert {"standpoint", "serving", "pyproject.toml", "constraints.txt"} <= {*copied}
    assert all((ROOT / source).exists() for source in copied)
    first, *others = (
        line for line in (ROOT / ".containerignore").read_text().splitlines() if line[:1] not in ("", "#")
    )
    assert first == "*"
    assert {line.removeprefix("!") for line in others if line.startswith("!")} == {*copied}


def test_the_container_runs_as_nobody_and_asks_for_keys() -> None:
    text = read_containerfile()
    last = text.rpartition("FROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", last, re.MULTILINE)
    assert "STANDPOINT_KEYS=/run/secrets/" in last
    assert "/readyz" in last.partition("HEALTHCHECK")[2]
    assert '"--open"' not in last
    project = read_project()
    [extras] = re.findall(r"'\.\[([a-z,]+)\]'", text)
    assert {*extras.split(",")} <= {*project["optional-dependencies"]}
    assert project["scripts"]["standpoint"]
