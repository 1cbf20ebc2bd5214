"""What scores tell a reader to do, or not to believe."""

from typing import Any

from ..scoring.few import FEW_ENTITIES, FEWEST

COMMAND = "spacy project run cross-validate . --vars.cross_validate=always"
WEAK = 0.1  # how far F of a label is below that of all, to be called weak


def find_weakest(metrics: dict[str, Any]) -> list[str]:
    """RETURNS (list[str]): Up to three labels whose F is far below that of all, the worst first."""
    weak = {
        label: scores["f"]
        for label, scores in metrics["ents_per_type"].items()
        if scores["f"] < metrics["ents_f"] - WEAK and metrics["counts"].get(label, {}).get("gold")
    }
    return sorted(weak, key=lambda label: weak[label])[:3]


def find_cautions(metrics: dict[str, Any], cross_validated: bool) -> list[str]:
    """Find what keeps the scores from meaning much.

    metrics (dict[str, Any]): The scores.
    cross_validated (bool): Whether the page shows scores of all texts, too.
    RETURNS (list[str]): What it is, in sentences; none where there are no scores of texts that it had not seen.
    """
    if not metrics.get("evidence", True):
        return []
    cautions = []
    more = f" To score all texts, not these alone: {COMMAND}." if not cross_validated else ""
    if metrics["texts"] < FEWEST:
        cautions.append(
            f"With so few texts to test on, nobody knows how the model does on others: annotate more texts.{more}"
        )
    elif metrics["total"]["gold"] < FEW_ENTITIES:
        cautions.append(
            f"There are few entities to test on: take the intervals seriously, and annotate more texts.{more}"
        )
    if (metrics["baseline"]["ents_f"] or 0) >= metrics["ents_f"]:
        cautions.append(
            "The model is no better than looking up the training entities: it has not learned to generalize."
        )
    return cautions
