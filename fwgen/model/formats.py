"""The formats of files that are no .tflite model: told by their first bytes, with what to do
then."""

from __future__ import annotations

import re

_CONVERT = (
    "convert the model with tf.lite.TFLiteConverter, and give the .tflite file that it writes"
)
_KERAS = "convert it: tf.lite.TFLiteConverter.from_keras_model(keras.models.load_model(FILE))"
_TORCH = "export the model from PyTorch with litert-torch (ai-edge-torch), which writes a .tflite"
_ONNX = "convert it with onnx2tf, which writes .tflite files, one of them quantized (-oiqt)"
_SAVED = "convert its folder: tf.lite.TFLiteConverter.from_saved_model(FOLDER)"
_UNPACK = "unpack it, and give the .tflite file in it"
_ARRAY = "give the .tflite file from which the array was made (xxd -i MODEL.tflite made it so)"
_DOWNLOAD = "download the file itself: this is the page about it, or of an error"

_PICKLE = ("a Python pickle, such as an old PyTorch model", _TORCH)
_FORMATS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89HDF", "an HDF5 file, such as a Keras .h5 model", _KERAS),
    *((bytes([0x80, protocol]), *_PICKLE) for protocol in range(2, 6)),
    (b"\x08\x01\x12", "the saved_model.pb of a TensorFlow SavedModel", _SAVED),
    *((bytes([0x08, version]), "an ONNX model", _ONNX) for version in range(3, 16)),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7-zip archive", _UNPACK),
    (b"\x7fELF", "an ELF file", "give the model that it was built from"),
    (b"GGUF", "a GGUF model of llama.cpp", "a model of a size for microcontrollers, as .tflite"),
    (b"\x93NUMPY", "a NumPy array", "give the model; arrays go to `fwgen run --input`"),
    (
        b"version https://git-lfs",
        "a Git LFS pointer instead of the file it stands for",
        "git lfs install && git lfs pull, in the checkout that it is in",
    ),
    (b"<", "an HTML or XML page", _DOWNLOAD),
    (b"{", "JSON", "give the .tflite file; a model as JSON becomes one with flatc --binary"),
)
_ZIPPED: tuple[tuple[bytes, str, str], ...] = (
    (b"config.json", "a .keras model", _KERAS),
    (b"metadata.json", "a .keras model", _KERAS),
    (b"data.pkl", "a PyTorch model", _TORCH),
    (b"saved_model.pb", "a zip archive of a TensorFlow SavedModel", _SAVED),
    (b"", "a zip archive", _UNPACK),
)
"""By names of the files in a zip archive."""

_ARRAY_START = re.compile(rb"\b(?:unsigned char|u?int8_t|char|uchar)\b[^;{]*\[[^;{]*\][^;{]*=\s*\{")
_C_START = re.compile(rb"(?:#\s*(?:include|ifndef|pragma|define)|//|/\*|extern|const|alignas)")
_LOOKED_AT = 1 << 16
_SHOWN_BYTES = 16


def describe(data: bytes) -> tuple[str, tuple[str, ...]]:
    """What ``data`` is or looks like, as the end of a sentence, and what to try."""
    if not data:
        return "it is empty", ("copy or download it again",)
    head = data[:_LOOKED_AT]
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"PK\x03\x04"):
        # names of its files are at the beginning of each, and together at the end
        names = head + data[-_LOOKED_AT:]
        _, what, cure = next(row for row in _ZIPPED if row[0] in names)
        return f"it looks like {what}", (cure,)
    if _ARRAY_START.search(head) or (_C_START.match(start) and head.isascii()):
        return "it looks like C source made from a model", (_ARRAY,)
    for begins, what, cure in _FORMATS:
        if start.startswith(begins):
            return f"it looks like {what}", (cure,)
    shown = f"it starts with the bytes {data[:_SHOWN_BYTES].hex(' ')}"
    return shown, (_CONVERT,)
