"""The verdict: whether the firmware computes what the oracle computes."""
