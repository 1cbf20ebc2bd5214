"""Studies: many trainings beside the one that counts, to learn about seeds, data and annotations."""
