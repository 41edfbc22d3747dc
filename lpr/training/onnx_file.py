"""What is done to an exported ONNX file before it is shipped: nothing of the exporting machine in it, half the size."""

from __future__ import annotations

from pathlib import Path

#: Constants of fewer figures stay as they are: there is nothing to save.
_LEAST_FIGURES = 1000


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
