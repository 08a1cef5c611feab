"""Codebook migrations: what changed from one version to the next, and how annotations and models follow."""
