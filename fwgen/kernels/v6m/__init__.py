"""The common part of families for Armv6-M (v6m), whose multiplier gives the lower 32 bits only."""
