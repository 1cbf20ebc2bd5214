"""Whether a model may pass: what it forgot of its base, and what it finds where that does not belong."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from ..base.strategy import Strategy
from ..project.errors import Place, ProjectError

GOLD, AGREEMENT = "gold", "agreement with the base"


class Verdict(StrEnum):
    """Whether more was lost, or more is wrong, than may be.

    kept: no.
    unclear: as measured, yes, but with so few texts that may be chance.
    lost: yes, by all of the 95 % interval.
    unknown: there is nothing to measure it on.
    """

    kept = "kept"
    unclear = "unclear"
    lost = "lost"
    unknown = "NOT KNOWN"


class Limits(NamedTuple):
    """What the vars allow.

    max_retention_loss (float): How much F of the base's labels may be lost on gold, from 0 to 1.
    min_agreement (float): How large F has to be where the base's own entities stand in for gold.
    max_outside (float): How often new labels may be found outside of the domain, as a share of how often in it.
    """

    max_retention_loss: float
    min_agreement: float
    max_outside: float


def judge_loss(kept: dict[str, Any], limits: Limits) -> Verdict:
    """Tell whether a model has forgotten too much.

    kept (Dict[str, Any]): The comparison, as `measure_retention` gives it.
    limits (Limits): What may be lost.
    RETURNS (Verdict): What its interval says.
    """
    if not kept.get("by"):
        return Verdict.unknown if kept.get("kept_labels") else Verdict.kept
    limit = limits.max_retention_loss if kept["by"] == GOLD else kept["all"]["before"]["f"] - limits.min_agreement
    verdict = _judge(kept["all"]["loss"], kept["all"]["interval"], limit)
    return Verdict.unknown if kept.get("domain_alone") and verdict is Verdict.kept else verdict


def judge_outside(kept: dict[str, Any], limits: Limits) -> Verdict:
    """Tell whether a model finds new labels too often outside of the domain.

    kept (Dict[str, Any]): The comparison, as `measure_retention` gives it.
    limits (Limits): How often it may.
    RETURNS (Verdict): What its interval says.
    """
    outside = kept.get("outside")
    if not outside:
        return Verdict.unknown if kept.get("new_labels") else Verdict.kept
    return _judge(outside["all"]["share"], outside["all"]["interval"], limits.max_outside)


def _judge(found: float, interval: Sequence[float] | None, limit: float) -> Verdict:
    if found <= limit:
        return Verdict.kept
    return Verdict.lost if interval and interval[0] > limit else Verdict.unclear


def tell_verdicts(kept: dict[str, Any], limits: Limits) -> list[dict[str, str]]:
    """Put the verdicts in words.

    kept (Dict[str, Any]): The comparison, as `measure_retention` gives it.
    limits (Limits): What the vars allow.
    RETURNS (list[dict[str, str]]): Of each: "verdict", "told" (a sentence) and "remedy", empty where none is needed.
    """
    if not kept["compared"]:
        return []
    loss, outside = judge_loss(kept, limits), judge_outside(kept, limits)
    told = []
    if kept.get("kept_labels"):
        told.append({"verdict": loss.value, "told": _tell_loss(kept, loss), "remedy": _mend_loss(kept, loss, limits)})
    if kept.get("new_labels"):
        told.append(
            {
                "verdict": outside.value,
                "told": _tell_outside(kept, outside),
                "remedy": _mend_outside(kept, outside, limits),
            }
        )
    return told


def refuse_lost(kept: dict[str, Any], path: str) -> None:
    """Refuse a model that has surely forgotten too much, or surely finds too much.

    kept (Dict[str, Any]): The comparison, with its "verdicts".
    path (str): Where it was written.
    RAISES (ProjectError): With the labels that lost, and with what was found.
    """
    lost = [one for one in kept["verdicts"] if one["verdict"] == Verdict.lost]
    if not lost:
        return
    places = []
    if kept.get("by") and any(one["told"].startswith(FORGOT) for one in lost):
        rows = sorted(kept["labels"].items(), key=lambda item: item[1]["still"] - item[1]["entities"])
        places += [
            f"{label}: F {100 * row['before']['f']:.1f} -> {100 * row['after']['f']:.1f}, {row['still']} of "
            f"{row['entities']} entities found"
            for label, row in rows
            if row["loss"] > 0
        ]
    if kept.get("outside") and any(not one["told"].startswith(FORGOT) for one in lost):
        places += [
            f"{label}: {row['found']} outside of the domain: {tell_most(row)}"
            for label, row in kept["outside"]["labels"].items()
            if row["found"]
        ]
    raise ProjectError(
        "; ".join(one["told"] for one in lost),
        " ".join(one["remedy"] for one in lost),
        [Place(path, None, line) for line in places],
    )


def tell_most(row: dict[str, Any]) -> str:
    """RETURNS (str): What was found most often outside of the domain, in words."""
    return ", ".join(f"{text!r}{f' {times} times' if times > 1 else ''}" for text, times in row["most"])


FORGOT = "The model forgot too much"
UNSEEN = (
    "Texts annotated with these tell of them (--vars.retention): those of an earlier round, where the base is yours."
)
SHOWN = 5  # labels


def list_unseen(kept: dict[str, Any]) -> list[str]:
    """List the base's labels of which nothing is known, since no text that it was compared on has an entity of them.

    kept (Dict[str, Any]): The comparison, as `measure_retention` gives it.
    RETURNS (list[str]): The labels.
    """
    seen = [
        label
        for rows in (kept, kept.get("raw") or {})
        for label, row in rows.get("labels", {}).items()
        if row["entities"]
    ]
    return sorted(set(kept["kept_labels"]) - set(seen))


def _shorten(labels: Sequence[str]) -> str:
    more = len(labels) - SHOWN
    return ", ".join(labels[:SHOWN]) + (f" and {more} more labels" if more > 0 else "")


def _tell_loss(kept: dict[str, Any], verdict: Verdict) -> str:
    if verdict is Verdict.unknown:
        return "How much the model forgot of what its base knew is NOT KNOWN: there is nothing to measure it on"
    low, high = kept["all"]["interval"] or (0.0, 1.0)
    points = f"{100 * kept['all']['loss']:.1f} points"
    what = f"F of the base's labels fell by {points} (95 % interval: {100 * low:.1f} to {100 * high:.1f})"
    if verdict is Verdict.kept:
        told = f"It knows what its base knew: {what}" if kept["all"]["loss"] > 0 else "It knows what its base knew"
        unseen = list_unseen(kept)
        return f"{told}. Of {_shorten(unseen)} that is NOT KNOWN: the texts have none" if unseen else told
    return f"{FORGOT}: {what}" if verdict is Verdict.lost else f"It cannot be told whether it forgot too much: {what}"


def _tell_outside(kept: dict[str, Any], verdict: Verdict) -> str:
    labels = ", ".join(kept["new_labels"])
    if verdict is Verdict.unknown:
        return f"How often the model finds {labels} where none is, outside of the domain, is NOT KNOWN"
    row = kept["outside"]["all"]
    rates = f"{row['rate']:.1f} for each 1,000 words of other texts, and {row['rate_in_domain']:.1f} in the domain"
    where = {
        Verdict.kept: f"It finds few {labels} outside of the domain",
        Verdict.unclear: f"It cannot be told whether it finds too many {labels} outside of the domain",
        Verdict.lost: f"The model finds {labels} where none is",
    }[verdict]
    return f"{where}: {rates}"


def _mend_loss(kept: dict[str, Any], verdict: Verdict, limits: Limits) -> str:
    by_gold = kept.get("by") == GOLD
    limit = (
        f"--vars.max_retention_loss={limits.max_retention_loss}"
        if by_gold
        else f"--vars.min_agreement={limits.min_agreement}"
    )
    if verdict is Verdict.kept:
        return UNSEEN if list_unseen(kept) else ""
    if verdict is Verdict.unknown:
        return (
            "Give some thousand raw texts of the kinds that the base knew (--vars.raw_text), or gold entities of its "
            "labels (--vars.retention)."
        )
    if verdict is Verdict.unclear:
        return f"The limit is {limit}: more texts in --vars.{'retention' if by_gold else 'raw_text'} would tell."
    advice = {
        Strategy.update: "Give more raw text of the kinds that the base knew (--vars.raw_text; a network rehearses "
        "more of it with --vars.rehearsal), or have all of the base's entities stay (--vars.strategy=separate).",
        Strategy.surer: "Have the base's entities stay where new ones overlap with them (--vars.strategy=separate).",
    }
    return f"{advice.get(Strategy(kept['strategy']), '')} The limit is {limit}.".strip()


def _mend_outside(kept: dict[str, Any], verdict: Verdict, limits: Limits) -> str:
    limit = f"The limit is --vars.max_outside={limits.max_outside}, as a share."
    if verdict is Verdict.kept:
        return ""
    if verdict is Verdict.unknown:
        return "Give some thousand raw texts that are not of your domain (--vars.raw_text)."
    if verdict is Verdict.unclear:
        return f"{limit} More texts in --vars.raw_text would tell."
    advice = "Annotate texts of other kinds, too, in which there are none, and more of your own."
    advice += " Or have it learn from raw texts where they are not: --vars.recipe=crf, with more --vars.outside."
    return f"{advice} {limit}"
