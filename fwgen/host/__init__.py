"""The host machine: its files, processes, packages and programs."""
