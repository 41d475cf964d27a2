"""The streaming wake word: sound becomes features, features activations, and these detections."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fwgen.cli import main
from fwgen.host.oracle import Oracle
from tests.device.mlperf.host import Host
from tests.device.mlperf.sound_board import RATE_HZ, STEP_SAMPLES, SoundBoard
from tests.device.mlperf.task_models import FACTS, model_of
from tests.device.mlperf.through_board import ThroughBoard
from tests.device.stand_in_board import plugged_in

BOARD, THRESHOLD = "corstone-300", 115
ROWS, BANDS = FACTS["sww01"].shape
MODEL = model_of("sww01", seed=4)  # which some of the sounds below excite, and some do not


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("card")


@pytest.fixture(scope="module")
def host(card: Path) -> Iterator[ThroughBoard]:
    (card / "m.tflite").write_bytes(MODEL)
    words = ["build", str(card / "m.tflite"), "-b", BOARD, "--mlperf", "sww01", "-q"]
    assert main([*words, "-o", str(card / "p")]) == 0
    image, sound = card / "p" / "build" / "firmware.elf", card / "sound"
    with plugged_in(BOARD, image, "-serial", f"unix:{sound},server=on,wait=off") as port:
        Host(port).close()
        board = SoundBoard(port, sound, card)
        host = ThroughBoard(board.port)
        yield host
        host.close()
        board.close()


def sound_of(steps: int, seed: int) -> np.ndarray:
    """A sweep that grows, and noise; silence and full scale among it."""
    rng, n = np.random.default_rng(seed), np.arange(steps * STEP_SAMPLES)
    sweep = np.sin(2e-6 * n**2 * np.pi) * np.exp(n / len(n) * 9 - 9)
    made = 32_000 * sweep + rng.normal(0, 30, len(n))
    made[: STEP_SAMPLES * (steps // 8)] = 0
    made[-100:] = 40_000
    return np.clip(made, -32_768, 32_767).astype("<i2")


def mel(hertz: np.ndarray) -> np.ndarray:
    return 1127.0 * np.log(1.0 + hertz / 700.0)


def bands() -> np.ndarray:
    """TensorFlow's ``linear_to_mel_weight_matrix`` by its documentation: triangles between edges
    that are evenly spaced in mel; nothing of 0 Hz."""
    edges = np.linspace(0.0, mel(np.array(RATE_HZ / 2)), BANDS + 2)
    at = mel(np.fft.rfftfreq(1024, 1 / RATE_HZ))[:, None]
    rising = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return weights


def expected_input(samples: np.ndarray) -> np.ndarray:
    """What the model is to see after all steps, computed in 64 bits; by ``get_lfbe_func`` of
    ``benchmark/training/streaming_wakeword`` in mlcommons/tiny."""
    real = np.concatenate([np.zeros(1024), samples / 32_768.0])
    weights, rows = bands(), np.zeros((ROWS, BANDS), np.int8)
    for end in range(1024 + STEP_SAMPLES, len(real) + 1, STEP_SAMPLES):
        now, before = real[end - 1024 : end], real[end - 1025 : end - 1]
        spectrum = np.fft.rfft((now - 31 / 32 * before) * np.hamming(1024))
        level = 10 * np.log10(np.maximum(np.abs(spectrum) ** 2 / 1024 @ weights, 1e-30))
        share = np.clip((level + 52) / 64, 0, 1)
        value = np.trunc(share / float(np.float32(FACTS["sww01"].scale)) - 128)
        rows = np.vstack([rows[1:], np.clip(value, -128, 127).astype(np.int8)])
    return rows.reshape(1, -1)


@pytest.mark.parametrize("steps", [1, 9, 34])
def test_sound_is_heard_and_words_are_detected(host: ThroughBoard, card: Path, steps: int) -> None:
    samples = sound_of(steps, steps)
    with wave.open(str(card / "sound.wav"), "wb") as file:
        file.setparams((2, 2, RATE_HZ, len(samples), "NONE", ""))
        both = np.stack([samples, np.flip(samples)], axis=1)
        file.writeframes(both.tobytes())
    assert host.ask("stop") == ["e-[It does not listen]", "m-ready"]
    assert re.fullmatch(r"m-lap-us-\d+", host.ask("start")[0])
    assert host.ask("start") == ["e-[It listens already]", "m-ready"]
    host.ask_board("record_detections")
    assert host.ask_board("play sound.wav") == []
    said = "".join(host.ask("stop"))
    found = re.search(r"target activations: \[(.*)\]m-ready$", said)
    assert found
    activations = [int(each) for each in found[1].split(",")]
    assert len(activations) == steps

    heard = "".join(line.removeprefix("m-buffer-") for line in host.ask("db print")[:-1])
    input_ = np.frombuffer(bytes.fromhex(heard.replace("-", "")), np.int8).reshape(1, -1)
    off = np.abs(input_.astype(int) - expected_input(samples))
    assert off.max() <= 1 and np.mean(off == 0) > 0.98, "but where 32 bits fall short of a step"
    assert steps < ROWS or len(np.unique(input_)) > 100
    with Oracle(MODEL) as oracle:
        assert activations[-1] == oracle.invoke([input_])[0][0, 0]

    first, *rows = host.ask_board("print_detections")
    step_ms = 1000 * STEP_SAMPLES // RATE_HZ
    loud = [number for number, value in enumerate(activations) if value > THRESHOLD or number == 0]
    assert first == "Detection Timestamps (ms)"
    assert rows == [f"{(number + 1) * step_ms}," for number in loud]
    assert steps < ROWS or 1 < len(loud) < steps
    assert len(host.ask_board("print_dutycycle")) == 4
