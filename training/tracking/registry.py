"""Registered models: versions, the champion alias, publication, and an append-only history.

`promote` moves the alias and publishes the artifact to the folder that the service watches.
"""

from __future__ import annotations

import getpass
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standpoint.artifact import check_manifest, read_metadata
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.models_folder import NAMES, models_folder, publish_artifact
from standpoint.predictor import load_predictor
from training.tracking.runs import ABSENT, open_run, reopen_run, run_exists
from training.tracking.store import open_store, try_twice

CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY = "history.jsonl"
PROMOTION = "promotion."  # and a time: tags of a version, an entry of the history each
GATE_END = "\n\n---\n\n"  # in the description of a version, between what the gate found and the model card
LONGEST = 5000  # characters of a description; PostgreSQL refuses more


@dataclass(frozen=True)
class Version:
    """A registered version and the digest of its artifact."""

    name: str
    version: str
    digest: str
    created: bool  # False where the very same artifact was registered before


def register_artifact(artifact: Path) -> Version:
    """Register an artifact as a new version of its task's model, and point `challenger` to it.

    An artifact that is registered already keeps its version.
    """
    from mlflow import MlflowClient

    open_store()
    metadata, digest = read_metadata(artifact), check_manifest(artifact)
    name = NAMES[metadata.task]
    client = MlflowClient()
    for known in _versions(client, name):
        if known.tags.get("digest") == digest:
            return Version(name, str(known.version), digest, created=False)
    _ensure_model(client, name)
    model_id = _log_model(artifact, digest, metadata.run, metadata.task)
    tags = {"digest": digest, "data": metadata.data, "model": metadata.model, "seed": str(metadata.seed)}
    if metadata.codebook:
        tags |= {"codebook": metadata.codebook.version}
    if metadata.run:
        tags |= {"run": metadata.run}
    card = (artifact / "README.md").read_text(encoding="utf-8")[:LONGEST]
    # In one call: whoever watches never sees a version without its digest.
    made = client.create_model_version(name, f"models:/{model_id}", tags=tags, description=card, model_id=model_id)
    try_twice(client.set_registered_model_alias, name, CHALLENGER, made.version)
    return Version(name, str(made.version), digest, created=True)


def write_gate_report(name: str, version: str, table: str, passed: bool) -> None:
    """Put what the gate found at the head of a version's description, in place of an earlier finding, and tag it."""
    from mlflow import MlflowClient

    open_store()
    client = MlflowClient()
    found = _require_version(client, name, version)
    card = str(found.description or "").rpartition(GATE_END)[2]
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    report = f"## Gate: {'passed' if passed else 'refused'}, {moment}\n\n{table}{GATE_END}"
    client.update_model_version(name, version, (report + card)[:LONGEST])
    client.set_model_version_tag(name, version, "gate", "passed" if passed else "refused")


def find_champion(name: str) -> str | None:
    """Return the version that the alias `champion` points to, or None."""
    from mlflow import MlflowClient

    _known_name(name)  # before a store is made for a name that cannot be
    open_store()
    return _alias(MlflowClient(), name, CHAMPION)


def alias_digests(alias: str) -> list[str]:
    """Return the digests of the artifacts that an alias points to, of all models."""
    from mlflow import MlflowClient

    open_store()
    client = MlflowClient()
    found = [(name, _alias(client, name, alias)) for name in NAMES.values()]
    return [describe_version(name, version).get("digest", "") for name, version in found if version]


def fetch_artifact(name: str, version: str, folder: Path) -> Path:
    """Copy the artifact of a version into `folder` and return where it lies, checked against its digest tag."""
    import mlflow
    from mlflow import MlflowClient

    _known_name(name)
    open_store()
    registered = _require_version(MlflowClient(), name, version).tags.get("digest")
    home = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=str(folder)))
    [found] = (home / "artifacts").iterdir()
    try:
        digest = check_manifest(found)
    except CorruptArtifact as error:
        # What is to be done is said of a copy that is gone by then: name one that lasts.
        published = models_folder() / name / version
        download = f"COPY (mlflow artifacts download --artifact-uri models:/{name}/{version} --dst-path COPY)"
        raise CorruptArtifact(
            str(error).replace(str(found), str(published) if published.is_dir() else download)
        ) from None
    if digest != registered:
        raise CorruptArtifact(f"{name} version {version} in the store is not the artifact that was registered")
    return found


def set_champion(name: str, version: str, reason: str, forced: bool = False, rollback: bool = False) -> Path:
    """Move the alias `champion`, publish the artifact, and write both down. Returns the published folder.

    Publication comes first: the alias never names a version that the service cannot have.
    """
    from mlflow import MlflowClient

    _known_name(name)
    open_store()
    client = MlflowClient()
    _require_version(client, name, version)
    before = _alias(client, name, CHAMPION)
    with tempfile.TemporaryDirectory() as scratch:
        artifact = fetch_artifact(name, version, Path(scratch))
        load_predictor(artifact)  # an old version may be one that this standpoint no longer reads
        published = publish_artifact(artifact, name, version, read_metadata(artifact).metrics, models_folder())
    try_twice(client.set_registered_model_alias, name, CHAMPION, version)
    if _alias(client, name, CHALLENGER) == version:
        client.delete_registered_model_alias(name, CHALLENGER)
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "who": _user(),
        "from": before,
        "to": version,
        "reason": reason,
        "forced": forced,
        **({"rollback": True} if rollback else {}),
    }
    for key, value in entry.items():
        client.set_model_version_tag(name, version, f"promoted.{key}", str(value))
    moment = entry["time"].replace("+00:00", "Z")  # a tag's name takes no plus sign
    client.set_model_version_tag(name, version, PROMOTION + moment, json.dumps(entry))
    with (published.parent / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    _mark_runs(client, name, before, version)
    return published


def _mark_runs(client: Any, name: str, before: str | None, version: str) -> None:
    """Tag the run of the champion as such, and that of the one before as a former one: tables of runs show tags."""
    for found, standing in ((before, f"{name} {before}, until {version}"), (version, f"{name} {version}")):
        run = found and _require_version(client, name, found).tags.get("run")
        if run and run_exists(run):
            client.set_tag(run, CHAMPION, standing)


def collect_history(name: str) -> list[dict[str, Any]]:
    """Return the promotions of a model, oldest first: what the registry has of all machines, and what only we have."""
    from mlflow import MlflowClient

    own = read_history(name)  # before a store is made for a name that cannot be
    open_store()
    tags = [tag for version in _versions(MlflowClient(), name) for tag in version.tags.items()]
    shared = [json.loads(text) for key, text in tags if key.startswith(PROMOTION)]
    return sorted([*shared, *(entry for entry in own if entry not in shared)], key=lambda entry: str(entry["time"]))


def read_history(name: str) -> list[dict[str, Any]]:
    """Return the promotions that were published into the folder of published models, oldest first."""
    path = models_folder() / _known_name(name) / HISTORY
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def previous_champion(name: str) -> str:
    """Return the version that was champion before this one. Raises BadInput where there was none."""
    before = find_previous(collect_history(name), find_champion(name))
    if before is None:
        raise BadInput(f"{name} has no earlier champion to go back to; see: standpoint history {name}")
    return before


def find_previous(history: Sequence[Mapping[str, Any]], champion: str | None) -> str | None:
    """Return the version that was champion before `champion` was promoted, or None.

    A rollback takes back what was promoted after the version that it goes to: the next one goes further back.
    """
    standing: list[str] = []
    for entry in history:
        version = str(entry["to"])
        if entry.get("rollback") and version in standing:
            del standing[standing.index(version) + 1 :]
        elif not standing or standing[-1] != version:
            standing = [*(known for known in standing if known != version), version]
    if champion not in standing:
        return standing[-1] if standing and champion is not None else None
    place = standing.index(champion)
    return standing[place - 1] if place else None


def describe_version(name: str, version: str) -> Mapping[str, str]:
    """Return a version's tags."""
    from mlflow import MlflowClient

    open_store()
    return dict(_require_version(MlflowClient(), name, version).tags)


def _known_name(name: str) -> str:
    if name not in NAMES.values():
        raise BadInput(f"expected one of the models {', '.join(NAMES.values())}, found {name!r}")
    return name


def _versions(client: Any, name: str) -> list[Any]:
    return list(client.search_model_versions(f"name = '{name}'"))


def _require_version(client: Any, name: str, version: str) -> Any:
    known = {str(found.version): found for found in _versions(client, _known_name(name))}
    if version not in known:
        have = ", ".join(sorted(known, key=int)) or "none; run standpoint register ARTIFACT first"
        raise BadInput(f"{name} has no version {version!r}; there is {have}")
    return known[version]


def _alias(client: Any, name: str, alias: str) -> str | None:
    from mlflow.exceptions import MlflowException

    try:
        return str(client.get_model_version_by_alias(name, alias).version)
    except MlflowException as error:
        if error.error_code not in ABSENT:
            raise
        return None


def _ensure_model(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:  # by asking first, two processes would both find it missing
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _log_model(artifact: Path, digest: str, run: str | None, task: str) -> str:
    """Log the artifact into the run that made it, or into one of its own; a run holds an artifact once."""
    from mlflow import MlflowClient

    if run and run_exists(run):
        client = MlflowClient()
        for output in client.get_run(run).outputs.model_outputs:
            if client.get_logged_model(output.model_id).tags.get("digest") == digest:
                return str(output.model_id)
        with reopen_run(run) as open_again:
            return open_again.log_model(artifact)
    with open_run(task, f"{task} registered from {artifact.name}", {}, {"stage": "register"}) as fresh:
        return fresh.log_model(artifact)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
