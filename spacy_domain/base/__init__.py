"""What a pipeline is built on, and the training config that follows from it."""
