"""Components that travel inside the wheel; imports spaCy alone.

A base pipeline with factories of its own needs their code here too: paste it, or import the package that holds it.
"""

from spacy.language import Language
from spacy.tokens import Doc

BASE_ENTITIES = "base_entities"  # name of the span group that keeps what the base found


@Language.component("set_base_entities_aside", assigns=["doc.spans"], retokenizes=False)
def set_base_entities_aside(doc: Doc) -> Doc:
    """Clear `Doc.ents` for an entity recognizer to come, which would leave alone whatever is an entity already.

    doc (Doc): A Doc with the entities that the base pipeline found.
    RETURNS (Doc): The same Doc, with these in `Doc.spans["base_entities"]`.
    """
    doc.spans[BASE_ENTITIES] = list(doc.ents)
    doc.set_ents([], default="missing")
    return doc


@Language.component("join_base_entities", requires=["doc.spans"], assigns=["doc.ents"])
def join_base_entities(doc: Doc) -> Doc:
    """Add what the base pipeline found to the entities of the recognizer that ran after it.

    An entity of the base that overlaps with one of the recognizer gives way, and stays in `Doc.spans`.

    doc (Doc): A Doc with the recognizer's entities, and the base's set aside.
    RETURNS (Doc): The same Doc, with both as its entities.
    """
    taken = {token.i for ent in doc.ents for token in ent}
    kept = [ent for ent in doc.spans[BASE_ENTITIES] if not taken.intersection(range(ent.start, ent.end))]
    doc.set_ents([*doc.ents, *kept])
    return doc
