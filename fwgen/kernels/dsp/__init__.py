"""The common part of families for the DSP extension (dsp): headers, and the clamp of outputs."""
