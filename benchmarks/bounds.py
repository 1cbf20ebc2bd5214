"""What the recipes are to reach, each as a function from what was measured to words and whether it holds.

Where a bound is about several datasets, it is the mean, over those that both arms ran on, of the means over the seeds.
"""

from collections.abc import Callable, Sequence
from statistics import mean

from measured import Measured, Row, cpu_seconds, f_score, words_per_second

Found = tuple[str, bool | None]  # None: not measured
NOTHING: Found = ("", None)
SMALL = ("events", "fashion_brands", "snips_100", "snips_300", "snips_1000")  # up to some thousand texts
LARGE = ("snips_13084",)
PEERS = ("efficiency", "crfsuite")


def both(
    measured: Measured, ours: str, theirs: str, value: Callable[[Row], float], among: Sequence[str] = ()
) -> tuple[float, float] | None:
    """RETURNS (Optional[tuple[float, float]]): The means of two arms over the datasets that both ran on, of these if
    any are named; None if there are none."""
    found = [measured.means(arm, value) for arm in (ours, theirs)]
    names = [name for name in among or measured.datasets if all(name in means for means in found)]
    return (mean(found[0][name] for name in names), mean(found[1][name] for name in names)) if names else None


def crf_and_peers(measured: Measured) -> dict[str, tuple[float, float]]:
    """RETURNS (dict[str, tuple[float, float]]): F of `crf` and of the better peer, by dataset that all three ran on."""
    ours, *theirs = (measured.means(arm, f_score) for arm in ("crf", *PEERS))
    names = [name for name in measured.datasets if all(name in means for means in (ours, *theirs))]
    return {name: (ours[name], max(means[name] for means in theirs)) for name in names}


def crf_f_each(measured: Measured) -> Found:
    """`crf` to the better of `efficiency` and `crfsuite`, on each dataset: F not lower"""
    found = crf_and_peers(measured)
    told = ", ".join(f"{name} {ours:.1f} to {theirs:.1f}" for name, (ours, theirs) in found.items())
    return (told, all(ours >= theirs for ours, theirs in found.values())) if found else NOTHING


def crf_f(measured: Measured) -> Found:
    """`crf` to the better of `efficiency` and `crfsuite` on each dataset, mean: F at least 4 points more"""
    found = crf_and_peers(measured).values()
    return gain((mean(ours for ours, _ in found), mean(theirs for _, theirs in found)) if found else None, 4)


def crf_cpu_small(measured: Measured) -> Found:
    """`crf` to `efficiency`, mean over datasets of up to some thousand texts: at most a tenth of the CPU seconds"""
    return at_most(both(measured, "crf", "efficiency", cpu_seconds, SMALL), 0.1, "CPU seconds")


def crf_cpu_large(measured: Measured) -> Found:
    """`crf` to `efficiency`, 13,084 texts: at most a third of the CPU seconds"""
    return at_most(both(measured, "crf", "efficiency", cpu_seconds, LARGE), 1 / 3, "CPU seconds")


def crf_speed(measured: Measured) -> Found:
    """`crf` to `efficiency`, mean over the datasets: at least two times the words per second"""
    return at_least(both(measured, "crf", "efficiency", words_per_second), 2, "words per second")


def crf_memory(measured: Measured) -> Found:
    """`crf`, most memory of training on any dataset: under 1,500 MB"""
    used = [row["train"]["memory_mb"] for name in measured.datasets for row in measured.rows("crf", name)]
    return (f"{max(used):,.0f} MB", max(used) < 1500) if used else NOTHING


def vectors_f(measured: Measured) -> Found:
    """`crf-md` to `accuracy-md`, mean over the datasets: F not lower"""
    return gain(both(measured, "crf-md", "accuracy-md", f_score), 0)


def vectors_cpu(measured: Measured) -> Found:
    """`crf-md` to `accuracy-md`, mean over the datasets: at most a fifth of the CPU seconds"""
    return at_most(both(measured, "crf-md", "accuracy-md", cpu_seconds), 0.2, "CPU seconds")


def transformer_f(measured: Measured) -> Found:
    """`transformer` to `efficiency`, mean over the datasets: F at least 5 points more"""
    return gain(both(measured, "transformer", "efficiency", f_score), 5)


def huggingface_f(measured: Measured) -> Found:
    """`transformer` to `huggingface`, mean over the datasets: F not lower"""
    return gain(both(measured, "transformer", "huggingface", f_score), 0)


def huggingface_cpu(measured: Measured) -> Found:
    """`transformer` to `huggingface`, mean over the datasets: CPU seconds not more"""
    return at_most(both(measured, "transformer", "huggingface", cpu_seconds), 1, "CPU seconds")


def student_f(measured: Measured) -> Found:
    """`distil` to its teacher `transformer`, mean over the datasets: at least 95 % of the F"""
    return at_least(both(measured, "distil", "transformer", f_score), 0.95, "F")


def student_speed(measured: Measured) -> Found:
    """`distil` to its teacher `transformer`, mean over the datasets: at least ten times the words per second"""
    return at_least(both(measured, "distil", "transformer", words_per_second), 10, "words per second")


def packaged_speed(measured: Measured) -> Found:
    """A wheel to the plain pipeline of the same architecture: words per second not fewer"""
    if not measured.packaged:
        return NOTHING
    return at_least((measured.packaged["wheel"], measured.packaged["plain"]), 1, "words per second")


def gain(pair: tuple[float, float] | None, least: float) -> Found:
    """RETURNS (Found): Whether the first of two F is higher by some points."""
    if not pair:
        return NOTHING
    ours, theirs = pair
    return f"F {ours:.1f} to {theirs:.1f}: {ours - theirs:+.1f}", ours - theirs >= least


def at_least(pair: tuple[float, float] | None, least: float, unit: str) -> Found:
    """RETURNS (Found): Whether the first of two numbers is at least so many times the second."""
    return (tell(pair, unit), pair[0] / pair[1] >= least) if pair else NOTHING


def at_most(pair: tuple[float, float] | None, most: float, unit: str) -> Found:
    """RETURNS (Found): Whether the first of two numbers is at most so many times the second."""
    return (tell(pair, unit), pair[0] / pair[1] <= most) if pair else NOTHING


def tell(pair: tuple[float, float], unit: str) -> str:
    """RETURNS (str): Two numbers and their ratio."""
    ours, theirs = pair
    digits = ",.0f" if theirs > 100 else ",.1f"
    return f"{ours:{digits}} to {theirs:{digits}} {unit}: {ours / theirs:.2f} times"


BOUNDS: list[Callable[[Measured], Found]] = [
    crf_f_each,
    crf_f,
    crf_cpu_small,
    crf_cpu_large,
    crf_speed,
    crf_memory,
    vectors_f,
    vectors_cpu,
    transformer_f,
    huggingface_f,
    huggingface_cpu,
    student_f,
    student_speed,
    packaged_speed,
]
