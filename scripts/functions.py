"""Functions and components of your own: what your configs name by `@`, or as a factory, beyond spaCy and the engine.

Register them here, as spaCy has it (https://spacy.io/usage/training#custom-code). Every command finds them, and this
file travels inside the wheel: import spaCy and what the wheel requires, and nothing of the project.
"""
