"""An exported network, run on the CPU: by OpenVINO, or by ONNX Runtime where OpenVINO is not to be had.

Neither torch nor anything that imports it is loaded: that alone takes longer than reading a photo.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lpr.errors import EngineError, ModelError

#: OpenVINO's default on CPUs that have it is bf16: twice as fast, but its figures differ from the torch engine's.
PRECISION = "f32"
#: What is seen many times over, the plates of footage, is computed in this where the processor knows it.
QUICK_PRECISION = "bf16"
#: For each shape of its input OpenVINO prepares a network anew and keeps that: 8 MB for each of the detector's shapes,
#: in 100 entries; without a bound up to 5,000 of them. What is no longer kept is prepared again, which takes 30 ms.
KEPT = 3000


class Network(Protocol):
    """One array in, one array out. Not for two threads at once."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """``batch`` is float32, its first axis the pictures; so is the answer's."""
        ...


class OpenVinoNetwork:
    """A network compiled by OpenVINO; the compiled form is kept in the user's cache folder for the next start."""

    def __init__(self, path: Path, threads: int | None = None, quick: bool = False) -> None:
        import filelock

        openvino = _openvino()
        core = openvino.Core()
        precision = PRECISION
        if quick and "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            precision = QUICK_PRECISION
        config: dict[str, object] = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        config["CPU_RUNTIME_CACHE_CAPACITY"] = KEPT
        if threads is not None:
            config["INFERENCE_NUM_THREADS"] = threads
        cache = cache_folder()
        if cache is not None:
            config["CACHE_DIR"] = str(cache)
        try:
            # Programs that keep the same form at once fail, or crash: one reads what the other is only writing.
            with contextlib.nullcontext() if cache is None else filelock.FileLock(cache / "lock"):
                self._compiled = core.compile_model(str(path), "CPU", config)
        except RuntimeError as error:
            raise ModelError(f"{path}: OpenVINO cannot load this network; install lpr again") from error

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        # A copy: OpenVINO's answer lies in memory that its next run writes over.
        return np.array(self._compiled(batch)[0], dtype=np.float32)


class OnnxRuntimeNetwork:
    """The same by ONNX Runtime: half as fast, but to be had where OpenVINO is not."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as states

        # ONNX Runtime's errors have no base of their own.
        refused = (states.InvalidArgument, states.InvalidGraph, states.InvalidProtobuf, states.NotImplemented)
        failed = (states.Fail, states.NoSuchFile, states.RuntimeException)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except (*refused, *failed) as error:
            raise ModelError(f"{path}: ONNX Runtime cannot load this network; install lpr again") from error
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        answer: np.ndarray = self._session.run(None, {self._input: batch})[0]
        return answer


def open_network(path: Path, threads: int | None = None, quick: bool = False) -> Network:
    """The network ``path`` (ONNX), ready to run on ``threads`` threads, by default one per core.

    ``quick`` computes in fewer digits where the processor can: the answer is the same in two or three of them.

    Raises EngineError when neither runtime is installed, ModelError when the file is no network.
    """
    try:
        return OpenVinoNetwork(path, threads, quick)
    except ImportError:
        pass
    try:
        return OnnxRuntimeNetwork(path, threads)
    except ImportError as error:
        raise EngineError(
            "the cpu engine needs OpenVINO or ONNX Runtime; run: pip install openvino (or onnxruntime)"
        ) from error


def _openvino() -> Any:
    """The module openvino, imported without its converter.

    The converter costs a third of the import, and its import sends a usage event to Google Analytics: a program that
    reads plates sends nothing to anyone.
    """
    converter = "openvino.tools.ovc"
    if converter in sys.modules:
        import openvino

        return openvino
    # None makes the import of it fail, which openvino allows for.
    sys.modules[converter] = None  # type: ignore[assignment]
    try:
        import openvino
    finally:
        del sys.modules[converter]
    return openvino


def cache_folder() -> Path | None:
    """The folder for compiled networks, made if need be; None where none can be written: then start-up is slower."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("lpr")) / "openvino"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None
