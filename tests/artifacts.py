"""Small real parts for tests: invented examples, an encoder made from nothing, artifacts trained and sealed as any."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from standpoint.artifact import MANIFEST, sha256
from standpoint.metadata import CodebookReference
from standpoint.predictor import Predictor
from training.examples import Example, ExampleSet, make_example_set
from training.models.request import Request
from training.models.settings import BaselineSettings, TransformerSettings
from training.models.train import Trained, train_model

LEVY, TREATY = "the port levy", "the river treaty"
VERBS = {
    "favor": ("praised", "welcomed"),
    "against": ("condemned", "rejected"),
    "none": ("discussed", "described"),
}
SPEAKERS = ("The envoy", "The minister", "A delegate", "The speaker", "The mayor", "An official")
TOPIC_TEXTS = {
    "economy": (
        "Trade and prices moved after the harbour market opened.",
        "Exports of grain and timber rose in spring.",
    ),
    "diplomacy": ("Envoys met for talks about the visit.", "The ambassador handed over a message at the meeting."),
    "other": ("Visitors leave their coats at the door.", "The choir sang in the old hall until late."),
}
BASELINE = BaselineSettings(words=3, min_documents=1, max_features=2000, unrelated=0)
TRANSFORMER = TransformerSettings(  # alone: tests/training/models/test_companion.py has both
    epochs=24,
    least_steps=0,
    batch=16,
    learning_rate=3e-3,
    max_length=48,
    freeze_embeddings=False,
    unrelated=0,
    companion=False,
)


def stance_examples(count: int = 144, labels: tuple[str, ...] = ("favor", "against", "none")) -> ExampleSet:
    """Return pairs about two targets, half of them in passages that judge both, differently: the target decides."""
    generator = random.Random(7)
    examples = []
    for i in range(count // 2):
        first, second = generator.sample(labels, 2)
        speaker, verbs = generator.choice(SPEAKERS), (generator.choice(VERBS[first]), generator.choice(VERBS[second]))
        text = f"{speaker} {verbs[0]} {LEVY} and {verbs[1]} {TREATY}."
        for target, stance in ((LEVY, first), (TREATY, second)):
            examples.append(
                Example(
                    f"{i}#{target}", text, target, stance=stance, mentioned=(LEVY, TREATY), group=str(i), language="en"
                )
            )
    return make_example_set("stance", examples, source="stance.jsonl")


def topic_examples(count: int = 60) -> ExampleSet:
    """Return passages of three topics; every tenth one holds two."""
    examples = []
    for i in range(count):
        name = list(TOPIC_TEXTS)[i % 3]
        text, topics = f"{SPEAKERS[i % 6]} wrote: {TOPIC_TEXTS[name][i // 3 % 2]}", (name,)
        if i % 10 == 0:
            text = f"{TOPIC_TEXTS['economy'][i // 3 % 2]} {TOPIC_TEXTS['diplomacy'][i // 2 % 2]}"
            topics = ("economy", "diplomacy")
        examples.append(Example(str(i), text, topics=topics, group=str(i), language="en"))
    return make_example_set("topic", examples, source="topic.jsonl")


def cut(examples: ExampleSet, share: float = 0.75) -> tuple[ExampleSet, ExampleSet]:
    """Return the first share of a set and the rest."""
    place = int(len(examples.examples) * share) // 2 * 2
    return (
        make_example_set(examples.task, examples.examples[:place], like=examples),
        make_example_set(examples.task, examples.examples[place:], like=examples),
    )


def make_request(examples: ExampleSet, **changes: Any) -> Request:
    """Return a request for a baseline on a set cut in two; `changes` replace its fields."""
    train, validation = cut(examples)
    return replace(Request(train, validation, BASELINE, seed=1), **changes)


def train_baseline(examples: ExampleSet, out: Path, **changes: Any) -> Trained:
    """Train and seal a baseline; takes a fraction of a second."""
    return train_model(make_request(examples, **changes), out)


def train_transformer(examples: ExampleSet, out: Path, encoder: Path, **changes: Any) -> Trained:
    """Fine-tune, export and seal a transformer; takes seconds, most of them for the export."""
    request = make_request(examples, settings=TRANSFORMER, encoder=str(encoder))
    return train_model(replace(request, **changes), out)


def make_encoder(folder: Path) -> Path:
    """Write a random BERT of two layers, 32 wide, with a WordPiece vocabulary of the examples' words and letters."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    texts = [e.text for e in (*stance_examples().examples, *topic_examples().examples)]
    words = sorted({word.strip(".,:").lower() for text in texts for word in text.split()})
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [*special, *words, *letters, *(f"##{letter}" for letter in letters), *".,:;!?()[]'\"-"]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.1,
    )
    torch.manual_seed(0)
    BertModel(config).save_pretrained(folder)
    return folder


def of_codebook(predictor: Predictor, version: str, targets: dict[str, str] | None = None) -> Predictor:
    """Return the predictor as if its artifact were of this codebook version."""
    book = CodebookReference(version=version, digest=f"digest of {version}", topics={}, targets=targets or {})
    return Predictor(predictor.metadata.model_copy(update={"codebook": book}), predictor._backend, version)


def reseal(folder: Path) -> None:
    """Write a manifest that fits the files as they are now, as somebody who changes an artifact on purpose would."""
    path = folder / MANIFEST
    content = json.loads(path.read_text())
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file != path)
    content["files"] = {file.relative_to(folder).as_posix(): sha256(file) for file in files}
    path.write_text(json.dumps(content))


def change_json(path: Path, **changes: Any) -> None:
    """Replace top-level keys of a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")
