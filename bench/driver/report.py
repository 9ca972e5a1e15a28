"""The numbers as Markdown."""

from dataclasses import dataclass

from .rounds import Spread


@dataclass
class Comparison:
    """One variant against another."""

    what: str
    name: str
    floor: str
    samples: dict
    rate: Spread
    per_cpu: Spread
    budget: float

    @property
    def kept(self):
        return self.rate.median >= self.budget


@dataclass
class Figure:
    """A number that stands for itself."""

    what: str
    value: str
    budget: str = ""
    kept: bool = True


def written(rows, setting, machine_line):
    """The report of a run."""
    options = setting.options
    pinned = (
        f"server (and PostgreSQL) on cores {setting.server_cores}, client on core {setting.burst.cores[0]}"
        if setting.split
        else "nothing pinned"
    )
    lines = [
        f"Machine: {machine_line}.",
        f"{options.rounds} alternating rounds of {options.seconds} s, {options.connections} connections, {pinned}, "
        f"{setting.threads} worker threads" + (f", priority {options.priority}" if options.priority is not None else "") + ".",
        "",
    ]
    comparisons = [row for row in rows if isinstance(row, Comparison)]
    figures = [row for row in rows if isinstance(row, Figure)]
    if comparisons:
        lines += _table(
            ["", "floor /s", "product /s", "ratio", "min to max", "per CPU second", "budget", "", "p50 ms", "p99 ms", "others"],
            [_comparison(row) for row in comparisons],
        )
    if figures:
        lines += [""] if comparisons else []
        lines += _table(["", "measured", "budget", ""], [[row.what, row.value, row.budget, _verdict(row)] for row in figures])
    return "\n".join(lines) + "\n"


def _comparison(row):
    floors, ours = row.samples[row.floor], row.samples[row.name]
    rate = lambda samples: f"{Spread.of(sample.rate for sample in samples).median:,.0f}"
    middle = lambda samples, field: Spread.of(getattr(sample, field) for sample in samples).median
    return [
        row.what,
        rate(floors),
        rate(ours),
        f"**{row.rate.median:.2f}**",
        f"{row.rate.low:.2f} to {row.rate.high:.2f}",
        f"{row.per_cpu.median:.2f}",
        f"{row.budget:.2f}",
        _verdict(row),
        f"{middle(ours, 'p50_ms'):.1f}",
        f"{middle(ours, 'p99_ms'):.1f}",
        f"{max(middle(floors, 'other_cpu'), middle(ours, 'other_cpu')):.2f}",
    ]


def _verdict(row):
    if not row.budget:
        return ""
    return "kept" if row.kept else "**missed**"


def _table(head, rows):
    ruler = ["---"] + ["---:"] * (len(head) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows)]
