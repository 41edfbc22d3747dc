"""Train the jurisdiction classifier: plates of known states, drawn ones with a state's name, plates from abroad."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.recognition.plate_view import prepare, to_input
from lpr.training.checkpoint import averaging, save
from lpr.training.jurisdiction_data import CLASSES, PlateOf, balanced, drawn_plate, load_plates

if TYPE_CHECKING:
    import numpy as np
    import torch

    from lpr.training.jurisdiction_network import JurisdictionNetwork

#: Name of the network's files.
NETWORK = "plate_jurisdiction"


@dataclass(frozen=True)
class JurisdictionRecipe:
    """How the classifier is trained. The shares are of each batch and add up to one.

    ``views`` batches of plates are seen once by the part of the network that is not trained, the first ``easy_views``
    growing from scans to photos; ``steps`` steps then draw from them. The learning rate is constant but for the
    ``warmup`` and the last ``decay`` steps. ``drawn`` plates are drawn first.
    """

    views: int = 600
    easy_views: int = 200
    steps: int = 6400
    batch: int = 64
    seed: int = 0
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: int = 60
    decay: int = 3000
    smoothing: float = 0.08
    catalogue_share: float = 0.56
    drawn_share: float = 0.17
    photo_share: float = 0.15
    abroad_share: float = 0.12
    drawn: int = 12000
    average_decay: float = 0.998


@dataclass(frozen=True)
class JurisdictionProgress:
    """Where a training stands; ``right`` are top-1 shares of held-out plates by their source, 0 to 1."""

    step: int
    loss: float
    right: dict[str, float]
    seconds: float


class Drawer:
    """Draws training examples; a batch's number and the seed alone decide what comes, so resuming changes nothing."""

    def __init__(self, plates: list[PlateOf], fonts: Path, recipe: JurisdictionRecipe) -> None:
        self._recipe = recipe
        groups = {
            "catalogue": [p for p in plates if p.kind == "catalogue"],
            "drawn": draw_plates(fonts, recipe.drawn, recipe.seed),
            "photo": [p for p in plates if p.kind in ("photo", "state") and p.classes - _abroad()],
            "abroad": [p for p in plates if p.kind in ("photo", "abroad") and not p.classes - _abroad()],
        }
        self._groups = {name: group for name, group in groups.items() if group}
        self._weights = {name: balanced(group) for name, group in self._groups.items()}
        shares = asdict(recipe)
        self._shares = [shares[f"{name}_share"] for name in self._groups]

    def batch(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Pictures n × 3 × height × width, −1…1, and the classes that each may be, n × classes, bool."""
        import numpy as np

        from lpr.recognition.plate_view import VIEW_HEIGHT, VIEW_WIDTH
        from lpr.training.jurisdiction_views import seen_anew

        recipe = self._recipe
        rng = random.Random(recipe.seed * 1_000_003 + number)
        size = VIEW_WIDTH, VIEW_HEIGHT
        strength = 0.35 + 0.65 * min(1.0, number / max(1, recipe.easy_views))
        pictures, allowed = [], np.zeros((recipe.batch, len(CLASSES)), bool)
        for i, name in enumerate(rng.choices(list(self._groups), self._shares, k=recipe.batch)):
            plate = rng.choices(self._groups[name], cum_weights=self._weights[name])[0]
            pictures.append(seen_anew(plate.image(), plate.box, rng, size, strength))
            allowed[i, [CLASSES.index(c) for c in plate.classes]] = True
        return to_input(pictures), allowed


def train_jurisdiction(
    data: Path,
    fonts: Path,
    run: Path,
    recipe: JurisdictionRecipe,
    labels: Path | None = None,
    device: str | None = None,
    resume: bool = False,
    every: int = 500,
    threads: int | None = None,
    on_progress: Callable[[JurisdictionProgress], None] = lambda progress: None,
    on_view: Callable[[int], None] = lambda number: None,
) -> Path:
    """Train on the ``train`` plates below ``data``, choose on ``val``; returns the best weights' path.

    Every ``every`` steps the averaged weights judge the ``val`` plates; the best (mean over sources) are kept as
    ``run/plate_jurisdiction.pt``, with the classes and the temperature that makes their probabilities most truthful
    on ``val`` in a JSON beside it; the whole state as ``run/last.pt``, from which ``resume`` goes on.
    ``threads`` limits the processor's cores in use.

    Raises DatasetError for plates or fonts that cannot be used.
    """
    import cv2
    import numpy as np
    import torch

    from lpr.training.jurisdiction_network import build
    from lpr.training.trunk_views import make_views

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if threads is not None:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    network = build(len(CLASSES)).to(device)
    average = torch.optim.swa_utils.AveragedModel(network, avg_fn=averaging(recipe.average_decay), use_buffers=True)
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    step, best, last = 0, -1.0, run / "last.pt"
    if resume and last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, best = state["step"], state["best"]
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    drawer = cache(lambda: Drawer(load_plates(data, "train", labels), fonts, recipe))
    views = make_views(lambda number: drawer().batch(number), network, recipe.views, run / "views", on_view)
    held_out = load_plates(data, "val", labels)
    began, total, count = time.monotonic(), 0.0, 0
    while step < recipe.steps:
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(recipe, step)
        chosen = np.sort(np.random.default_rng((recipe.seed, step)).choice(len(views.allowed), recipe.batch, False))
        total += _step(network, optimizer, views.batch(chosen), device, recipe.smoothing)
        average.update_parameters(network)
        step, count = step + 1, count + 1
        if step % every == 0 or step == recipe.steps:
            right = share_right(average.module, held_out, device)
            score = sum(right.values()) / max(1, len(right))
            if score > best:
                best = score
                save(average.module.state_dict(), run / f"{NETWORK}.pt")
            state = {"network": network.state_dict(), "average": average.state_dict(), "step": step, "best": best}
            save(state | {"optimizer": optimizer.state_dict()}, last)
            on_progress(JurisdictionProgress(step, total / count, right, time.monotonic() - began))
            total, count = 0.0, 0
    network.load_state_dict(torch.load(run / f"{NETWORK}.pt", map_location=device, weights_only=True))
    temperature = best_temperature(logits_of(network, held_out, device), [plate.classes for plate in held_out])
    described = {"classes": CLASSES, "temperature": round(temperature, 3)}
    (run / f"{NETWORK}.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    return run / f"{NETWORK}.pt"


def draw_plates(fonts: Path, count: int, seed: int) -> list[PlateOf]:
    """``count`` drawn plates with their names, every jurisdiction equally often. Raises DatasetError for no fonts."""
    from lpr.training.jurisdiction_data import classes_of
    from lpr.training.synthetic.fonts import load_fonts
    from lpr.training.synthetic.state_plates import NAMES, StatePlates

    if not count:
        return []
    rng = random.Random(seed)
    draughtsman = StatePlates(*load_fonts(fonts))
    codes = sorted(NAMES)
    plates = []
    for i in range(count):
        code = codes[i % len(codes)]
        image = draughtsman.draw(code, rng)
        plates.append(drawn_plate(image, classes_of(code), code))
    return plates


def logits_of(
    network: torch.nn.Module,
    plates: list[PlateOf],
    device: str = "cpu",
    view: Callable[[np.ndarray], np.ndarray] = prepare,
) -> np.ndarray:
    """The network's figures for ``plates`` as recognition shows them to it: n × classes.

    ``view`` makes what the network sees of a plate's picture.
    """
    import numpy as np
    import torch

    network.eval()
    answers = []
    with torch.inference_mode():
        for at in range(0, len(plates), 32):
            views = [view(seen_plainly(plate)) for plate in plates[at : at + 32]]
            answers.append(network(torch.from_numpy(to_input(views)).to(device)).float().cpu().numpy())
    network.train()
    return np.concatenate(answers) if answers else np.zeros((0, len(CLASSES)), np.float32)


def seen_plainly(plate: PlateOf) -> np.ndarray:
    """The plate as ``lpr.recognition.crop.cut`` gives it for the labelled box."""
    from lpr.plates import Box
    from lpr.recognition.crop import cut

    return cut(plate.image(), Box(*(round(value) for value in plate.box)))


def share_right(network: torch.nn.Module, plates: list[PlateOf], device: str = "cpu") -> dict[str, float]:
    """Of each source, the share of plates whose most probable class is one that they may be."""
    best = logits_of(network, plates, device).argmax(1)
    rights: dict[str, list[bool]] = {}
    for plate, index in zip(plates, best.tolist(), strict=True):
        rights.setdefault(plate.kind, []).append(CLASSES[index] in plate.classes)
    return {kind: sum(right) / len(right) for kind, right in sorted(rights.items())}


def best_temperature(logits: np.ndarray, allowed: list[frozenset[str]], names: tuple[str, ...] = CLASSES) -> float:
    """What to divide logits (n × classes) by, so that what may be true is most probable in the mean (Guo, 2017).

    ``names`` are the classes in order.
    """
    import numpy as np

    mask = np.asarray([[name in classes for name in names] for classes in allowed])

    def surprise(temperature: float) -> float:
        scaled = logits / temperature
        scaled = scaled - scaled.max(1, keepdims=True)
        weights = np.exp(scaled)
        return float(-np.log(((weights * mask).sum(1) + 1e-12) / weights.sum(1)).mean())

    return min((0.5 * 1.03**k for k in range(60)), key=surprise)


def _abroad() -> frozenset[str]:
    from lpr.training.jurisdiction_data import FOREIGN

    return FOREIGN


def _step(
    network: JurisdictionNetwork,
    optimizer: torch.optim.Optimizer,
    batch: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    device: str,
    smoothing: float,
) -> float:
    """One step; returns the loss: minus the logarithm of what falls on the classes that a plate may be."""
    import torch

    read, looks, allowed = (part.to(device) for part in batch)
    network.train()
    down, across = torch.randint(-2, 3, (2,)).tolist()
    read = torch.roll(read, (down // 2, across), (2, 3))  # the same words a little elsewhere
    chances = network.judged(read, looks).float().log_softmax(-1)
    loss = -chances.masked_fill(~allowed, -math.inf).logsumexp(-1).mean()
    optimizer.zero_grad(set_to_none=True)
    ((1 - smoothing) * loss - smoothing * chances.mean()).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_((p for p in network.parameters() if p.requires_grad), 5.0)
    optimizer.step()
    return float(loss.detach())


def _learning_rate(recipe: JurisdictionRecipe, step: int) -> float:
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    return recipe.learning_rate * max(0.005, min(1.0, (recipe.steps - step) / recipe.decay))
