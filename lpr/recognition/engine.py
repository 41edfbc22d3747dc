"""Engines: the two ways to run the shipped networks, and the choice between them.

``cpu`` runs the exported networks and imports neither torch, ultralytics nor easyocr; ``torch`` is those themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lpr.errors import EngineError
from lpr.models import weights as models
from lpr.recognition.detector import PlateDetector
from lpr.recognition.jurisdiction import PlateJudge
from lpr.recognition.reader import PlateReader
from lpr.recognition.scales import Sized, TwoScales
from lpr.recognition.second_look import CLOSE_IMGSZ, SecondLook
from lpr.recognition.second_reading import SecondReading
from lpr.recognition.settings import Settings

if TYPE_CHECKING:
    from lpr.recognition.detector_onnx import OnnxDetector

Engine = Literal["auto", "cpu", "torch"]

# Where an NVIDIA driver shows itself: Linux, Windows, Windows' Linux. Looking costs nothing, importing torch seconds.
_DRIVERS = ("/proc/driver/nvidia/version", "C:/Windows/System32/nvcuda.dll", "/usr/lib/wsl/lib/libcuda.so")


def choose(engine: Engine, device: str | None) -> tuple[Literal["cpu", "torch"], str]:
    """The engine to use, and the device as torch names it. Raises EngineError with a remedy."""
    if engine not in ("auto", "cpu", "torch"):
        raise EngineError(f"there is no engine {engine!r}; use auto, cpu or torch")
    if engine == "cpu" or (engine == "auto" and device == "cpu"):
        if device not in (None, "cpu"):
            raise EngineError(f"the cpu engine does not run on {device!r}; use the torch engine for it, or no device")
        return "cpu", "cpu"
    if engine == "auto" and device is None:
        return ("torch", "cuda:0") if _cuda_is_there() else ("cpu", "cpu")
    return "torch", _torch_device(device)


def load_detector(
    engine: Literal["cpu", "torch"], device: str, settings: Settings, threads: int | None = None
) -> PlateDetector:
    """The shipped detector; ``threads`` of the cpu engine, one per core by default. Raises ModelError, EngineError."""
    if engine == "cpu":
        return _looking(_onnx_detector(settings, threads), settings)
    try:
        from lpr.recognition.detector_yolo import YoloDetector

        path = models.weights("plate_detector.pt")
        return _looking(YoloDetector(path, settings.detector_floor, settings.imgsz, device), settings)
    except ImportError as error:
        raise EngineError("the torch engine needs Ultralytics; run: pip install ultralytics") from error


def load_quick(settings: Settings, threads: int | None = None) -> tuple[SecondLook, PlateReader]:
    """The cpu engine's networks for footage, where each plate is seen many times over: in fewer digits.

    Raises ModelError, EngineError.
    """
    look = _onnx_detector(settings, threads, quick=True)
    return SecondLook(look, look.at(CLOSE_IMGSZ)), _onnx_reader(settings, threads, quick=True)


def _onnx_detector(settings: Settings, threads: int | None, quick: bool = False) -> OnnxDetector:
    from lpr.recognition.detector_onnx import OnnxDetector
    from lpr.recognition.network import open_network

    path = models.weights("plate_detector.onnx")
    network = open_network(path, threads, quick)
    return OnnxDetector(path, settings.detector_floor, settings.imgsz, network=network)


def _onnx_reader(settings: Settings, threads: int | None, quick: bool = False) -> SecondReading:
    from lpr.recognition.network import open_network
    from lpr.recognition.reader_onnx import OnnxReader

    path = models.weights("plate_reader.onnx")
    sure = settings.sure_reading if quick else settings.photo_sure_reading
    return SecondReading(OnnxReader(path, network=open_network(path, threads, quick)), sure)


def _looking(look: Sized, settings: Settings) -> SecondLook:
    photos = TwoScales(look, settings.photo_imgsz, settings.coarse_imgsz, settings.photo_scale, settings.largest_imgsz)
    return SecondLook(photos, look.at(CLOSE_IMGSZ))


def load_reader(
    engine: Literal["cpu", "torch"], device: str, settings: Settings, threads: int | None = None
) -> PlateReader:
    """The shipped reader; ``threads`` as for the detector. Raises ModelError, EngineError."""
    if engine == "cpu":
        return _onnx_reader(settings, threads)
    try:
        from lpr.recognition.reader_easyocr import EasyOcrReader

        reader = EasyOcrReader(models.weights("plate_reader.pth").parent, device=device)
        return SecondReading(reader, settings.photo_sure_reading)
    except ImportError as error:
        raise EngineError("the torch engine needs EasyOCR; run: pip install easyocr") from error


def load_judge(threads: int | None = None) -> PlateJudge:
    """The shipped judge of jurisdictions; the same for both engines, so that they never differ in it.

    ``threads`` is how many it uses, by default one per core. Raises ModelError, EngineError.
    """
    from lpr.recognition.band import Bands, OnnxBandReader
    from lpr.recognition.jurisdiction import Look, OnnxJudge

    look = Look.read(models.weights("plate_jurisdiction.json"))
    named = Bands.read(models.weights("plate_band.json"))
    bands = OnnxBandReader(models.weights("plate_band.onnx"), named, threads)
    return OnnxJudge(models.weights("plate_jurisdiction.onnx"), look, threads=threads, bands=bands)


def models_version(
    detector: PlateDetector | None, reader: PlateReader | None, judge: PlateJudge | None = None, judging: bool = True
) -> str:
    """Which networks these are: for None the shipped one's version, the same for both engines; else the class.

    ``judging`` says whether jurisdictions are judged at all. Raises ModelError.
    """
    names = f"detector {_version(detector, 'plate_detector.onnx')} reader {_version(reader, 'plate_reader.onnx')}"
    if not judging:
        return names
    band = f" band {models.version('plate_band.onnx')}" if judge is None else ""
    return f"{names} jurisdiction {_version(judge, 'plate_jurisdiction.onnx')}{band}"


def _version(model: PlateDetector | PlateReader | PlateJudge | None, shipped: str) -> str:
    return models.version(shipped) if model is None else f"{type(model).__module__}.{type(model).__qualname__}"


def _cuda_is_there() -> bool:
    if not any(Path(driver).exists() for driver in _DRIVERS):
        return False
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())


def _torch_device(device: str | None) -> str:
    try:
        import torch
    except ImportError as error:
        raise EngineError("the torch engine needs torch; run: pip install torch, or use the cpu engine") from error
    if device is None:
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    name = f"cuda:{device}" if device.isdigit() else device
    try:
        kind = torch.device(name)
    except RuntimeError as error:
        raise EngineError(f"there is no device {device!r}; use cpu, cuda:0 or mps") from error
    if kind.type == "cuda" and (kind.index or 0) >= torch.cuda.device_count():
        raise EngineError(f"this machine does not offer the device {device!r}; use --device cpu, or the cpu engine")
    if kind.type == "mps" and not torch.backends.mps.is_available():
        raise EngineError("this machine does not offer the device 'mps'; use --device cpu, or the cpu engine")
    return name
