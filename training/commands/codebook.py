"""From one codebook version to the next: corpus folders and artifacts."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.command import Commands, add_command, say, show


def add_commands(commands: Commands) -> None:
    migrate = add_command(
        commands,
        run_migrate,
        "migrate",
        "carry a corpus folder to a later codebook version, by the migrations written in it",
        "migrate data --dry-run",
    )
    migrate.add_argument("folder", type=Path, metavar="DIR")
    migrate.add_argument("--to", metavar="VERSION", help="(as far as DIR/migrations leads)")
    migrate.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")

    artifact = add_command(
        commands,
        run_migrate_artifact,
        "migrate-artifact",
        "carry an artifact of an older format to this version's, or to a later codebook version that only renames",
        "migrate-artifact runs/topic-baseline --data data --out runs/topic-renamed",
    )
    artifact.add_argument("artifact", type=Path, metavar="ARTIFACT")
    help = "corpus folder, migrated already (data; an artifact of an older format needs none)"
    artifact.add_argument("--data", type=Path, metavar="DIR", help=help)
    artifact.add_argument("--out", type=Path, required=True, metavar="DIR")


def run_migrate(options: argparse.Namespace) -> int:
    from training.migrations.folder import migrate_folder

    report = migrate_folder(options.folder, options.to, options.dry_run)
    show(report.lines())
    if report.files:
        to = f" --to {options.to}" if options.to else ""
        after = f"migrate {options.folder}{to}" if report.dry else f"check {options.folder}"
        say("", f"next: standpoint {after}")
    return 0


def run_migrate_artifact(options: argparse.Namespace) -> int:
    from standpoint.artifact import FORMAT
    from training.models.formats import find_format, upgrade_artifact
    from training.models.migration import migrate_artifact

    if options.data is None and find_format(options.artifact) < FORMAT:
        upgrade = upgrade_artifact(options.artifact, options.out)
        say(f"of format {FORMAT}, was {upgrade.found}; its golden inputs were answered as before")
        show([str(options.out)])
        say("", f"next: standpoint register {options.out}")
        return 0
    metadata, renames = migrate_artifact(options.artifact, options.data or Path("data"), options.out)
    changed = {old: new for old, new in {**renames.topics, **renames.targets}.items() if old != new}
    say(*(f"{old} is now {new}" for old, new in changed.items()))
    version = metadata.codebook.version if metadata.codebook else ""
    say(f"of codebook {version}; its golden inputs were answered as before")
    show([str(options.out)])
    say("", f"next: standpoint register {options.out}")
    return 0
