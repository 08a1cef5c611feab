"""The service, and the main job."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.command import Commands, add_command, add_documents, add_limit, positive, say, seed, show


def add_commands(commands: Commands) -> None:
    serve = add_command(commands, run_serve, "serve", "serve the champions over HTTP", "serve --port 3000")
    serve.add_argument("--host", default="127.0.0.1", help="(127.0.0.1)")
    serve.add_argument("--port", type=int, default=3000, help="(3000; 0 takes a free one)")
    serve.add_argument("--topic", type=Path, metavar="DIR", help="an artifact instead of the champion")
    serve.add_argument("--stance", type=Path, metavar="DIR", help="an artifact instead of the champion")
    serve.add_argument("--workers", type=positive, metavar="N", help="(STANDPOINT_WORKERS, else 1)")
    serve.add_argument(
        "--open",
        action="store_true",
        help="let everybody ask who reaches --host: something in front of the service asks who it is",
    )

    key = add_command(
        commands, run_key, "key", "make a key for the service, and the line of STANDPOINT_KEYS's file", "key reader"
    )
    key.add_argument("name", metavar="NAME", help="of who will use it: 1 to 64 of A-Z a-z 0-9 . _ -")

    run = add_command(
        commands, run_run, "run", "do everything: from documents and annotations to served predictions", "run --quick"
    )
    run.add_argument("--quick", action="store_true", help="the same path with fewer steps")
    run.add_argument("--pages", type=Path, nargs="+", metavar="FILE", help="raw pages to read and predict")
    run.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="corpus folder (data)")
    run.add_argument("--seed", type=seed, default=13, metavar="N", help="(13)")
    add_documents(run)
    add_limit(run)


def run_serve(options: argparse.Namespace) -> int:
    from standpoint.artifact import check_manifest
    from standpoint.service_process import start_service

    for folder in (options.topic, options.stance):
        if folder:
            check_manifest(folder)  # say so now: a started service would wait for it to be mended
    address = (options.host, options.port, options.workers)
    with start_service(*address, options.topic, options.stance, open_access=options.open) as service:
        say(f"starting on {service.url}; its routes are described at {service.url}/; stop with Ctrl-C")
        return service.wait()


def run_key(options: argparse.Namespace) -> int:
    from standpoint.access_keys import make_key

    key, line = make_key(options.name)
    say(f"the key of {options.name}, shown only now: {key}", "the line on standard output lets it in")
    show([line])
    return 0


def run_run(options: argparse.Namespace) -> int:
    from training.job import Job, run_job

    job = Job(
        data=options.data,
        quick=options.quick,
        pages=options.pages,
        seed=options.seed,
        limit=options.limit,
        documents=tuple(options.documents or ()),
    )
    run_job(job, say, show)
    return 0
