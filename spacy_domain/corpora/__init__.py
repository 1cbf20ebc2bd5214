"""Records -> Docs -> splits -> DocBins, and the audit of what became of every span."""
