"""What a user would write instead of `standpoint dataset`: pandas, datasketch's MinHashLSH, scikit-learn's group split.

Run as: python benchmarks/peers/dataset.py CORPUS OUT. Prints a JSON object with the seconds of each step. It checks
nothing of its input, keeps no certificate, balances no label and holds everything in memory.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd
from datasketch import MinHash, MinHashLSH
from sklearn.model_selection import GroupShuffleSplit

WORDS, THRESHOLD, PERMUTATIONS = 3, 0.66, 128


def main(corpus: Path, out: Path) -> None:
    seconds, started = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        seconds[name], started = time.perf_counter() - started, time.perf_counter()

    documents = pd.read_json(corpus / "documents.jsonl", lines=True, dtype=False)
    files = sorted((corpus / "annotations").glob("*.jsonl"))
    annotations = pd.concat([pd.read_json(file, lines=True) for file in files])
    lap("read")
    gold = adjudicate(annotations).merge(documents, left_on="document", right_on="id", how="left")
    gold["text"] = [text[start:end] for text, start, end in zip(gold["text"], gold["start"], gold["end"], strict=True)]
    gold["id"] = gold["document"] + ":" + gold["start"].astype(str) + "-" + gold["end"].astype(str)
    lap("adjudicate")
    gold["group"] = group_documents(gold["document"].tolist(), gold["text"].tolist())
    lap("near-duplicates")
    gold["split"] = split_groups(gold["group"])
    lap("split")
    write_splits(gold, out)
    lap("write")
    print(json.dumps({"seconds": seconds, "passages": len(gold), "groups": int(gold["group"].nunique())}))


def adjudicate(annotations: pd.DataFrame) -> pd.DataFrame:
    """Keep what all annotators of a passage agree on."""
    rows = []
    for (document, start, end), judged in annotations.groupby(["document", "start", "end"], sort=True):
        topics = judged["topics"].iloc[0]
        same = all(set(other) == set(topics) for other in judged["topics"])
        stances = [{label["target"]: label["stance"] for label in labels} for labels in judged["stances"]]
        agreed = [
            (target, stance) for target, stance in stances[0].items() if all(o.get(target) == stance for o in stances)
        ]
        rows.append((document, start, end, topics if same else None, agreed))
    return pd.DataFrame(rows, columns=["document", "start", "end", "topics", "stances"])


def group_documents(documents: list[str], texts: list[str]) -> list[str]:
    """Join documents with passages that MinHashLSH calls alike; return the group of each passage."""
    parent = {document: document for document in documents}

    def find(document: str) -> str:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for place, (document, text) in enumerate(zip(documents, texts, strict=True)):
        words = text.lower().split()
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch({" ".join(words[i : i + WORDS]).encode() for i in range(max(1, len(words) - WORDS + 1))})
        for other in lsh.query(sketch):
            one, two = find(document), find(documents[other])
            parent[max(one, two)] = min(one, two)
        lsh.insert(place, sketch)
    return [find(document) for document in documents]


def split_groups(groups: pd.Series) -> pd.Series:
    """Return the split of each passage, whole groups together: 70, 12 and 18 of 100."""
    splits = pd.Series("train", index=groups.index)
    held = next(GroupShuffleSplit(1, test_size=0.30, random_state=13).split(groups, groups=groups))[1]
    test = next(GroupShuffleSplit(1, test_size=0.60, random_state=13).split(held, groups=groups.iloc[held]))[1]
    splits.iloc[held] = "validation"
    splits.iloc[held[test]] = "test"
    return splits


def write_splits(gold: pd.DataFrame, out: Path) -> None:
    """Write a Parquet file for each split of topics and of stances."""
    columns = ["id", "text", "document", "group", "outlet", "kind", "date", "language"]
    stances = gold.explode("stances").dropna(subset=["stances"])
    stances = stances.assign(
        target=[target for target, _ in stances["stances"]], label=[stance for _, stance in stances["stances"]]
    )
    out.mkdir(parents=True)
    for split in ("train", "validation", "test"):
        topics = gold[(gold["split"] == split) & gold["topics"].notna()]
        topics[[*columns, "topics"]].to_parquet(out / f"topic-{split}.parquet", compression="zstd", index=False)
        pairs = stances[stances["split"] == split]
        pairs[[*columns, "target", "label"]].to_parquet(
            out / f"stance-{split}.parquet", compression="zstd", index=False
        )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
