"""The plot of a soak: what was answered, how fast, with what status, and in how much memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def plot_soak(
    path: Path,
    seconds: Sequence[float],
    rates: Sequence[float],
    p95: Mapping[str, Sequence[float]],
    statuses: Mapping[str, Sequence[int]],
    memory: Mapping[str, Sequence[tuple[float, float]]],
    marks: Mapping[str, float],
) -> None:
    """Draw four panels over one time axis in minutes. `memory` is by process, (seconds, MB); `marks` are moments."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    minutes = [second / 60 for second in seconds]
    figure, panels = pyplot.subplots(4, 1, figsize=(10, 11), sharex=True, constrained_layout=True)
    panels[0].plot(minutes, rates, color="tab:blue")
    panels[0].set_ylabel("requests/s")
    for name, values in p95.items():
        panels[1].plot(minutes, values, label=name)
    panels[1].set_ylabel("p95, ms")
    panels[1].set_yscale("log")
    for name, counts in statuses.items():
        panels[2].plot(minutes, counts, label=name, drawstyle="steps-post")
    panels[2].set_ylabel("answers by status")
    for name, points in memory.items():
        panels[3].plot([second / 60 for second, _ in points], [mega for _, mega in points], label=name)
    panels[3].set_ylabel("RSS, MB")
    panels[3].set_xlabel("minutes")
    for panel in panels:
        panel.set_ylim(bottom=None if panel is panels[1] else 0)
        panel.grid(alpha=0.3)
        for name, second in marks.items():
            panel.axvline(second / 60, color="black", linestyle=":", linewidth=1)
            if panel is panels[0]:
                panel.annotate(
                    name, (second / 60, 0.06), xycoords=("data", "axes fraction"), rotation=90, ha="right", fontsize=8
                )
        if panel.get_legend_handles_labels()[0]:
            panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=8)
    draft = path.with_name(path.stem + ".tmp.png")
    figure.savefig(draft, dpi=110)
    pyplot.close(figure)
    draft.replace(path)
