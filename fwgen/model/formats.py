"""What a file that is no .tflite model may be instead, by its first bytes."""

from __future__ import annotations

_FORMATS = (
    (b"\x89HDF", "an HDF5 file, such as a Keras .h5 model"),
    (b"PK\x03\x04", "a zip archive, such as a .keras or PyTorch model"),
    (b"\x80\x02", "a Python pickle, such as an old PyTorch model"),
    (b"\x08\x01\x12", "the saved_model.pb of a TensorFlow SavedModel"),
    *((bytes([0x08, version, 0x12]), "an ONNX model") for version in range(3, 16)),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "an ELF file"),
    (b"GGUF", "a GGUF model"),
    (b"version https://git-lfs", "a Git LFS pointer instead of the file it stands for"),
    (b"<", "an HTML or XML page"),
    (b"unsigned char", "C source made from a model"),
    (b"#include", "C source made from a model"),
)
_SHOWN_BYTES = 16


def describe(data: bytes) -> str:
    """What ``data`` is or looks like, as the end of a sentence."""
    if not data:
        return "it is empty"
    for start, what in _FORMATS:
        if data[:64].lstrip().startswith(start):
            return f"it looks like {what}"
    return f"it starts with the bytes {data[:_SHOWN_BYTES].hex(' ')}"
