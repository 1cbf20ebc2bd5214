"""Numbers: what a pipeline gets right and wrong on a corpus."""
