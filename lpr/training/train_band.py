"""Train the network that reads the country's letters in the band, from drawn plates and from real ones seen anew."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import DatasetError
from lpr.recognition.band import NONE, left_end
from lpr.recognition.plate_view import to_input
from lpr.training.band_data import CLASSES, end_seen_anew, load_bands, load_without
from lpr.training.checkpoint import save
from lpr.training.jurisdiction_data import PlateOf, balanced, drawn_plate
from lpr.training.train_jurisdiction import best_temperature, logits_of

if TYPE_CHECKING:
    import numpy as np
    import torch

#: Name of the network's files.
NETWORK = "plate_band"


@dataclass(frozen=True)
class BandRecipe:
    """How the network is trained. The shares are of each batch and add up to one.

    ``drawn`` plates are drawn first; a country's plates count by the root of their number. ``views`` of drawn and real
    plates are made, and ``steps`` batches drawn from them. The learning rate is constant but for the ``warmup`` steps
    and the last ``decay`` share of all.
    """

    views: int = 24000
    steps: int = 8000
    batch: int = 64
    seed: int = 0
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: int = 50
    decay: float = 0.625
    hard: float = 0.3
    drawn: int = 7200
    drawn_share: float = 0.36
    drawn_none_share: float = 0.14
    real_share: float = 0.34
    real_none_share: float = 0.12
    without_share: float = 0.04


@dataclass(frozen=True)
class BandProgress:
    """Where a training stands; ``right`` is the share of held-out ends whose most probable class is right, 0 to 1."""

    step: int
    loss: float
    right: float
    seconds: float


class BandDrawer:
    """Draws training examples; the seed alone decides what comes, so resuming changes nothing."""

    def __init__(self, data: Path, fonts: Path, labels: Path, recipe: BandRecipe) -> None:
        self._recipe = recipe
        real = load_bands(data, "train", labels)
        drawn = draw_bands(fonts, recipe.drawn, recipe.seed)
        groups = {
            "drawn": [plate for plate in drawn if plate.code != NONE],
            "drawn_none": [plate for plate in drawn if plate.code == NONE],
            "real": [plate for plate in real if plate.code != NONE],
            "real_none": [plate for plate in real if plate.code == NONE],
            "without": load_without(data, "train"),
        }
        self._groups = {name: group for name, group in groups.items() if group}
        if not self._groups:
            raise DatasetError(f"{data} has no plate of split train that {labels} names; draw some (drawn)")
        self._weights = {name: balanced(group) for name, group in self._groups.items()}
        wanted = asdict(recipe)
        self._shares = [float(wanted[f"{name}_share"]) for name in self._groups]

    def shares(self) -> list[float]:
        """How much of what is drawn is of each class, in order."""
        shares = dict.fromkeys(CLASSES, 0.002)  # a class that never comes is rare, not impossible
        for (name, group), share in zip(self._groups.items(), self._shares, strict=True):
            steps = [after - before for before, after in itertools.pairwise([0.0, *self._weights[name]])]
            for plate, weight in zip(group, steps, strict=True):
                shares[_class(plate)] += share * weight / self._weights[name][-1]
        total = sum(shares.values())
        return [round(shares[code] / total, 5) for code in CLASSES]

    def views(self) -> tuple[np.ndarray, np.ndarray]:
        """Left ends n × height × width × 3, BGR, uint8, and the classes that they are of, n; easy ones first."""
        import numpy as np

        from lpr.recognition.band import BAND_HEIGHT, BAND_WIDTH

        rng = random.Random(self._recipe.seed)
        ends = np.empty((self._recipe.views, BAND_HEIGHT, BAND_WIDTH, 3), np.uint8)
        classes = np.empty(self._recipe.views, np.int64)
        for i, name in enumerate(rng.choices(list(self._groups), self._shares, k=self._recipe.views)):
            plate = rng.choices(self._groups[name], cum_weights=self._weights[name])[0]
            late = i / self._recipe.views
            strength = rng.uniform(0.2 + 0.2 * late, 0.5 + 0.5 * late)
            ends[i] = end_seen_anew(plate.image(), plate.box, rng, strength)
            classes[i] = CLASSES.index(_class(plate))
        return ends, classes


def train_band(
    data: Path,
    fonts: Path,
    labels: Path,
    run: Path,
    recipe: BandRecipe,
    device: str | None = None,
    resume: bool = False,
    every: int = 500,
    threads: int | None = None,
    on_progress: Callable[[BandProgress], None] = lambda progress: None,
) -> Path:
    """Train on the ``train`` plates below ``data`` that ``labels`` names, and drawn ones; returns the weights' path.

    Every ``every`` steps the state is kept as ``run/last.pt``, from which ``resume`` goes on. At the end the weights
    are ``run/plate_band.pt``, and beside them in a JSON the classes, their shares in training, and the temperature
    that makes the probabilities most truthful on ``val``. ``threads`` limits the processor's cores in use.

    Raises DatasetError for plates, labels or fonts that cannot be used.
    """
    import cv2
    import numpy as np
    import torch

    from lpr.training.band_network import BandNetwork

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if threads is not None:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    network = BandNetwork(len(CLASSES)).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    step, last = 0, run / "last.pt"
    if resume and last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    drawer = BandDrawer(data, fonts, labels, recipe)
    held_out = load_bands(data, "val", labels)
    ends, classes = drawer.views() if step < recipe.steps else (np.zeros(0), np.zeros(0))
    began, total, count = time.monotonic(), 0.0, 0
    while step < recipe.steps:
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(recipe, step)
        rng = np.random.default_rng((recipe.seed, step))
        known = min(1.0, 0.25 + step / (recipe.hard * recipe.steps))
        chosen = np.sort(rng.choice(max(1, round(known * len(classes))), recipe.batch))
        moved = np.roll(ends[chosen], rng.integers(-2, 3, 2).tolist(), (1, 2))  # the same letters a little elsewhere
        total += _step(network, optimizer, (to_input(list(moved)), classes[chosen]), device)
        step, count = step + 1, count + 1
        if step % every == 0 or step == recipe.steps:
            right = _right(logits_of(network, held_out, device, left_end), held_out)
            save({"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, last)
            on_progress(BandProgress(step, total / count, right, time.monotonic() - began))
            total, count = 0.0, 0
    save(network.state_dict(), run / f"{NETWORK}.pt")
    logits = logits_of(network, held_out, device, left_end)
    temperature = best_temperature(logits, [plate.classes for plate in held_out], CLASSES) if held_out else 1.0
    described = {"classes": CLASSES, "shares": drawer.shares(), "temperature": round(temperature, 3)}
    (run / f"{NETWORK}.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    return run / f"{NETWORK}.pt"


def draw_bands(fonts: Path, count: int, seed: int) -> list[PlateOf]:
    """``count`` drawn plates, each country's equally often, a quarter with none. Raises DatasetError for no fonts."""
    from lpr.training.synthetic.bands import BANDS, BandedPlates
    from lpr.training.synthetic.fonts import Lettering, font_files, load_fonts

    if not count:
        return []
    rng = random.Random(seed)
    plain = [path for path in font_files(fonts) if _is_plain(path.stem.lower())]
    draughtsman = BandedPlates(load_fonts(fonts)[0], [Lettering(path) for path in plain or font_files(fonts)])
    codes = sorted(BANDS)
    plates = []
    for i in range(count):
        code = NONE if i % 4 == 3 else codes[(i - i // 4) % len(codes)]
        image = draughtsman.draw(code, rng)
        plates.append(drawn_plate(image, frozenset((code,)), code))
    return plates


def _right(logits: np.ndarray, plates: list[PlateOf]) -> float:
    right = [CLASSES[k] in plate.classes for k, plate in zip(logits.argmax(1).tolist(), plates, strict=True)]
    return sum(right) / max(1, len(right))


def _class(plate: PlateOf) -> str:
    (code,) = plate.classes
    return code


def _is_plain(name: str) -> bool:
    """Whether a face is upright and without serifs, as bands are lettered in."""
    return not any(word in name for word in ("italic", "oblique", "serif", "extralight", "thin", "math", "mono"))


def _step(
    network: torch.nn.Module, optimizer: torch.optim.Optimizer, batch: tuple[np.ndarray, np.ndarray], device: str
) -> float:
    import torch

    from lpr.training.precision import fast_bfloat16

    ends, classes = (torch.from_numpy(part).to(device) for part in batch)
    network.train()
    with torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=fast_bfloat16(device)):
        logits = network(ends.contiguous(memory_format=torch.channels_last))
    loss = torch.nn.functional.cross_entropy(logits.float(), classes)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())


def _learning_rate(recipe: BandRecipe, step: int) -> float:
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    return recipe.learning_rate * max(0.01, min(1.0, (recipe.steps - step) / (recipe.decay * recipe.steps)))
