"""Graph -> orders of its ops, what is in memory when, and what may lie over what."""
