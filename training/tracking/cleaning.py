"""What MLflow keeps that nothing needs any more, and its removal, as `mlflow gc` does it.

Only of our own experiments. `mlflow gc` itself removes whatever was deleted anywhere in the store, and leaves the
models of a removed run behind; here a run goes together with its models, and those that a version refers to stay.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from training.tracking.store import EXPERIMENTS, open_store
from training.tracking.stored import MARK, Store, find_files, mark_run, purge_model, purge_run
from training.upkeep.item import DAY, HOUR, Item, measure, show_age

SILENT = DAY  # a run that says it is running, and of which nothing was heard for so long, was probably killed
PARENT, USER, UNENDED = "mlflow.parentRunId", "mlflow.user", ("RUNNING", "SCHEDULED")


@dataclass(frozen=True)
class _Runs:
    """What the verdict on one run depends on beside the run itself."""

    registered: Mapping[str, str]  # run -> which version is of it
    needed: Mapping[str, str]  # run -> which file refers to it
    newest: Mapping[str, str]  # run -> why
    wanted: Collection[str]  # runs that a person deleted less than `limit` ago
    limit: float  # seconds
    now: float


def find_store(folder: Path | None = None) -> Store | None:
    """Open the store, or return None where there is none yet; nothing is created."""
    named = os.environ.get("MLFLOW_TRACKING_URI")
    home = (folder or Path("mlruns")).absolute()
    database = home / "mlflow.db"
    local = folder is not None or not named or named == f"sqlite:///{database}"
    if local and not database.is_file():
        return None
    from mlflow import MlflowClient

    uri = open_store(folder)
    return Store(uri, home if local else None, MlflowClient(), "" if local else _find_user())


def _find_user() -> str:
    """Return the user whom MLflow writes into the runs that are begun here."""
    from mlflow.tracking.context.registry import resolve_tags

    return str(resolve_tags().get(USER) or "unknown")


def list_versions(store: Store) -> dict[str, dict[str, str]]:
    """Return the digests of the registered versions by name and version; an empty one where it was not written down."""
    found: dict[str, dict[str, str]] = {}
    for version in _pages(store.client.search_model_versions):
        found.setdefault(version.name, {})[str(version.version)] = version.tags.get("digest", "")
    return found


def list_tracked(store: Store, needed: Mapping[str, str], days: float, now: float) -> list[Item]:
    """Return runs, models whose run is gone, and the database. `needed` has runs that files refer to, and why.

    A run goes with its models. It stays while a registered version or a file refers to it, as the newest of its
    experiment, while a run below it stays, while it runs, or says so, and for `days` after a person deleted it.
    """
    from mlflow.entities import ViewType

    search = partial(store.client.search_experiments, view_type=ViewType.ALL)
    experiments = {experiment.experiment_id: experiment.name for experiment in _pages(search)}
    ours = [key for key, name in experiments.items() if name in EXPERIMENTS]
    runs = list(_pages(partial(store.client.search_runs, ours, run_view_type=ViewType.ALL))) if ours else []
    models = list(_pages(partial(store.client.search_logged_models, ours))) if ours else []
    models += _deleted_models(store, ours)
    named = _name_models(store)
    by_run: dict[str, list[Any]] = {}
    for model in models:
        by_run.setdefault(model.source_run_id or "", []).append(model)
    versions = _pages(store.client.search_model_versions)
    registered = {v.run_id: f"{v.name} {v.version} is of it" for v in versions if v.run_id}
    registered |= {run: named[m.model_id] for run, group in by_run.items() for m in group if m.model_id in named}
    limit = days * DAY
    wanted = _find_wanted(store, runs, limit, now)
    known = _Runs(registered, needed, _find_newest(runs, experiments), wanted, limit, now)
    verdicts = _keep_families(runs, {run.info.run_id: _judge_run(store, run, known) for run in runs})
    items = [
        _run_item(store, run, by_run.pop(run.info.run_id, []), experiments, verdicts[run.info.run_id], now)
        for run in runs
    ]
    for group in by_run.values():
        items += [_model_item(store, model, named, known) for model in group]
    if store.folder is not None:
        extents = [measure(path) for path in store.folder.glob("mlflow.db*")]
        age = now - max(extent.written for extent in extents)
        why = "runs, scores and versions; made smaller when runs go"
        items.append(Item("database", "mlruns/mlflow.db", sum(e.size for e in extents), age, why))
    return items


def _pages(search: Callable[..., Any]) -> Iterator[Any]:
    token = None
    while True:
        page = search(page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _deleted_models(store: Store, experiments: Collection[str]) -> list[Any]:
    """Return models that were deleted and never purged; only a local store can tell."""
    if store.folder is None:
        return []
    backend = store.backend()
    found = [backend.get_logged_model(key, allow_deleted=True) for key in backend._get_deleted_logged_models()]
    return [model for model in found if model.experiment_id in experiments]


def _name_models(store: Store) -> dict[str, str]:
    """Return model id -> why it is needed, of every model that a registered version is made of."""
    aliases: dict[tuple[str, str], list[str]] = {}
    for model in _pages(store.client.search_registered_models):
        for alias, version in model.aliases.items():
            aliases.setdefault((model.name, str(version)), []).append(alias)
    found = {}
    for version in _pages(store.client.search_model_versions):
        source = str(version.source or "")
        key = version.model_id or (source.removeprefix("models:/") if source.startswith("models:/m-") else None)
        if key:
            names = ", ".join(aliases.get((version.name, str(version.version)), []))
            found[key] = f"{version.name} {version.version} {f'({names}) ' if names else ''}is of it"
    return found


def _find_newest(runs: Collection[Any], experiments: Mapping[str, str]) -> dict[str, str]:
    """Return the newest run of each experiment, and the newest that ended well."""
    newest: dict[tuple[str, bool], Any] = {}
    for run in runs:
        if run.info.lifecycle_stage == "active":
            for key in {(run.info.experiment_id, False), (run.info.experiment_id, run.info.status == "FINISHED")}:
                if key not in newest or run.info.start_time > newest[key].info.start_time:
                    newest[key] = run
    return {run.info.run_id: f"the newest of {experiments[key[0]]}" for key, run in newest.items()}


def _find_wanted(store: Store, runs: Collection[Any], limit: float, now: float) -> set[str]:
    """Return the runs that a person deleted less than `limit` seconds ago; what a server purges is its own affair."""
    if store.folder is None:
        return set()
    # The time of a deletion shows in this query alone, which takes milliseconds before the present.
    long_ago = set(store.backend()._get_deleted_runs(older_than=round((limit + time.time() - now) * 1000)))
    deleted = {run.info.run_id for run in runs if run.info.lifecycle_stage == "deleted" and MARK not in run.data.tags}
    return deleted - long_ago


def _judge_run(store: Store, run: Any, known: _Runs) -> tuple[str, bool]:
    """Return why a run stays or may go, and whether it may."""
    info = run.info
    deleted = info.lifecycle_stage == "deleted"
    if info.run_id in known.registered:
        why = known.registered[info.run_id]
        return (f"deleted, but {why}: restore it, or delete the version", False) if deleted else (why, False)
    if store.folder is not None and find_files(store, info.artifact_uri) is None:
        return f"its files lie at {info.artifact_uri}, outside of this store: was it moved or copied?", False
    if deleted:
        return _judge_deleted(info.run_id, known)
    owner = run.data.tags.get(USER, "nobody")
    if store.folder is None and owner != store.user:
        return f"a run of {owner}, not of {store.user}", False
    if info.status in UNENDED:
        return _judge_unended(store, run, known), False
    if info.run_id in known.needed:
        return known.needed[info.run_id], False
    if info.run_id in known.newest:
        return known.newest[info.run_id], False
    age = known.now - _ended(run)
    if age < known.limit:
        return f"{info.status.lower()} less than {show_age(known.limit)} ago", False
    return f"{info.status.lower()} {show_age(age)} ago, and no registered version refers to it", True


def _judge_deleted(run: str, known: _Runs) -> tuple[str, bool]:
    if run in known.needed:
        return f"deleted, but {known.needed[run]}: restore it, or delete that", False
    if run in known.wanted:
        return f"deleted less than {show_age(known.limit)} ago: until then it can be restored", False
    return "deleted, and never purged", True


def _judge_unended(store: Store, run: Any, known: _Runs) -> str:
    silent = known.now - _last_sign(store, run)
    if silent < SILENT:
        return f"running, last heard of {show_age(silent)} ago"
    # Where MLflow looks by itself is another place than ours; a server is named in the environment already.
    place = f"MLFLOW_TRACKING_URI={shlex.quote(store.uri)} " if store.folder else ""
    way = f"if its process is dead, delete it in the UI, or run {place}mlflow runs delete --run-id {run.info.run_id}"
    return f"says {run.info.status}, silent for {show_age(silent)}: {way}"


def _ended(run: Any) -> float:
    return float(run.info.end_time or run.info.start_time) / 1000


def _last_sign(store: Store, run: Any) -> float:
    """Return when a run was last heard of, in seconds since 1970: its start, its newest metric, its newest file."""
    signs = [run.info.start_time / 1000]
    for name in run.data.metrics:
        signs += [m.timestamp / 1000 for m in store.client.get_metric_history(run.info.run_id, name)[-1:]]
    files = find_files(store, run.info.artifact_uri) if store.folder else None
    return max([*signs, measure(files).written if files else 0.0])


def _keep_families(runs: Collection[Any], verdicts: dict[str, tuple[str, bool]]) -> dict[str, tuple[str, bool]]:
    """Return the verdicts once what lies below a running run stays, and every run above one that stays."""
    parents = {run.info.run_id: run.data.tags.get(PARENT) for run in runs}
    running = {run.info.run_id for run in runs if run.info.status in UNENDED and run.info.lifecycle_stage == "active"}
    verdicts = dict(verdicts)
    for run in parents:
        for above in _ancestors(run, parents):
            if above in running and verdicts[run][1]:
                verdicts[run] = (f"run {above[:8]} above it has not ended", False)
    for run, (_, goes) in list(verdicts.items()):
        child = run
        for above in () if goes else _ancestors(run, parents):
            if verdicts[above][1]:
                verdicts[above] = (f"run {child[:8]} below it stays", False)
            child = above
    return verdicts


def _ancestors(run: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """Yield the runs above one, nearest first; a tag that anybody can set may lead in a circle, or nowhere."""
    seen, above = {run}, parents[run]
    while above in parents and above not in seen:
        seen.add(above)
        yield above
        above = parents[above]


def _run_item(
    store: Store, run: Any, models: list[Any], experiments: Mapping[str, str], verdict: tuple[str, bool], now: float
) -> Item:
    info, (why, goes) = run.info, verdict
    what = "run" if info.lifecycle_stage == "active" else "deleted run"
    where = f"{experiments[info.experiment_id]} {info.run_id[:8]} {info.run_name or ''}".strip()
    remove, keys = None, tuple(model.model_id for model in models)
    if store.folder is None:
        # What was deleted there is for its own server to purge.
        remove = partial(mark_run, store, info.run_id, keys) if goes and what == "run" else None
        why = "deleted; its server has to purge it: mlflow gc" if goes and what != "run" else why
        return Item(what, where, None, now - _ended(run), why, remove)
    places = [info.artifact_uri, *(model.artifact_location for model in models)]
    size = sum(measure(path).size for path in (find_files(store, place) for place in places) if path)
    if goes:
        remove = partial(purge_run, store, info.run_id, keys)
    return Item(what, where, size, now - _ended(run), why, remove)


def _model_item(store: Store, model: Any, named: Mapping[str, str], known: _Runs) -> Item:
    """Return a model whose run is gone: what `mlflow gc` leaves behind."""
    files = find_files(store, model.artifact_location) if store.folder else None
    age = known.now - model.last_updated_timestamp / 1000
    remove = None
    if model.model_id in named:
        why = named[model.model_id]
    elif store.folder is None or files is None:
        why = "its run is gone; its files lie elsewhere"
    elif age < HOUR:
        why = "its run is gone, but it changed a short while ago"
    else:
        why, remove = (
            "its run is gone, and no registered version refers to it",
            partial(purge_model, store, model.model_id),
        )
    return Item("model", model.model_id, measure(files).size if files else None, age, why, remove)
