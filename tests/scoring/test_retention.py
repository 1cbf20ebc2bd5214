"""Whether a base's knowledge was lost is for an interval to say, not for one figure."""

import pytest
import spacy

from spacy_domain.project.errors import ProjectError
from spacy_domain.scoring.retention import score_agreement, score_retention
from spacy_domain.scoring.verdicts import GOLD, Limits, Verdict, judge_loss, refuse_lost, tell_verdicts

LIMITS = Limits(max_retention_loss=0.01, min_agreement=0.8, max_outside=0.1)
NAMES = [f"name{number}" for number in range(50)]


def finds(names):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": name} for name in names])
    return nlp


def measure(texts, missed):
    """What a pipeline has lost that misses some of the names that its base finds."""
    base = finds(NAMES)
    about = {"compared": True, "strategy": "update", "by": GOLD, "kept_labels": ["PERSON"], "new_labels": []}
    return {**about, **score_retention(base, finds(NAMES[missed:]), [base(text) for text in texts], {"PERSON"})}


SENTENCES = [f"please call {name} again" for name in NAMES]


@pytest.mark.parametrize("texts", [SENTENCES, [" , ".join(SENTENCES)]], ids=["50 texts", "one text"])
def test_one_entity_of_fifty_ends_no_run(texts):
    kept = measure(texts, missed=1)
    assert kept["all"]["loss"] > 0.01 and kept["all"]["interval"][0] <= 0.01 < kept["all"]["interval"][1]
    assert judge_loss(kept, LIMITS) is Verdict.unclear
    refuse_lost({**kept, "verdicts": tell_verdicts(kept, LIMITS)}, "metrics/retention.json")


@pytest.mark.parametrize("texts", [SENTENCES, [" , ".join(SENTENCES)]], ids=["50 texts", "one text"])
def test_many_entities_of_fifty_do(texts):
    kept = measure(texts, missed=10)
    assert judge_loss(kept, LIMITS) is Verdict.lost
    with pytest.raises(ProjectError, match=r"fell by 11\.1 points \(95 % interval: .* to ") as error:
        refuse_lost({**kept, "verdicts": tell_verdicts(kept, LIMITS)}, "metrics/retention.json")
    assert "PERSON: F 100.0 -> 88.9, 40 of 50 entities found" in str(error.value.places[0])
    assert judge_loss(kept, LIMITS._replace(max_retention_loss=0.5)) is Verdict.kept


def test_a_model_that_lost_all_is_refused_with_few_texts_too():
    kept = measure(SENTENCES[:2], missed=49)
    assert kept["all"]["interval"] == (1, 1) and judge_loss(kept, LIMITS) is Verdict.lost


def test_agreement_is_judged_by_its_interval_too():
    predicted = list(finds(NAMES).pipe(SENTENCES))
    verdicts = {}
    for missed in (5, 17, 40):
        kept = {"by": "agreement with the base", **score_agreement(finds(NAMES[missed:]), predicted, {"PERSON"})}
        verdicts[missed] = judge_loss(kept, LIMITS)
    assert verdicts == {5: Verdict.kept, 17: Verdict.unclear, 40: Verdict.lost}


def test_labels_that_no_text_has_are_told_to_be_unknown():
    """Those of an earlier round, say: raw texts of other kinds have none of them, and they may all be gone."""
    kept = {**measure(SENTENCES, missed=0), "kept_labels": ["DISH", "PERSON"]}
    (one,) = tell_verdicts(kept, LIMITS)
    assert one["verdict"] == Verdict.kept and "Of DISH that is NOT KNOWN" in one["told"]
    assert "--vars.retention" in one["remedy"]
    (one,) = tell_verdicts({**kept, "raw": {"labels": {"DISH": {"entities": 1}}}}, LIMITS)
    assert one["told"] == "It knows what its base knew" and not one["remedy"]
    many = [f"LABEL_{number}" for number in range(9)]
    (one,) = tell_verdicts({**kept, "kept_labels": many}, LIMITS)
    assert "LABEL_4 and 4 more labels that is NOT KNOWN" in one["told"]
