"""What the recipes are to reach, each as a function from what was measured to words and whether it holds.

Where a bound is about several datasets, it is the mean over them of the means over the seeds.
"""

from collections.abc import Callable
from statistics import mean

from measured import Measured, Row, cpu_seconds, f_score, words_per_second

Found = tuple[str, bool | None]  # None: not measured
NOTHING: Found = ("", None)


def both(measured: Measured, ours: str, theirs: str, value: Callable[[Row], float]) -> tuple[float, float] | None:
    """RETURNS (Optional[tuple[float, float]]): The means over all datasets of two arms; None unless both ran on all."""
    found = [measured.means(arm, value) for arm in (ours, theirs)]
    if not measured.datasets or any(set(means) != set(measured.datasets) for means in found):
        return None
    return mean(found[0].values()), mean(found[1].values())


def cnn_f(measured: Measured) -> Found:
    """`cnn` to `efficiency`, mean over the datasets: F at least 3 points more"""
    return gain(both(measured, "cnn", "efficiency", f_score), 3)


def cnn_cpu(measured: Measured) -> Found:
    """`cnn` to `efficiency`, mean over the datasets: at most half the CPU seconds"""
    return at_most(both(measured, "cnn", "efficiency", cpu_seconds), 0.5, "CPU seconds")


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
    """`distil` to its teacher `transformer`, mean over the datasets: at least five times the words per second"""
    return at_least(both(measured, "distil", "transformer", words_per_second), 5, "words per second")


def crfsuite_f(measured: Measured) -> Found:
    """`cnn` to `crfsuite`: F higher on each dataset"""
    ours, theirs = (measured.means(arm, f_score) for arm in ("cnn", "crfsuite"))
    if not both(measured, "cnn", "crfsuite", f_score):
        return NOTHING
    told = ", ".join(f"{name} {ours[name]:.1f} to {theirs[name]:.1f}" for name in measured.datasets)
    return told, all(ours[name] > theirs[name] for name in measured.datasets)


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
    cnn_f,
    cnn_cpu,
    transformer_f,
    huggingface_f,
    huggingface_cpu,
    student_f,
    student_speed,
    crfsuite_f,
    packaged_speed,
]
