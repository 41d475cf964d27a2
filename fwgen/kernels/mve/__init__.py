"""The common part of families for M-profile vector instructions (mve): headers, and the clamp of
outputs."""
