"""What a migration of a corpus folder did."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.migrations.annotations import Tally
from training.migrations.changes import Add, describe_change
from training.migrations.reading import Migration


@dataclass
class MigrationReport:
    """What a migration did, or would do. `files` are those that change; `mentions` name ids that rules still use."""

    start: str
    to: str
    steps: tuple[Migration, ...]
    dry: bool
    finished: bool = False  # an earlier, interrupted one was finished first
    tally: Tally = field(default_factory=Tally)
    files: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the report for a terminal."""
        lines = ["finished a migration that was interrupted"] if self.finished else []
        for step in self.steps:
            lines.append(f"{step.start} -> {step.to}: {step.why}")
            lines += [f"  {describe_change(change)}" for change in step.changes]
            added = [change.id for change in step.changes if isinstance(change, Add)]
            lines += [f"  no earlier annotation considered {name}; `reread` asks for it" for name in added]
        if not self.files:
            return [*lines, f"codebook {self.to}: nothing to migrate"]
        count = self.tally
        marks = ", ".join(f"{number} {task}" for task, number in count.marks.items())
        return [
            *lines,
            f"annotations: {count.lines} read, {count.stamped} carried to {self.to}, {count.rewritten} rewritten",
            f"labels: {count.before} before, {count.after} after; {count.folded} became one with another, "
            f"{count.dropped} dropped, {count.withdrawn} withdrawn to be read again",
            f"judgements to be read again: {marks}" + (f"; {count.kept} hold until then" if count.kept else ""),
            *(f"codebook.yaml: {mention}" for mention in self.mentions),
            f"{'would write' if self.dry else 'wrote'} {', '.join(self.files)}",
        ]
