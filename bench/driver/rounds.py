"""Alternating rounds: everything that is compared runs in every round, in a new order, so that what
disturbs the machine disturbs all of it alike. Ratios are taken within a round."""

import statistics
import sys
from dataclasses import dataclass, replace

WARM_UP_SECONDS = 1
REPEATS_MAX = 2


@dataclass
class Spread:
    """A median with its smallest and largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        values = list(values)
        return cls(statistics.median(values), min(values), max(values))


def alternate(variants, burst, rounds, patience, after=lambda: None):
    """Runs the variants, `{name: function from a Burst to a Sample}`, and returns their samples by name.

    `after` is called after each of them, to clean up what it left behind.
    """
    samples = {name: [] for name in variants}
    for variant in variants.values():
        variant(replace(burst, seconds=WARM_UP_SECONDS))
        after()
    for number in range(rounds):
        names = list(variants) if number % 2 == 0 else list(reversed(variants))
        for name in names:
            samples[name].append(_undisturbed(variants[name], burst, patience, after))
        line = ", ".join(f"{name} {samples[name][-1].rate:.0f}/s" for name in variants)
        others = max(samples[name][-1].other_cpu for name in variants)
        print(f"  round {number + 1}: {line} (others: {others:.2f} cores)", file=sys.stderr, flush=True)
    return samples


def _undisturbed(variant, burst, patience, after):
    """The burst in which others did least, while there is patience left."""
    best = None
    for _ in range(REPEATS_MAX + 1):
        patience.wait()
        sample = variant(burst)
        after()
        if best is None or sample.other_cpu < best.other_cpu:
            best = sample
        if best.other_cpu < patience.OTHERS_MAX or patience.left <= 0:
            break
    return best


def ratio(samples, name, floor):
    """The rate of one variant over that of another, within each round."""
    return Spread.of(ours.rate / theirs.rate for ours, theirs in zip(samples[name], samples[floor]))


def cpu_ratio(samples, name, floor):
    """As `ratio`, for requests per CPU second of the server side, which neighbours hardly disturb."""
    per_cpu = lambda sample: sample.rate / max(sample.server_cpu, 0.01)
    return Spread.of(per_cpu(ours) / per_cpu(theirs) for ours, theirs in zip(samples[name], samples[floor]))
