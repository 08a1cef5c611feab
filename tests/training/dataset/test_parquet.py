"""Parts written as they come: the same bytes and digest however the rows were cut, another digest for other rows."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.dataset import parquet
from training.dataset.parquet import ContentDigest, PartWriter
from training.dataset.rows import COLUMNS

WORDS = st.text("ab é\n", max_size=4)
LISTS = st.lists(WORDS, max_size=3)
ROWS = st.lists(
    st.fixed_dictionaries({name: LISTS if name in ("labels", "mentioned") else WORDS for name in COLUMNS["topic"]}),
    max_size=30,
)
SCHEMA = parquet.row_schema("topic")


def _cut(rows: list[dict[str, object]], sizes: list[int]) -> list[pa.Table]:
    """Return rows as tables of so many rows, the sizes over and over; slices of one table where they fit."""
    whole = pa.Table.from_pylist(rows, schema=SCHEMA)
    tables, start = [], 0
    while start < len(rows):
        size = sizes[len(tables) % len(sizes)]
        tables.append(whole.slice(start, size))
        start += size
    return tables


@given(rows=ROWS, sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_depend_on_the_rows_alone(tmp_path: Path, rows: list[dict[str, object]], sizes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROW_GROUP", 4)
        for name, tables in (("one", _cut(rows, [1])), ("two", _cut(rows, sizes))):
            with PartWriter(tmp_path / name, "topic") as writer:
                for table in tables:
                    writer.write(table)
            assert writer.rows == len(rows)
            assert writer.labels.total() == sum(len(row["labels"]) for row in rows)  # type: ignore[arg-type]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert pq.read_table(tmp_path / "one").to_pylist() == rows


def _digest(tables: list[pa.Table]) -> str:
    digest = ContentDigest()
    for table in tables:
        digest.update(table)
    return digest.hexdigest()


@given(one=ROWS, other=ROWS, sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_digest_is_of_the_content(
    one: list[dict[str, object]], other: list[dict[str, object]], sizes: list[int]
) -> None:
    assert (_digest(_cut(one, sizes)) == _digest(_cut(other, [3]))) == (one == other)


@pytest.mark.parametrize(("mine", "yours"), [(("ab", "c"), ("a", "bc")), (("", "a"), ("a", ""))])
def test_digest_knows_where_a_value_ends(mine: tuple[str, str], yours: tuple[str, str]) -> None:
    tables = [pa.table({"text": list(values)}) for values in (mine, yours)]
    assert _digest([tables[0]]) != _digest([tables[1]])
