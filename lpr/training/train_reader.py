"""Train the plate reader: synthetic plates without end, real crops seen anew, places without a plate; CTC loss."""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import DatasetError
from lpr.models.weights import FOLDER
from lpr.normalize import ALPHABET, fold

if TYPE_CHECKING:
    import torch

#: Name of the network's files in ``lpr/models``, as EasyOCR wants them: NAME.py, NAME.yaml, NAME.pth.
NETWORK = "plate_reader"


@dataclass(frozen=True)
class ReaderRecipe:
    """How a reader is trained. The three shares are of each batch and add up to one.

    Over the first ``easy_steps`` the plates grow from large, frontal and synthetic to all that there is: CTC finds
    its first alignments many times sooner on pictures without doubt.
    """

    steps: int = 4000
    batch: int = 48
    seed: int = 0
    learning_rate: float = 1.2e-3
    weight_decay: float = 0.02
    warmup: int = 200
    easy_steps: int = 900
    synthetic_share: float = 0.5
    real_share: float = 0.43
    negative_share: float = 0.07
    negatives: int = 3000
    average_decay: float = 0.998
    workers: int = 1


@dataclass(frozen=True)
class Progress:
    """Where a training stands: ``exact`` is the folded share of held-out crops read without an error, 0 to 1."""

    step: int
    loss: float
    exact: float | None
    seconds: float


def train_reader(
    data: Path,
    fonts: Path,
    run: Path,
    recipe: ReaderRecipe,
    device: str | None = None,
    resume: bool = False,
    start: Path | None = None,
    every: int = 250,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train on the ``train`` crops below ``data`` and on synthetic plates; choose on ``val``; returns the best weights.

    Every ``every`` steps the averaged weights read the ``val`` crops; the best are kept as ``run/plate_reader.pth``
    in EasyOCR's form, and the whole state as ``run/last.pt``, from which ``resume`` goes on. ``start`` names
    weights to begin from.

    Raises DatasetError for labelled crops or fonts that cannot be used.
    """
    import torch

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    network = build_network().to(device)
    network = network.to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(easyocr_state(start))
    average = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average_decay),  # type: ignore[no-untyped-call]
        use_buffers=True,
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    step, best = 0, -1.0
    last = run / "last.pt"
    if resume and last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, best = state["step"], state["best"]
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    held_out = _held_out(data)
    began = time.monotonic()
    total, count = 0.0, 0
    for pictures, targets, lengths in _batches(data, fonts, recipe, step):
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(recipe, step)
        loss = _step(network, optimizer, pictures.to(device), targets.to(device), lengths.to(device), device)
        average.update_parameters(network)
        step += 1
        total, count = total + loss, count + 1
        if step % every == 0 or step == recipe.steps:
            exact = share_exact(average.module, held_out, device)
            if exact > best:
                best = exact
                save_easyocr(average.module, run / f"{NETWORK}.pth")
            state = {"network": network.state_dict(), "average": average.state_dict()}
            state |= {"optimizer": optimizer.state_dict(), "step": step, "best": best}
            torch.save(state, last.with_suffix(".part"))
            last.with_suffix(".part").replace(last)
            on_progress(Progress(step, total / count, exact, time.monotonic() - began))
            total, count = 0.0, 0
    return run / f"{NETWORK}.pth"


def build_network() -> torch.nn.Module:
    """The network of ``lpr/models/plate_reader.py`` with the parameters of its YAML, fresh weights."""
    import yaml

    parameters = yaml.safe_load((FOLDER / f"{NETWORK}.yaml").read_text(encoding="utf-8"))["network_params"]
    spec = importlib.util.spec_from_file_location(NETWORK, FOLDER / f"{NETWORK}.py")
    if spec is None or spec.loader is None:
        raise DatasetError(f"{FOLDER / NETWORK}.py cannot be loaded; install lpr again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network: torch.nn.Module = module.Model(num_class=len(ALPHABET) + 1, **parameters)
    return network


def save_easyocr(network: torch.nn.Module, path: Path) -> None:
    """Write weights as EasyOCR reads them: every key behind ``module.``."""
    import torch

    state = {f"module.{name}": value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def easyocr_state(path: Path) -> dict[str, Any]:
    """Weights in EasyOCR's form as the network's own state."""
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name.removeprefix("module."): value for name, value in state.items()}


def share_exact(network: torch.nn.Module, held_out: list[tuple[Any, str]], device: str) -> float:
    """The share of held-out crops whose greedy reading is right, O/0 and I/1 folded. 0 when there are none."""
    import torch

    from lpr.recognition.crop import to_input

    network.eval()
    right = 0
    with torch.inference_mode():
        for at in range(0, len(held_out), 64):
            part = held_out[at : at + 64]
            logits = network(torch.from_numpy(to_input([picture for picture, _ in part])).to(device))
            for best, (_, text) in zip(logits.argmax(-1).tolist(), part, strict=True):
                right += fold(greedy(best)) == fold(text)
    network.train()
    return right / max(1, len(held_out))


def greedy(classes: list[int]) -> str:
    """CTC's best path as text: repeats merged, blanks dropped."""
    return "".join(ALPHABET[c - 1] for c, before in zip(classes, [0, *classes], strict=False) if c and c != before)


def _held_out(data: Path) -> list[tuple[Any, str]]:
    from lpr.training.crops import load_real_crops, seen_plainly

    return [(seen_plainly(crop), crop.text) for crop in load_real_crops(data, "val")]


def _learning_rate(recipe: ReaderRecipe, step: int) -> float:
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


def _step(
    network: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    pictures: torch.Tensor,
    targets: torch.Tensor,
    lengths: torch.Tensor,
    device: str,
) -> float:
    import torch

    network.train()
    # On a CPU bfloat16 makes the backward pass slower (0.85 s against 0.49 s for 48 pictures on AVX-512).
    with torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=device != "cpu"):
        logits = network(pictures.contiguous(memory_format=torch.channels_last))
    chances = logits.float().log_softmax(-1).transpose(0, 1)
    places = torch.full((len(pictures),), chances.shape[0], dtype=torch.long)
    loss = torch.nn.functional.ctc_loss(chances, targets, places, lengths, zero_infinity=True)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())


class _Plates:
    """An endless stream of (picture, text) drawn from the three sources; one per worker, each with its own seed."""

    def __init__(self, data: Path, fonts: Path, recipe: ReaderRecipe, seed: int, done: int) -> None:
        from lpr.training.crops import load_negatives, load_real_crops
        from lpr.training.synthetic.generator import PlateGenerator

        self._recipe = recipe
        self._done = done
        self._rng = random.Random(seed)
        self._generator = PlateGenerator(fonts, seed)
        self._real = load_real_crops(data, "train") if recipe.real_share else []
        self._weights = [crop.weight for crop in self._real]
        self._negatives = load_negatives(data, "train", recipe.negatives, recipe.seed) if recipe.negative_share else []

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        from lpr.recognition.crop import prepare
        from lpr.training.crops import seen_anew
        from lpr.training.synthetic.camera import expose

        recipe = self._recipe
        for number in itertools.count(self._done):
            difficulty = min(1.0, number / max(1, recipe.easy_steps * recipe.batch // max(1, recipe.workers)))
            shares = (
                recipe.synthetic_share + (1 - difficulty) * recipe.real_share,
                difficulty * recipe.real_share,
                recipe.negative_share,
            )
            kind = self._rng.choices((0, 1, 2), shares)[0]
            if kind == 1 and self._real:
                crop = self._rng.choices(self._real, self._weights)[0]
                yield seen_anew(crop, self._rng), crop.text
            elif kind == 2 and self._negatives:
                yield prepare(expose(self._rng.choice(self._negatives), self._rng)), ""
            else:
                made = self._generator.crop(difficulty)
                yield made.image, made.text


def _batches(data: Path, fonts: Path, recipe: ReaderRecipe, done: int) -> Iterator[tuple[Any, Any, Any]]:
    """Batches from step ``done`` to the recipe's end: pictures, joined targets, target lengths."""
    import torch

    class Stream(torch.utils.data.IterableDataset[tuple[Any, Any, Any]]):
        def __iter__(self) -> Iterator[tuple[Any, Any, Any]]:
            import cv2

            from lpr.recognition.crop import to_input

            cv2.setNumThreads(1)
            worker = torch.utils.data.get_worker_info()
            seed = recipe.seed * 1_000_003 + done * 64 + (worker.id if worker else 0)
            plates = iter(_Plates(data, fonts, recipe, seed, done * recipe.batch // max(1, recipe.workers)))
            while True:
                pictures, texts = zip(*(next(plates) for _ in range(recipe.batch)), strict=True)
                classes = [ALPHABET.index(c) + 1 for text in texts for c in text]
                yield (
                    torch.from_numpy(to_input(list(pictures))),
                    torch.tensor(classes, dtype=torch.long),
                    torch.tensor([len(text) for text in texts], dtype=torch.long),
                )

    loader = torch.utils.data.DataLoader(Stream(), batch_size=None, num_workers=recipe.workers)
    stream = iter(loader)
    for _ in range(done, recipe.steps):
        yield next(stream)
