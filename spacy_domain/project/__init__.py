"""What all rooms stand on: errors, the terminal, outputs that appear whole, one run at a time, and what is fresh."""
