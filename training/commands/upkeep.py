"""What takes disk, and its removal."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from standpoint.errors import BadInput
from training.commands.command import Commands, add_command, say, show

REMOVE = (
    "remove what may go, without it nothing is touched; in mlruns the old runs of everybody, on a tracking server only "
    "those under your own user name, which are marked as deleted"
)


def add_commands(commands: Commands) -> None:
    clean = add_command(
        commands,
        run_clean,
        "clean",
        "show what takes disk, and remove what nothing needs: old runs, superseded versions, leftovers of killed "
        "processes (`make clean` removes all that was built, artifacts too, and leaves MLflow alone)",
        "clean --older-than 14 --remove",
    )
    clean.add_argument("--remove", action="store_true", help=REMOVE)
    clean.add_argument(
        "--older-than",
        type=_days,
        default=30.0,
        metavar="DAYS",
        help="how long ended and deleted runs, interrupted work and caches stay (30; work and caches a day at least)",
    )


def _days(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise argparse.ArgumentTypeError(f"expected days, 0 or more, found {text}")
    return number


def run_clean(options: argparse.Namespace) -> int:
    from training.tracking.cleaning import find_store
    from training.upkeep.item import list_items, show_size, total_size

    store = find_store()
    items = _list_all(store, options.older_than)
    going = [item for item in items if item.remove]
    show(list_items(items))
    if not going:
        say("", "nothing to remove")
        if options.remove and (back := _compact(store)):  # pages that an earlier call could not give back
            say(f"{show_size(back)} freed in mlflow.db")
        return 0
    if store is not None and store.folder is None:
        say(
            "",
            f"on {store.uri} only runs of {store.user} go, whoever works there under this name; they are only marked "
            "as deleted; to free their disk, run there: mlflow gc",
        )
    if not options.remove:
        older = f" --older-than {options.older_than:g}" if options.older_than != 30 else ""
        say("", f"{show_size(total_size(going))} may go", f"next: standpoint clean{older} --remove")
        return 0
    _remove_all(going, store)
    return 0


def _list_all(store: Any, days: float) -> list[Any]:
    from standpoint.models_folder import models_folder
    from training.tracking.cleaning import list_tracked, list_versions
    from training.upkeep.folders import RUNS, find_needed_runs, list_data_folder, list_runs_folder
    from training.upkeep.published import list_published

    now = time.time()
    items = [*list_runs_folder(now, days), *list_data_folder(now, days)]
    items += list_published(list_versions(store) if store else {}, now)
    if store is not None:
        items += list_tracked(store, find_needed_runs(RUNS, models_folder()), days, now)
    return items


def _remove_all(going: Sequence[Any], store: Any) -> None:
    """Remove items one by one; what cannot be removed is named, and the rest goes on."""
    from training.upkeep.item import show_size

    freed, failed = 0, []
    for item in going:
        try:
            item.remove()
        except (OSError, BadInput) as error:
            failed.append(f"{item.where} ({error})")
        else:
            freed += item.size or 0
    freed += _compact(store)
    say("", f"removed {len(going) - len(failed)} of {len(going)}, {show_size(freed)} freed")
    if failed:
        raise BadInput(f"could not remove {'; '.join(failed)}; see to it and run the command again")


def _compact(store: Any) -> int:
    """Make the database smaller, and return by how many bytes; where it cannot be, the removal is done all the same."""
    from training.tracking.stored import compact_database

    try:
        back = compact_database(store) if store is not None else 0
    except BadInput as error:
        say(str(error))
        return 0
    if back is None:
        say("mlflow.db is in use and was not made smaller; it is the next time")
    return back or 0
