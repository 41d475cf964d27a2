"""fwgen turns a quantized .tflite model into a verified bare-metal C project."""

__version__ = "0.1.0"

SCHEMA = 1
"""Version of all JSON that fwgen writes."""

DUMPS = ("graph", "selection", "plan", "program")
"""The stages that ``fwgen build --dump`` prints."""

KERNELS = ("auto", "cmsis-nn", "fwgen", "reference")
"""Whose kernels ``fwgen build --kernels`` takes, the default first."""

DEFAULT_PREFIX = "fw_model"
"""With which a model's C symbols begin, unless ``fwgen build --name`` says otherwise."""

GOALS = ("balanced", "speed", "size", "ram")
"""What ``fwgen build --optimize`` chooses kernels for, the default first."""
