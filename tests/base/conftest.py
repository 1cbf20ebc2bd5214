"""Bases and what is built on them, each made once."""

import bases
import pytest
from dishes import evaluate, fill_config, make_project, preprocess, train


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Make a base of a topology, once."""
    made = {}

    def get(topology):
        if topology not in made:
            folder = tmp_path_factory.mktemp("bases")
            arguments = [folder / "bert"] if "transformer" in topology else []
            build = getattr(bases, topology)
            made[topology] = bases.make_base(build, folder / topology, *arguments, lang="xx")
        return made[topology]

    return get


@pytest.fixture(scope="session")
def built(base, tmp_path_factory):
    """Build on a base by a strategy, once: the project, and what its commands said. On a base that shares its tok2vec
    there is the rule for seen entities, too; one that is updated learns for long enough to be any good."""
    made = {}

    def get(topology, strategy):
        if (topology, strategy) not in made:
            path = base(topology)
            learns = (topology, strategy) == ("own_tok2vec", "update")
            project = make_project(tmp_path_factory.mktemp("built") / "project", steps=120 if learns else 24)
            if topology == "shared_tok2vec":
                project.edit("configs/cnn.cfg", '"ner"]', '"ner","seen_entities"]')
            told = preprocess(project, path, strategy).stdout
            fill_config(project, path, strategy)
            train(project, path, strategy)
            told += evaluate(project, path, strategy, max_retention_loss=0.01 if learns else 1.0).stdout
            made[topology, strategy] = project, told
        return made[topology, strategy]

    return get
