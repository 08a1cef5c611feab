"""Parts by date: the latest documents are tested on, those just before them chosen by, the earlier ones learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from standpoint.errors import BadInput
from training.dataset.documents import Documents
from training.dataset.policy import TEST, TRAIN, VALIDATION, Ledger, Policy, Shares

_WAY_OUT = "or say by: labels in splits.yaml"


def part_by_time(documents: Documents, settled: Mapping[str, str], policy: Policy, ledger: Ledger) -> dict[str, str]:
    """Return `settled` with a part for every other document, by its date; a day is never cut.

    Where the ledger has all three parts, their borders hold for newcomers too; else the shares (of passages) make them.
    Raises BadInput for a document without a date and for a ledger whose parts overlap in time.
    """
    dates = {
        document: _read_date(document, found) for document, found in zip(documents.ids, documents.dates, strict=True)
    }
    spans = _read_spans(dates, ledger)
    if len(spans) == 3:
        validation, test = spans[VALIDATION][0], spans[TEST][0]
    else:
        origins = zip(documents.kinds, documents.outlets, strict=True)
        free = [policy.held_part(kind, outlet) is None for kind, outlet in origins]
        validation, test = _draw_borders(documents, dates, free, policy.shares)
    parts = {
        document: TEST if day >= test else VALIDATION if day >= validation else TRAIN for document, day in dates.items()
    }
    return parts | dict(settled)


def _read_date(document: str, found: str) -> date:
    try:
        return date.fromisoformat(found[:10])
    except ValueError:
        raise BadInput(
            f"{document!r} has the date {found!r}, and parts by time need one like 2024-05-31; give it one, {_WAY_OUT}"
        ) from None


def _read_spans(dates: Mapping[str, date], ledger: Ledger) -> dict[str, tuple[date, date]]:
    """Return part -> first and last date of its documents in the ledger."""
    found: dict[str, list[date]] = {}
    for document, part in ledger.parts.items():
        if document in dates:
            found.setdefault(part, []).append(dates[document])
    spans = {part: (min(found[part]), max(found[part])) for part in (TRAIN, VALIDATION, TEST) if part in found}
    for one, other in pairwise(spans):
        if spans[one][1] >= spans[other][0]:
            raise BadInput(
                f"the parts overlap in time: {one} goes to {spans[one][1]}, {other} begins on {spans[other][0]}; "
                f"delete the ledger to deal all documents out anew by time, {_WAY_OUT}",
                str(ledger.path),
            )
    return spans


def _draw_borders(
    documents: Documents, dates: Mapping[str, date], free: Sequence[bool], shares: Shares
) -> tuple[date, date]:
    """Return the first days of validation and of test that come nearest to the shares; `free` documents alone count."""
    days = sorted({dates[document] for document, counts in zip(documents.ids, free, strict=True) if counts})
    if len(days) < 3:
        raise BadInput(f"parts by time need documents of three days or more, found {len(days)}; add some, {_WAY_OUT}")
    sizes = documents.counts[:, [documents.features.index("size")]].toarray().ravel()
    per_day = dict.fromkeys(days, 0)
    for document, size, counts in zip(documents.ids, sizes.tolist(), free, strict=True):
        if counts:
            per_day[dates[document]] += size
    before = np.cumsum([0, *per_day.values()])[:-1] / sum(per_day.values())
    first = 1 + int(np.argmin(np.abs(before[1:-1] - shares.train)))
    then = first + 1 + int(np.argmin(np.abs(before[first + 1 :] - shares.train - shares.validation)))
    return days[first], days[then]
