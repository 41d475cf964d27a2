"""This machine: its files, processes, packages and the programs on it."""
