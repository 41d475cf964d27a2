"""UNIDIRECTIONAL_SEQUENCE_LSTM: the operator's own cases, each of some hundred calls."""

GENERATORS = ()

EACH = 5
