"""Cascades: chains of ops that are done band by band."""
