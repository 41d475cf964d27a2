"""Graph -> Program: what was asked of it, and the search over whole compilations."""
