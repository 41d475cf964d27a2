"""Makes the models in ``models/`` from scratch; their results are committed.

Needs packages that nothing else here needs: tensorflow-cpu 2.21 and scikit-learn 1.7 or newer.
Run it in a virtual environment of its own, from anywhere:

    pip install tensorflow-cpu==2.21 scikit-learn && python tools/make_models.py

It writes
- digits.tflite: an int8 classifier of 8x8 grey images of handwritten digits, trained on the UCI
  data set that ships with scikit-learn; int8 input (1, 8, 8, 1), int8 output (1, 10);
- digits_inputs.npz: held-out images as its inputs, int8 (N, 8, 8, 1), and their labels, uint8 (N);
- mixed_ops.tflite, float_io.tflite: what TensorFlow's converter makes of the operators that digits
  does not have, with int8 and with float inputs and outputs;
- dynamic_shape.tflite: the same for SQUEEZE and EXPAND_DIMS, which it writes only where sizes are
  unknown; the file has 1 for those.

Seeds are fixed and TensorFlow is told to be deterministic; another release or CPU may still train
to slightly different weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

MODELS = Path(__file__).resolve().parent.parent / "models"
SEED = 7
HELD_OUT = 450
EPOCHS = 80
layers = tf.keras.layers

Samples = Callable[[], Iterator[list[np.ndarray]]]


def main() -> None:
    MODELS.mkdir(exist_ok=True)
    make_digits()
    for name, function, shape, io in (
        ("mixed_ops", mixed_ops, (1, 8, 8, 4), tf.int8),
        ("float_io", mixed_ops, (1, 8, 8, 4), tf.float32),
        ("dynamic_shape", dynamic_shape, (None, None, 1, 24), tf.int8),
    ):
        concrete = tf.function(function).get_concrete_function(tf.TensorSpec(shape, tf.float32))
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
        save(name, convert(converter, partial(noise, [n or 1 for n in shape]), io))


def make_digits() -> None:
    """Train, quantize and save the classifier and its held-out inputs."""
    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    digits = load_digits()
    images = (digits.images[..., np.newaxis] / 16).astype(np.float32)
    train_x, test_x, train_y, test_y = train_test_split(
        images, digits.target, test_size=HELD_OUT, random_state=SEED, stratify=digits.target
    )
    model = digits_network()
    model.compile(
        tf.keras.optimizers.Adam(
            tf.keras.optimizers.schedules.CosineDecay(4e-3, EPOCHS * len(train_x) // 32)
        ),
        tf.keras.losses.SparseCategoricalCrossentropy(),
    )
    data = tf.data.Dataset.from_tensor_slices((train_x, train_y)).shuffle(2000, seed=SEED)
    model.fit(data.map(shift).batch(32), epochs=EPOCHS, verbose=0)

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    content = convert(converter, lambda: ([x[np.newaxis]] for x in train_x[:300]), tf.int8)
    save("digits", content)

    scale, zero_point = tf.lite.Interpreter(model_content=content).get_input_details()[0][
        "quantization"
    ]
    inputs = np.clip(np.round(test_x / scale) + zero_point, -128, 127).astype(np.int8)
    path = MODELS / "digits_inputs.npz"
    np.savez_compressed(path, inputs=inputs, labels=test_y.astype(np.uint8))
    accuracy = np.mean(model.predict(test_x, verbose=0).argmax(1) == test_y)
    print(f"{path.name}: {len(inputs)} images, accuracy before quantization {accuracy:.4f}")


def digits_network() -> tf.keras.Model:
    """A small CNN with each layer type of today's mobile networks."""

    def normalized(x: tf.Tensor) -> tf.Tensor:
        return layers.ReLU(6.0)(layers.BatchNormalization()(x))

    x = inputs = layers.Input((8, 8, 1), batch_size=1)
    x = normalized(layers.Conv2D(16, 3, padding="same", use_bias=False)(x))
    x = normalized(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    x = normalized(layers.Conv2D(24, 1, use_bias=False)(x))
    x = layers.MaxPooling2D(2)(x)
    x = normalized(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    x = normalized(layers.Conv2D(48, 1, use_bias=False)(x))
    x = layers.AveragePooling2D(2)(x)
    x = layers.Dense(10)(layers.Dropout(0.2)(layers.Flatten()(x)))
    return tf.keras.Model(inputs, layers.Softmax()(x))


def shift(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The image moved by up to one pixel, black moving in."""
    return tf.image.random_crop(tf.pad(image, [[1, 1], [1, 1], [0, 0]]), (8, 8, 1)), label


def mixed_ops(x: tf.Tensor) -> tf.Tensor:
    """Every operator that fwgen supports and digits does not have; x is (1, 8, 8, 4)."""
    a, b = tf.nn.relu(x), tf.nn.relu6(x)
    margin = [[0, 0], [1, 1], [1, 1], [0, 0]]
    a = tf.nn.max_pool2d(tf.pad(a, margin), 2, 2, "VALID")
    b = tf.nn.avg_pool2d(tf.pad(b, margin), 3, 2, "SAME")
    c, d = tf.sigmoid(a), tf.tanh(b - 0.5)
    e = tf.concat([tf.minimum(c * d, b), tf.maximum(a - d, c + b)], -1)
    e = tf.transpose(e, [0, 3, 1, 2])[:, 1:7:2, 1:, :-1]
    e = tf.reduce_mean(tf.squeeze(e, 0), 1)
    return tf.nn.softmax(tf.expand_dims(e, 0))


def dynamic_shape(x: tf.Tensor) -> tf.Tensor:
    """SQUEEZE and EXPAND_DIMS of an x (?, ?, 1, 24) with two unknown sizes."""
    x = tf.nn.relu(tf.squeeze(tf.tanh(x), 2))
    return tf.expand_dims(x * 0.5 + 0.25, 1)


def noise(shape: list[int]) -> Iterator[list[np.ndarray]]:
    """Samples to calibrate on."""
    rng = np.random.default_rng(SEED)
    for _ in range(100):
        yield [rng.normal(0, 1.5, shape).astype(np.float32)]


def convert(converter: tf.lite.TFLiteConverter, samples: Samples, io: tf.DType) -> bytes:
    """The .tflite bytes: int8 inside, inputs and outputs of type ``io``."""
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = io
    return bytes(converter.convert())


def save(name: str, content: bytes) -> None:
    path = MODELS / f"{name}.tflite"
    path.write_bytes(content)
    print(f"{path.name}: {len(content)} bytes")


if __name__ == "__main__":
    main()
