"""The model card: what a pipeline is for, what it was made of, how good it is and what it cannot do.

(Mitchell et al. 2019, Model Cards for Model Reporting; front matter as the Hugging Face Hub reads it.)
"""

import re
from typing import Any

import srsly
from jinja2 import Environment, PackageLoader, StrictUndefined

from .advice import find_weakest
from .figures import as_percent

# Of the licences that the Hub knows, those that models and data often have
LICENSES = (
    *("mit", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "isc", "mpl-2.0", "unlicense", "zlib"),
    *("gpl-2.0", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "eupl-1.1", "openrail", "odbl", "pddl"),
    *("cc0-1.0", "cc-by-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0"),
    *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0", "cc-by-nd-4.0"),
)


def render_card(meta: dict[str, Any], metrics: dict[str, Any], retention: dict[str, Any], audit: dict[str, Any]) -> str:
    """Write the model card.

    meta (dict[str, Any]): The package's complete meta.
    metrics (dict[str, Any]): The scores on the test split.
    retention (dict[str, Any]): What the model still knows of what its base knew.
    audit (dict[str, Any]): What became of the annotations.
    RETURNS (str): The card, in Markdown with front matter.
    """
    environment = Environment(
        loader=PackageLoader("spacy_domain.report", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["percent"] = lambda value: "–" if value is None else as_percent(value)
    environment.filters["cell"] = escape_cell
    front = srsly.yaml_dumps(front_matter(meta, metrics), sort_keys=False)
    return environment.get_template("model_card.md.jinja").render(
        front_matter=front,
        meta=meta,
        metrics=metrics,
        retention=retention,
        audit=audit,
        package=f"{meta['lang']}_{meta['name']}",
        labels=meta["entity_labels"],
        weakest=find_weakest(metrics),
    )


def front_matter(meta: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    """Tell the Hub about the pipeline: https://huggingface.co/docs/hub/model-cards.

    meta (dict[str, Any]): The package's complete meta.
    metrics (dict[str, Any]): The scores on the test split.
    RETURNS (dict[str, Any]): Tags, language, licence and scores.
    """
    scores = [
        {"name": f"NER {name}", "type": name.lower(), "value": round(metrics[f"ents_{name[0].lower()}"], 4)}
        for name in ("Precision", "Recall", "F Score")
    ]
    scores[2]["type"] = "f_score"
    data = meta["sources"][0].get("name") or "annotations"
    result = {
        "task": {"name": "NER", "type": "token-classification"},
        "dataset": {"name": data, "type": re.sub(r"[^\w.-]+", "-", data), "split": "test"},
        "metrics": scores,
    }
    return {
        "tags": ["spacy", "token-classification"],
        "language": [meta["lang"]],
        **_license(meta["license"]),
        "library_name": "spacy",
        "model-index": [
            {"name": f"{meta['lang']}_{meta['name']}", "results": [result] if metrics.get("evidence", True) else []}
        ],
    }


def _license(name: str) -> dict[str, str]:
    known = re.sub(r"[\s_]+", "-", name.strip().lower())
    if known in LICENSES:
        return {"license": known}
    return {"license": "other", "license_name": name.strip() or "not stated"}


def escape_cell(text: str) -> str:
    """RETURNS (str): A text for a cell of a Markdown table, on one line."""
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
