"""Train the plate reader: synthetic plates without end, real crops seen anew, places without a plate; CTC loss."""

from __future__ import annotations

import importlib.util
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import DatasetError
from lpr.models.weights import FOLDER
from lpr.normalize import ALPHABET, fold
from lpr.training.batches import IGNORED, Batch, batches
from lpr.training.checkpoint import averaging, save
from lpr.training.precision import fast_bfloat16
from lpr.training.recipe import ReaderRecipe

if TYPE_CHECKING:
    import torch

#: Name of the network's files in ``lpr/models``, as EasyOCR wants them: NAME.py, NAME.yaml, NAME.pth.
NETWORK = "plate_reader"


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
    also: Path | None = None,
    every: int = 250,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train on the ``train`` crops below ``data`` and on synthetic plates; choose on ``val``; returns the best weights.

    Every ``every`` steps the averaged weights read the ``val`` crops; the best are kept as ``run/plate_reader.pth``
    in EasyOCR's form, and the whole state as ``run/last.pt``, from which ``resume`` goes on. ``start`` names
    weights to begin from, ``also`` a JSON lines file of more crops (`lpr train pseudolabels` writes such).

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
    average = torch.optim.swa_utils.AveragedModel(network, avg_fn=averaging(recipe.average_decay), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    step, best, before = 0, -1.0, 0.0
    last = run / "last.pt"
    if resume and last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, best, before = state["step"], state["best"], state["seconds"]
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    held_out = _held_out(data)
    began = time.monotonic() - before
    total, count = 0.0, 0
    for batch in batches(data, fonts, recipe, step, also):
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(recipe, step, time.monotonic() - began)
        help_weight = max(0.0, 1 - step / max(1, 2 * recipe.easy_steps))
        loss = _step(network, optimizer, batch, device, help_weight)
        average.update_parameters(network)
        step += 1
        total, count = total + loss, count + 1
        over = recipe.hours is not None and time.monotonic() - began > 3600 * recipe.hours
        if step % every == 0 or step == recipe.steps or over:
            exact = share_exact(average.module, held_out, device)
            if exact > best:
                best = exact
                save_easyocr(average.module, run / f"{NETWORK}.pth")
            state = {"network": network.state_dict(), "average": average.state_dict()}
            state |= {"optimizer": optimizer.state_dict(), "step": step, "best": best}
            state |= {"seconds": time.monotonic() - began}
            save(state, last)
            on_progress(Progress(step, total / count, exact, time.monotonic() - began))
            total, count = 0.0, 0
        if over:
            break
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
    state = {f"module.{name}": value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    save(state, path)


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


def _learning_rate(recipe: ReaderRecipe, step: int, seconds: float) -> float:
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    if recipe.hours is not None:
        share = max(share, seconds / (3600 * recipe.hours))
    return recipe.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


def _step(
    network: torch.nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, device: str, help_weight: float
) -> float:
    """One step; returns CTC's loss alone. ``help_weight`` is that of the loss on the drawn characters' places."""
    import torch

    network.train()
    with torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=fast_bfloat16(device)):
        logits = network(batch.pictures.to(device).contiguous(memory_format=torch.channels_last))
    logits = logits.float()
    chances = logits.log_softmax(-1).transpose(0, 1)
    places = torch.full((len(batch.pictures),), chances.shape[0], dtype=torch.long)
    targets, lengths = batch.targets.to(device), batch.lengths.to(device)
    loss = torch.nn.functional.ctc_loss(chances, targets, places, lengths, zero_infinity=True)
    total = loss
    if help_weight > 0:
        weight = torch.ones(logits.shape[-1], device=device)
        weight[0] = 0.2  # nine places in ten are blank
        drawn = batch.places.to(device)
        total = loss + help_weight * torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), drawn, weight, ignore_index=IGNORED
        )
    optimizer.zero_grad(set_to_none=True)
    total.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())
