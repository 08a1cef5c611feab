"""Doubts: labels that the rest of the data speaks against, ranked, shown, and sent back to be judged again."""
