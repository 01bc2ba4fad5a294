"""The report: what is asked of it, and the one builder that makes SQL of that."""
