"""A newcomer's table, texts and labels without documents, as a corpus: documents and judgements of its rows.

Rows that name the same `document` are its passages, in their order, an empty line between them; a row that names none
is a document of its own, called by its content, so that a table that has grown gives the same names again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from standpoint.codebook import Codebook
from standpoint.encoding import normalise
from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings
from training.annotations.exchange.mapping import CONTEXT, Mapped, Row, Table, need_columns
from training.annotations.exchange.rows import find_judgements
from training.annotations.records import Passage
from training.files import digest_lines

UNKNOWN = "unknown"  # an outlet or kind that the table does not tell
_BREAK = "\n\n"


class Documents:
    """The documents of a table, as they grow row by row."""

    def __init__(self, codebook: Codebook) -> None:
        self.where: dict[str, str] = {}  # of the first row of each
        self._context: dict[str, dict[str, str]] = {}
        self._texts: dict[str, list[str]] = {}
        self._ends: dict[str, int] = {}
        self._passages: dict[tuple[str, str], Passage] = {}
        self._language = codebook.language

    def place(self, fields: Row, where: str) -> tuple[Passage, str | None]:
        """Return the passage of a row's text, which is appended to its document where it is new. Raises BadInput."""
        text = fields.get("text")
        if not isinstance(text, str) or not normalise(text):
            raise BadInput(f"expected a text, found {str(text)[:60]!r}; map it with --columns text=...", where)
        text = text.strip()
        context = {name: _read_context(fields.get(name), name, where) for name in CONTEXT}
        named = fields.get("document")
        name = digest_lines([[text, context]])[:16] if named is None else str(named)
        self._compare(name, context, where)
        if (name, text) not in self._passages:
            start = self._ends[name] + len(_BREAK) if name in self._ends else 0
            self._texts.setdefault(name, []).append(text)
            self._ends[name] = start + len(text)
            self._passages[name, text] = (name, start, self._ends[name])
        return self._passages[name, text], None

    def _compare(self, name: str, context: dict[str, str], where: str) -> None:
        first = self._context.setdefault(name, context)
        self.where.setdefault(name, where)
        for field, value in context.items():
            if value != first[field]:
                message = f"the document {name!r} has the {field} {first[field]!r} in {self.where[name]}"
                raise BadInput(f"{message}, here {value!r}; a document has one", where)

    def contents(self) -> list[dict[str, str]]:
        """Return the lines of documents.jsonl, in the order of the table."""
        lines = []
        for name, texts in self._texts.items():
            context = self._context[name]
            filled = context | {field: context[field] or UNKNOWN for field in ("outlet", "kind")}
            filled["language"] = filled["language"] or self._language
            lines.append({"id": name, **filled, "text": _BREAK.join(texts)})
        return lines


def _read_context(value: Any, name: str, where: str) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadInput(f"expected a text {name!r}, found {str(value)[:60]!r}", where)


def read_newcomers(table: Table, mapped: Mapped, codebook: Codebook) -> tuple[Documents, Findings]:
    """Return the documents and judgements of a table; columns `start` and `end` are not looked at."""
    need_columns(table, mapped, ("text",), "map one with --columns text=...")
    documents = Documents(codebook)
    return documents, find_judgements(table, mapped, documents.place)
