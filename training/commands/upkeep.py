"""What takes disk, and its removal."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from standpoint.errors import BadInput
from training.commands.command import Commands, add_command, say, show


def add_commands(commands: Commands) -> None:
    clean = add_command(
        commands,
        run_clean,
        "clean",
        "show what takes disk, and remove what nothing needs: old runs, superseded versions, leftovers of killed "
        "processes (`make clean` removes all that was built, artifacts too, and leaves MLflow alone)",
        "clean --older-than 14 --remove",
    )
    clean.add_argument("--remove", action="store_true", help="remove what may go; without it nothing is touched")
    clean.add_argument(
        "--older-than",
        type=_days,
        default=30.0,
        metavar="DAYS",
        help="how long ended runs, interrupted work and caches are kept (30)",
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
        return 0
    if store is not None and store.folder is None:
        say("", f"runs on {store.uri} are only marked as deleted; to free their disk, run there: mlflow gc")
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
    from training.tracking.stored import compact_database
    from training.upkeep.item import show_size

    freed, failed = 0, []
    for item in going:
        try:
            item.remove()
        except (OSError, BadInput) as error:
            failed.append(f"{item.where} ({error})")
        else:
            freed += item.size or 0
    back = compact_database(store) if store is not None else 0
    if back is None:
        say("mlflow.db is in use and was not made smaller; it is the next time")
    say("", f"removed {len(going) - len(failed)} of {len(going)}, {show_size(freed + (back or 0))} freed")
    if failed:
        raise BadInput(f"could not remove {'; '.join(failed)}; see to it and run the command again")
