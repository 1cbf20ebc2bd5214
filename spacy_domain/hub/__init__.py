"""A wheel and its model card -> a repository on the Hugging Face Hub."""
