"""The leak certificate: no text, copy or document on two sides of the split, and how much of that it would have seen.

Looks at the finished rows, not at the groups they were split by, so that a fault of the grouping shows here. Every
pair of passages that shares a rare run of words is compared exactly; MinHash bands, made anew here from a draw of their
own, find those that share stock phrases only. How many copies that finds is measured on planted ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standpoint.errors import Refused
from training.dataset.duplicates import find_across, find_same_texts, keep_alike
from training.dataset.joins import Pairs, Verifier, propose_by_bands, propose_by_runs
from training.dataset.plants import LEVELS, Plant, plant_copies, wilson_interval
from training.dataset.policy import NearDuplicates
from training.dataset.sketches import BANDS, DRAWS, LIBRARY, Sketch, join_sketches, make_bands, sketch_texts
from training.manifest import CERTIFICATE_FORMAT, PASSED

SIDES = ("train", "validation", "test")
REQUIRED = ("changed_0", "changed_5", "changed_15", "translated")
REQUIRED_SHARE = 0.95
_LEAST_WORDS = 12  # of a planted passage: a word in six is changed in shorter ones, or none
_LENGTHS = (12, 24, 48)
_LEARNT, _PLANTED = 0, 1  # labels of the search for planted copies
_CHECKED = 200  # passages whose sketch is made again


def certify(
    sketch: Sketch,
    sides: NDArray[np.int8],
    documents: NDArray[np.int32],
    name: Callable[[int], str],
    rule: NearDuplicates,
    digest: str,
    seed: int,
    texts: Callable[[int], str],
    targets: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, Any]:
    """Return the content of certificate.json.

    `sides` (n) has the place in SIDES of each passage, negative where it is in no part; `documents` (n) its document;
    `targets` what each side holds of each target. Raises Refused where two sides overlap or too few planted copies are
    found.
    """
    _check_sketch(sketch, sides, rule, texts)
    plants = _plant(sketch, sides, seed, texts)
    planted = sketch_texts([plant.text for plant in plants], rule)
    bare = [replace(part, bands=part.bands[:, :0]) for part in (sketch, planted)]
    whole = join_sketches(bare)
    bands = make_bands(whole.words, whole.starts, rule, [DRAWS - 1])
    verifier, common = Verifier(whole, rule), max(2, rule.common // 2)  # rarer than any that the grouping went by
    overlaps = {
        "same_document": _find_shared(documents, sides),
        "exact_text": _find_shared(sketch.texts, sides),
        "near_duplicate": _find_near(verifier, bands, sides, common),
    }
    _refuse_overlaps(overlaps, name)
    learn = _label_plants(sides, len(plants))
    by_runs = _search_plants(propose_by_runs(whole, learn, common, _PLANTED), verifier)
    by_bands = _search_plants(propose_by_bands(bands.T, learn, _PLANTED), verifier)
    both = (np.concatenate([sketch.bands[:, i], planted.bands[:, i]]) for i in range(sketch.bands.shape[1]))
    by_stored = _search_plants(propose_by_bands(both, learn, _PLANTED), verifier)
    power = _measure_power(plants, len(sketch), by_runs | by_bands, by_runs | by_stored)
    _refuse_weakness(power)
    return {
        "format": CERTIFICATE_FORMAT,
        "dataset": digest,
        "verdict": PASSED,
        "rule": rule.model_dump(),
        "library": LIBRARY,
        "search": {"common": common, "bands": BANDS, "rows": rule.rows},
        "passages": {side: int((sides == code).sum()) for code, side in enumerate(SIDES)},
        "overlaps": {level: len(pairs) for level, pairs in overlaps.items()},
        "power": {"seed": seed, "required": dict.fromkeys(REQUIRED, REQUIRED_SHARE), **power},
        "targets": {side: dict(sorted(counts.items())) for side, counts in (targets or {}).items()},
    }


def _check_sketch(sketch: Sketch, sides: NDArray[np.int8], rule: NearDuplicates, texts: Callable[[int], str]) -> None:
    """Raise ValueError where the sketch is not that of the texts: some are sketched again."""
    if not len(sketch) == len(sides):
        raise ValueError(f"expected a side for each of {len(sketch)} passages, found {len(sides)}")
    used = np.flatnonzero(sides >= 0)
    places = used[:: max(1, len(used) // _CHECKED)]
    again, here = sketch_texts([texts(int(place)) for place in places], rule), sketch.take(places)
    if not (np.array_equal(again.texts, here.texts) and np.array_equal(again.words, here.words)):
        raise ValueError("the sketch does not belong to these texts")


def _plant(sketch: Sketch, sides: NDArray[np.int8], seed: int, texts: Callable[[int], str]) -> list[Plant]:
    """Return copies of passages of the learning side, of those with words enough where there are any."""
    learn = np.flatnonzero(sides == sides[sides >= 0].min(initial=0))
    lengths = np.diff(sketch.starts)[learn]
    origins = learn[lengths >= min(_LEAST_WORDS, lengths.max(initial=0))].tolist()
    return plant_copies(origins, texts, seed) if origins else []


def _find_shared(values: NDArray[np.integer], sides: NDArray[np.int8]) -> Pairs:
    """Return pairs of passages on two sides with the same value, one for each value and pair of sides."""
    used = np.flatnonzero(sides >= 0)
    order = used[np.lexsort((used, sides[used], values[used]))]
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(values[order]) != 0) | (np.diff(sides[order]) != 0)
    heads = order[new]
    found = [np.empty((0, 2), np.int32)]
    for step in (1, 2):  # a value has three heads at most
        same = np.flatnonzero(values[heads[step:]] == values[heads[:-step]])
        found.append(np.stack([heads[same], heads[same + step]], axis=1).astype(np.int32))
    return np.concatenate(found)


def _find_near(verifier: Verifier, bands: NDArray[np.uint32], sides: NDArray[np.int8], common: int) -> Pairs:
    """Return the pairs of passages on two sides that are alike and not the same; equal texts of a side count once."""
    texts = verifier.sketch.texts[: len(sides)]
    used = np.flatnonzero(sides >= 0)
    keys = texts[used] * np.uint64(len(SIDES)) + sides[used].astype(np.uint64)
    first, _ = find_same_texts(keys)
    labels = np.full(len(verifier.sketch), -1, np.int32)
    kept = used[first == np.arange(len(used))]
    labels[kept] = sides[kept]
    pairs = find_across(verifier, bands.T, labels, common)
    return pairs[texts[pairs[:, 0]] != texts[pairs[:, 1]]]


def _label_plants(sides: NDArray[np.int8], plants: int) -> NDArray[np.int32]:
    """Return the labels for the search of plants, which stand after all passages, on the learning side."""
    learn = sides == sides[sides >= 0].min(initial=0)
    return np.concatenate([np.where(learn, _LEARNT, -1), np.full(plants, _PLANTED)]).astype(np.int32)


def _search_plants(proposals: Iterable[Pairs], verifier: Verifier) -> set[int]:
    """Return which of the plants, the last of all passages, were found to be alike to one that is learnt from."""
    found = keep_alike(verifier, proposals)
    return set(found[:, 1].tolist())


def _measure_power(plants: list[Plant], begin: int, by_join: set[int], by_grouping: set[int]) -> dict[str, Any]:
    """Return how many plants, the first at place `begin`, were found: by level, and at 15% by length."""
    levels: dict[str, Any] = {}
    for level in LEVELS if plants else ():
        places = [place for place, plant in enumerate(plants, begin) if plant.level == level]
        levels[level] = _share(places, by_join) | {"found_by_grouping": len(by_grouping.intersection(places))}
    lengths: dict[str, Any] = {}
    for low, high in zip(_LENGTHS, (*_LENGTHS[1:], None), strict=True):
        places = [
            place
            for place, plant in enumerate(plants, begin)
            if plant.level == "changed_15" and low <= plant.words and (high is None or plant.words < high)
        ]
        if places:
            lengths[f"{low} words or more" if high is None else f"{low} to {high - 1} words"] = _share(places, by_join)
    return {"levels": levels, "changed_15_by_length": lengths}


def _share(places: list[int], found: set[int]) -> dict[str, Any]:
    count = len(found.intersection(places))
    low, high = wilson_interval(count, len(places))
    return {
        "planted": len(places),
        "found": count,
        "share": round(count / len(places), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _refuse_overlaps(overlaps: Mapping[str, Pairs], name: Callable[[int], str]) -> None:
    if not any(len(pairs) for pairs in overlaps.values()):
        return
    counts = ", ".join(f"{len(pairs)} {level}" for level, pairs in overlaps.items())
    first, second = sorted(name(int(place)) for place in next(pairs[0] for pairs in overlaps.values() if len(pairs)))
    raise Refused(
        f"parts overlap ({counts}), first {first} and {second}: nothing was written. If the corpus changed, delete "
        "the line of one of the two documents from the ledger parts.jsonl and build again"
    )


def _refuse_weakness(power: Mapping[str, Any]) -> None:
    for level in REQUIRED:
        measured = power["levels"].get(level)
        if measured and measured["share"] < REQUIRED_SHARE:
            raise Refused(
                f"the certificate would prove nothing: of {measured['planted']} copies planted as {level} it finds "
                f"{measured['found']}, a share of {measured['share']:.2f} where {REQUIRED_SHARE} are expected; nothing "
                "was written. Lower near_duplicates.overlap or raise near_duplicates.common in splits.yaml"
            )
