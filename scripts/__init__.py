"""The commands of project.yml, one module each."""

import sys

from spacy_domain.project.starting import start

start(as_command=sys.argv[:1] == ["-m"])
