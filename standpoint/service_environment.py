"""What the process of the service finds around it: made and checked before it is started."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from standpoint.access_keys import KEYS
from standpoint.cores import count_cores
from standpoint.errors import BadInput, StandpointError
from standpoint.models_folder import ENVIRONMENT, models_folder

CHECK = "serving.settings"  # run as a program: nothing of the service is imported here

# No usage reports, no look-ups on a hub: the service answers from its folder alone.
QUIET = {
    "BENTOML_DO_NOT_TRACK": "true",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
}


def make_environment(
    home: Path, workers: int | None = None, topic: Path | None = None, stance: Path | None = None, ask_keys: bool = True
) -> dict[str, str]:
    """Return the environment of a service that works in the empty folder `home`, with all its settings checked.

    Raises BadInput, with the service's own line, on a variable that is wrong.
    """
    environment = {**os.environ, **QUIET}
    environment[ENVIRONMENT] = str(models_folder())
    environment["BENTOML_HOME"] = str(home / "bentoml")  # its files of metrics and results are this process's own
    if workers is not None:
        environment["STANDPOINT_WORKERS"] = str(workers)
    for name, folder in (("STANDPOINT_TOPIC_ARTIFACT", topic), ("STANDPOINT_STANCE_ARTIFACT", stance)):
        environment.pop(name, None)
        if folder is not None:
            environment[name] = str(Path(folder).absolute())
    if not ask_keys:
        environment.pop(KEYS, None)
    elif environment.get(KEYS):
        environment[KEYS] = str(Path(environment[KEYS]).absolute())  # the child works in a folder of its own
    _make_importable(environment)
    _check_settings(environment, home)
    count = int(environment.get("STANDPOINT_WORKERS") or 1)
    share = max(1, count_cores() // count)
    environment["STANDPOINT_THREADS"] = environment.get("STANDPOINT_THREADS") or str(share)
    return environment


def _make_importable(environment: dict[str, str]) -> None:
    """Let the child find the packages that this process runs, from a checkout too."""
    root = str(Path(__file__).resolve().parents[1])
    paths = [str(Path(path).absolute()) for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    if root not in (*site.getsitepackages(), site.getusersitepackages(), *paths):
        paths.insert(0, root)
    if paths:
        environment["PYTHONPATH"] = os.pathsep.join(paths)


def _check_settings(environment: Mapping[str, str], folder: Path) -> None:
    command = [sys.executable, "-m", CHECK]
    found = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    said = found.stderr.strip()
    if found.returncode == BadInput.exit_code:
        raise BadInput(said)
    if found.returncode:
        raise StandpointError(f"the settings of the service could not be checked:\n{said}")
