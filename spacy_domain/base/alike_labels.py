"""Annotated labels that the base seems to have under another name: Person is its PERSON, LOCATION its LOC.

They are told, and nothing more: as two labels, each has its own entities, and only people know whether they mean one.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from spacy.tokens import Doc

# Short and long forms that corpora of named entities use of one label; no two of these sets share one
FORMS = (
    {"per", "pers", "person", "people"},
    {"loc", "location", "place"},
    {"org", "organization", "organisation"},
    {"gpe", "geopolitical entity"},
    {"misc", "miscellaneous"},
    {"fac", "facility"},
    {"prod", "product"},
    {"evt", "event"},
    {"lang", "language"},
    {"pct", "percent", "percentage"},
    {"qty", "quantity"},
    {"norp", "nationality"},
)
LEAST, MOST_SAME = 5, 0.8  # entities with a label, and the share of them that the base calls the same
LOOKED_AT = 500  # texts


def find_alike(
    annotated: Iterable[Doc], predicted: Iterable[Doc], labels: Collection[str]
) -> dict[str, tuple[str, int, int]]:
    """Find annotated labels that may be one of the base's under another name: they are spelled alike, or most of their
    entities are the base's, too, with one and the same label. If that is so of two, they tell apart what the base does
    not, and are none of its labels. If the base has yet another label for more of the entities, a long form is not what
    its short form is: a LOCATION that is a GPE is no LOC.

    annotated (Iterable[Doc]): The annotated texts.
    predicted (Iterable[Doc]): The same, as the base reads them.
    labels (Collection[str]): All labels of the base.
    RETURNS (dict[str, tuple[str, int, int]]): By annotated label: the base's, how many entities both have with these
        two, and how many are annotated.
    """
    counts, same = Counter[str](), dict[str, Counter]()
    for gold, found in zip(annotated, predicted, strict=True):
        theirs = {(ent.start_char, ent.end_char): ent.label_ for ent in found.ents}
        for ent in gold.ents:
            counts[ent.label_] += 1
            label = theirs.get((ent.start_char, ent.end_char))
            same.setdefault(ent.label_, Counter()).update([label] if label else [])
    forms = {_form(label): label for label in sorted(labels)}
    alike, called = dict[str, str](), dict[str, list[str]]()
    for label in sorted(set(counts) - set(labels)):
        usual, times = max(same[label].items(), key=lambda item: (item[1], item[0]), default=("", 0))
        other = forms.get(_form(label))
        if other and (times <= same[label][other] or label.casefold() == other.casefold()):
            alike[label] = other
        elif counts[label] >= LEAST and times >= MOST_SAME * counts[label]:
            called.setdefault(usual, []).append(label)
    alike |= {label: other for other, (label, *more) in called.items() if not more and other not in counts}
    return {label: (other, same[label][other], counts[label]) for label, other in sorted(alike.items())}


def _form(label: str) -> str:
    """RETURNS (str): The same for labels that differ by case, by what stands between words, by number or as above."""
    words = "".join(letter if letter.isalnum() else " " for letter in label.casefold()).split()
    form = " ".join(words).removesuffix("s")
    forms = (sorted(forms)[0] for forms in FORMS if form in {one.removesuffix("s") for one in forms})
    return next(forms, form.replace(" ", "")) or label  # an emoji may be a label


def tell_alike(alike: Mapping[str, tuple[str, int, int]], names: Mapping[str, str]) -> tuple[str, str] | None:
    """Put into words which labels may be the base's.

    alike (Mapping[str, tuple[str, int, int]]): As `find_alike` gives it.
    names (Mapping[str, str]): New names that annotated labels were given, on purpose.
    RETURNS (Optional[tuple[str, str]]): What is so, and what to do about it; None if none is.
    """
    found = {label: one for label, one in alike.items() if label not in names.values()}
    if not found:
        return None
    pairs = "; ".join(
        f"{label} is {other}, it seems (which the base says of {same} of {count})"
        for label, (other, same, count) in found.items()
    )
    rule = ",".join(f"{label}={other}" for label, other in {**names, **{one: found[one][0] for one in found}}.items())
    return (
        f"The base has labels of yours under other names: {pairs}",
        f"If they mean the same, give yours the base's: --vars.on_shared_labels={rule}. As it is, they are two labels, "
        "and the model finds both.",
    )
