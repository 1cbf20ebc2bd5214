"""Numbers -> a page to look at, and a model card."""
