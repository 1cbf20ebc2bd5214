"""Tokens with tags: which columns hold them, which scheme they are in, and the texts and spans that they mean."""
