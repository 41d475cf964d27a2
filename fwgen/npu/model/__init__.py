"""The functional model of the NPU."""
