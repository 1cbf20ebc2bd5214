"""What is said of scores that prove little."""

FEWEST = 6  # documents: with fewer, be they all in favour of one pipeline, no test of signs tells at 5 % (2 / 2 ** 5)
FEW_ENTITIES = 100  # with fewer to test on, F is good to some ten points either way
LEFT_OUT = "left_out"  # what a cross-validation says, in the place of scores, where there are enough
NO_BETTER = (
    "The model is no better than looking up the training entities",
    "Annotate more texts, or look at metrics/errors.jsonl and corpus/audit.json for what goes wrong.",
)


def tell_few(texts: int) -> tuple[str, str]:
    """RETURNS (tuple[str, str]): What scores on so few texts tell, and what to do."""
    return (
        f"With {texts} text(s) to test on, nobody knows how the model does on others",
        "Annotate more. Until then, go by cross-validate: there, a pipeline that never saw it reads each text.",
    )
