"""The second pass over gold: the rows of every split, written as they come."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from training.dataset.certificate import SIDES
from training.dataset.dealing import Deal
from training.dataset.parquet import PartWriter
from training.dataset.policy import SPLITS, Policy, side_of
from training.dataset.rows import WITHHELD, make_rows, route_passages
from training.files import digest_lines
from training.progress import track
from training.stratification import draw

UNUSED = -1  # the side of a passage without a row


@dataclass
class Written:
    """The finished parts in the work folder, by configuration and split; `sides` (int8, a place in SIDES or UNUSED)
    of all passages of gold, taken from the rows that were written; counts of what was left out, by reason."""

    sides: NDArray[np.int8]
    parts: dict[tuple[str, str], PartWriter] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)

    def count_targets(self) -> dict[str, Counter[str]]:
        """Return side -> target -> rows."""
        found: dict[str, Counter[str]] = {side: Counter() for side in SIDES}
        for (_, split), part in self.parts.items():
            found[side_of(split)].update(part.targets)
        return found

    @property
    def digest(self) -> str:
        """The digest of a dataset: of the content of its parts, wherever and however they are stored."""
        return digest_lines([name, split, part.digest] for (name, split), part in sorted(self.parts.items()))


def write_rows(deal: Deal, policy: Policy, limit: int | None) -> Written:
    """Write the rows of all passages, or of a sample of about `limit`, into Parquet files in the work folder."""
    written = Written(np.full(len(deal.gold.owners), UNUSED, np.int8))
    chosen = None if limit is None else choose_passages(deal, policy, limit)
    with ExitStack() as stack:
        for place, chunk in track(deal.chunks(), "write", [chunk.lines for chunk in deal.index.chunks]):
            numbers = np.arange(place.start, place.stop)
            if chosen is not None:
                chunk, numbers = chunk.choose(chosen[place]), numbers[chosen[place]]
            owners = deal.gold.owners[numbers]
            rows = make_rows(chunk, deal.parts[owners], deal.groups.take(owners))
            written.dropped.update(rows.dropped)
            for key, part in rows.parts.items():
                if key not in written.parts:
                    path = deal.work.path / f"{'-'.join(key)}.parquet"
                    written.parts[key] = stack.enter_context(PartWriter(path, key[0]))
                written.parts[key].write(part.rows)
                written.sides[numbers[part.passages]] = SIDES.index(side_of(key[1]))
    return written


def choose_passages(deal: Deal, policy: Policy, limit: int) -> NDArray[np.bool_]:
    """Choose about `limit` passages: splits in proportion, at least four of each, by a draw that only the seed and
    each one's id decide."""
    splits = route_passages(deal.parts[deal.gold.owners], deal.gold.unseen)
    keys = np.array(
        [draw(policy.seed, name) for _, chunk in deal.chunks() for name in chunk.passages["id"].to_pylist()]
    )
    chosen = np.zeros(len(splits), np.bool_)
    total = int((splits != WITHHELD).sum())
    for split in range(len(SPLITS)):
        found = np.flatnonzero(splits == split)
        most = max(4, round(limit * len(found) / total)) if total else 0
        chosen[found[np.argsort(keys[found])][:most]] = True
    return chosen
