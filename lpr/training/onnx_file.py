"""What is done to an exported ONNX file before it is shipped: nothing of the exporting machine in it, half the size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import DatasetError

if TYPE_CHECKING:
    import torch

#: ONNX's operator set: the oldest that torch's tracer writes, so that old runtimes load the networks.
_OPSET = 18
#: Constants of fewer figures stay as they are: there is nothing to save.
_LEAST_FIGURES = 1000


def trace(network: torch.nn.Module, example: torch.Tensor, argument: str, path: Path) -> None:
    """Write ``network`` as ONNX: ``plates`` in, any number of them, ``logits`` out, weights in half precision.

    ``example`` are two plates, ``argument`` is what ``forward`` calls them. Raises DatasetError when torch gives none.
    """
    import torch

    program = torch.onnx.export(
        network,
        (example,),
        input_names=["plates"],
        output_names=["logits"],
        dynamic_shapes={argument: {0: torch.export.Dim("n")}},
        dynamo=True,
        opset_version=_OPSET,
        verbose=False,
    )
    if program is None:
        raise DatasetError("torch exported no ONNX program; install lpr[export] and try again")
    program.save(str(path), external_data=False)
    forget_where(path)
    store_in_half(path)


def forget_where(path: Path) -> None:
    """Take the tracer's notes out of an ONNX file: they hold the paths of the machine that exported it."""
    import onnx

    model = onnx.load(str(path))
    for node in model.graph.node:
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    onnx.save(model, str(path))


def store_in_half(path: Path) -> None:
    """Store the weights of an ONNX file in half precision, each followed by a cast back: the network still computes in
    single precision, and both runtimes do the casts once, as they load it.

    Not for the detector: its boxes would move by fractions of a pixel, and the two engines' rounded boxes differ.
    """
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _LEAST_FIGURES:
            continue
        name = tensor.name
        halved = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half")
        tensor.CopyFrom(halved)
        casts.append(helper.make_node("Cast", [halved.name], [name], f"{name}.single", to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, str(path))
