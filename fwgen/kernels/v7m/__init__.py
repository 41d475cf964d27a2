"""The common part of families for Armv7-M without its DSP extension (v7m)."""
