"""Bases, each trained once."""

import bases
import pytest


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Make a base of a topology, once."""
    made = {}

    def get(topology):
        if topology not in made:
            folder = tmp_path_factory.mktemp("bases")
            arguments = [folder / "bert"] if "transformer" in topology else []
            made[topology] = bases.make_base(getattr(bases, topology), folder / topology, *arguments)
        return made[topology]

    return get
