"""Exported networks on the CPU: two runtimes, one answer, and nothing sent or loaded that is not needed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest

import lpr
from lpr.errors import EngineError, ModelError
from lpr.recognition.network import OnnxRuntimeNetwork, OpenVinoNetwork, cache_folder, open_network


@pytest.fixture(scope="module")
def doubling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of one addition, x + x, for any number of rows; written by hand, for onnx is not needed to run one."""
    return write_doubling(tmp_path_factory.mktemp("network") / "doubling.onnx")


def field(number: int, value: bytes | int) -> bytes:
    """A protocol buffer field: a number as varint, bytes with their length."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def write_doubling(path: Path) -> Path:
    shape = field(2, field(1, field(2, b"n")) + field(1, field(1, 3)))
    value = field(2, field(1, field(1, 1) + shape))
    node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"Add")
    graph = field(1, node) + field(2, b"g") + field(11, field(1, b"x") + value) + field(12, field(1, b"y") + value)
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 13)))
    return path


@pytest.mark.parametrize("kind", [OpenVinoNetwork, OnnxRuntimeNetwork])
def test_both_runtimes_run_any_number_of_rows(
    doubling: Path, kind: type[OpenVinoNetwork] | type[OnnxRuntimeNetwork]
) -> None:
    network = kind(doubling, threads=1)
    first = network(np.array([[1, 2, 3]], np.float32))
    second = network(np.array([[4, 5, 6], [7, 8, 9]], np.float32))
    assert first.tolist() == [[2, 4, 6]]  # and not what the second run left in its memory
    assert second.tolist() == [[8, 10, 12], [14, 16, 18]]


@pytest.mark.parametrize("kind", [OpenVinoNetwork, OnnxRuntimeNetwork])
def test_a_file_that_is_no_network_is_a_model_error(
    tmp_path: Path, kind: type[OpenVinoNetwork] | type[OnnxRuntimeNetwork]
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"broken\.onnx: .* cannot load this network; install lpr again"):
        kind(broken)


def test_programs_that_start_at_once_do_not_trip_over_the_compiled_form(tmp_path: Path) -> None:
    """Without a lock some of them died of a bus error, or of a file that was not there yet."""
    reader = Path(lpr.__file__).parent / "models" / "plate_reader.onnx"
    start = (
        "import sys, pathlib, platformdirs\n"
        "platformdirs.user_cache_dir = lambda name: sys.argv[1]\n"
        "from lpr.recognition.network import OpenVinoNetwork\n"
        "sys.stdin.read()\n"
        "OpenVinoNetwork(pathlib.Path(sys.argv[2]), threads=1)\n"
    )
    command = [sys.executable, "-c", start, str(tmp_path), str(reader)]
    programs = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    for program in programs:
        assert program.stdin is not None
        program.stdin.close()
    for program in programs:
        assert program.stderr is not None
        assert (program.wait(60), program.stderr.read()) == (0, b"")
    assert list((tmp_path / "openvino").glob("*.blob"))


def test_without_openvino_onnx_runtime_takes_over(doubling: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert isinstance(open_network(doubling), OnnxRuntimeNetwork)


def test_without_both_the_error_names_the_remedy(doubling: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineError, match="pip install openvino"):
        open_network(doubling)


def test_the_cache_is_written_and_an_unwritable_one_is_done_without(
    doubling: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _name: str(tmp_path / "cache"))
    OpenVinoNetwork(doubling)
    assert list((tmp_path / "cache" / "openvino").iterdir())
    # A file where the folder should be: not even root can write into it.
    (tmp_path / "file").touch(mode=stat.S_IRUSR)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _name: str(tmp_path / "file"))
    assert cache_folder() is None
    assert OpenVinoNetwork(doubling)(np.ones((1, 3), np.float32)).tolist() == [[2, 2, 2]]


def test_reading_loads_no_torch_and_sends_no_usage_event(doubling: Path) -> None:
    """OpenVINO's converter sends an event to Google Analytics when it is imported, which `import openvino` does."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lpr.recognition.network import open_network\n"
        f"network = open_network(Path({str(doubling)!r}))\n"
        "assert type(network).__name__ == 'OpenVinoNetwork'\n"
        "unwanted = {'torch', 'ultralytics', 'easyocr', 'openvino_telemetry', 'openvino.tools.ovc'}\n"
        "print(sorted(unwanted & sys.modules.keys()))\n"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
