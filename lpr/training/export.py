"""Export trained networks: weights as the torch engine loads them, ONNX as the cpu engine does, and their manifest."""

from __future__ import annotations

import shutil
from pathlib import Path

from lpr.errors import ModelError
from lpr.models.weights import FOLDER, write_manifest
from lpr.recognition.crop import INPUT_HEIGHT, INPUT_WIDTH
from lpr.training.onnx_file import trace
from lpr.training.train_reader import NETWORK, build_network, easyocr_state, save_easyocr

#: The size, in pixels, at which the detector's network is traced; it accepts any multiple of 32.
_TRACED = 640
#: ONNX's operator set: the oldest that holds the detector, so that old runtimes load it.
_OPSET = 17


def export_detector(weights: Path, folder: Path = FOLDER) -> list[Path]:
    """Write ``plate_detector.pt`` (half precision, without optimizer state) and ``plate_detector.onnx``.

    Raises ModelError when Ultralytics cannot load ``weights``.
    """
    import ultralytics
    from ultralytics.utils.torch_utils import strip_optimizer

    stored = folder / "plate_detector.pt"
    traced = folder / "plate_detector.onnx"
    if not weights.is_file():
        raise ModelError(f"{weights} is no file; give the best.pt that lpr train detector wrote")
    shutil.copyfile(weights, stored)
    strip_optimizer(stored)
    _forget_run(stored)
    written = ultralytics.YOLO(str(stored)).export(
        format="onnx", dynamic=True, imgsz=_TRACED, opset=_OPSET, simplify=True
    )
    if Path(written) != traced:
        shutil.move(written, traced)
    if folder == FOLDER:
        write_manifest([stored.name, traced.name])
    return [stored, traced]


def export_reader(weights: Path, folder: Path = FOLDER) -> list[Path]:
    """Write ``plate_reader.pth`` (EasyOCR's form) and ``plate_reader.onnx``: any number of pictures at a time.

    Raises ModelError when ``weights`` do not fit the network of ``plate_reader.yaml``.
    """
    import torch

    if not weights.is_file():
        raise ModelError(f"{weights} is no file; give the {NETWORK}.pth that lpr train reader wrote")
    network = build_network()
    try:
        network.load_state_dict(easyocr_state(weights))
    except (RuntimeError, KeyError) as error:
        raise ModelError(f"{weights} does not fit {NETWORK}.yaml; train again or restore the YAML") from error
    network.eval()
    stored, traced = folder / f"{NETWORK}.pth", folder / f"{NETWORK}.onnx"
    save_easyocr(network, stored)
    example = torch.zeros(2, 1, INPUT_HEIGHT, INPUT_WIDTH)
    trace(network, example, "picture", traced)
    if folder == FOLDER:
        write_manifest([f"{NETWORK}.py", f"{NETWORK}.yaml", stored.name, traced.name])
    return [stored, traced]


def _forget_run(path: Path) -> None:
    """Reduce the paths in a checkpoint's training arguments to file names; they would go on into the ONNX file."""
    import torch

    checkpoint = torch.load(path, map_location="cpu", weights_only=False)  # written by Ultralytics just now
    checkpoint.pop("git", None)
    arguments = [checkpoint.get("train_args"), getattr(checkpoint.get("model"), "args", None)]
    for known in arguments:
        if isinstance(known, dict):
            known.update(
                {name: Path(value).name for name, value in known.items() if isinstance(value, str) and "/" in value}
            )
    if hasattr(checkpoint["model"], "pt_path"):
        checkpoint["model"].pt_path = path.name
    torch.save(checkpoint, path)
