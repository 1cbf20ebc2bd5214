"""Raw texts -> suggestions -> decisions of people -> a better model: suggestions, review, agreement."""
