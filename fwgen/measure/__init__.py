"""Measurements: what is true of an image."""
