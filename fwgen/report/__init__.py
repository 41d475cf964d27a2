"""Results -> text and JSON. Every report is a pure function of the result's data."""
