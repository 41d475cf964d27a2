"""fwgen turns a quantized .tflite model into a verified bare-metal C project."""

__version__ = "0.1.0"
