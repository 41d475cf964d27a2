"""Energy probes against stand-ins: what they measure of a known current, and what they notice."""
