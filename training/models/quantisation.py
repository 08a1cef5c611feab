"""An 8-bit copy of an exported transformer that answers each text alike, alone or among others.

Weights become int8 with a scale a column, activations uint8 with a scale a token, found anew for each text; products
are summed as integers. ONNX Runtime's own dynamic quantisation has one scale a tensor, so that a text's answer depends
on the texts beside it and one large value costs all tokens their precision.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

LEVELS = 127  # of a signed weight or activation, to either side of zero
NARROW = 16  # columns: a product of fewer, as that of the head, costs nothing and keeps its precision
MANY = 1000  # rows of a table that is worth storing in 8 bits

# GELU never falls below -0.17. Most of the range of what comes after it is left to the positive side: 16 levels of 255
# are kept for the negative one.
GELU_LEAST, GELU_ZERO = 0.17, 16


def quantise_model(source: Path, target: Path) -> None:
    """Write to `target` the model of `source` with its matrix products, and its tables, in 8 bits."""
    model = onnx.load(source)
    del model.graph.value_info[:]  # shapes and types of what is replaced
    _Rewriting(model.graph).rewrite()
    if not any(opset.domain == "com.microsoft" for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    target.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target)


def scale_columns(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 weights (K, N) and the scale of each column (N,)."""
    scales = np.abs(weights).max(axis=0) / LEVELS
    scales = np.where(scales > 0, scales, 1.0).astype(np.float32)
    return np.clip(np.rint(weights / scales), -LEVELS, LEVELS).astype(np.int8), scales


class _Rewriting:
    """The nodes and constants of a graph that is being rewritten."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._constants = {constant.name: constant for constant in graph.initializer}
        self._producers = {name: node.op_type for node in graph.node for name in node.output}
        self._nodes: list[onnx.NodeProto] = []
        self._activations: dict[str, tuple[str, str, str]] = {}  # tensor -> (uint8, scale, zero point)

    def rewrite(self) -> None:
        for node in self._graph.node:
            rewrite = self._find_rewrite(node)
            if rewrite:
                rewrite(node)
            else:
                self._nodes.append(node)
        used = {name for node in self._nodes for name in node.input}
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        del self._graph.initializer[:]
        self._graph.initializer.extend(self._constants[name] for name in sorted(used & self._constants.keys()))

    def _find_rewrite(self, node: onnx.NodeProto) -> Callable[[onnx.NodeProto], None] | None:
        if node.op_type == "MatMul" and (shape := self._matrix_shape(node.input[1])) and shape[1] >= NARROW:
            return self._rewrite_product
        if node.op_type == "Gather" and (shape := self._matrix_shape(node.input[0])) and shape[0] >= MANY:
            return self._rewrite_table
        return None

    def _matrix_shape(self, name: str) -> tuple[int, int] | None:
        constant = self._constants.get(name)
        if constant is None or len(constant.dims) != 2 or constant.data_type != onnx.TensorProto.FLOAT:
            return None
        return constant.dims[0], constant.dims[1]

    def _rewrite_product(self, node: onnx.NodeProto) -> None:
        """Replace x (..., K) times weights (K, N)."""
        x, name = node.input
        weights, scales = scale_columns(numpy_helper.to_array(self._constants[name]))
        activation, scale, zero = self._quantise(x)
        output = node.output[0]
        inputs = [activation, self._keep(f"{name}.int8", weights), self._keep("one", np.float32(1))]
        inputs += [self._keep(f"{name}.scale", scales), zero, self._keep("weight_zero", np.int8(0))]
        self._add("MatMulIntegerToFloat", inputs, f"{output}.summed", domain="com.microsoft")
        self._add("Mul", [f"{output}.summed", scale], output)

    def _rewrite_table(self, node: onnx.NodeProto) -> None:
        """Replace the rows of a table (R, H) that are looked up, as those of the words."""
        name, rows = node.input
        table, scales = scale_columns(numpy_helper.to_array(self._constants[name]).T)
        output = node.output[0]
        self._add("Gather", [self._keep(f"{name}.int8", table.T.copy()), rows], f"{output}.row")
        self._add("Gather", [self._keep(f"{name}.scale", scales[:, np.newaxis]), rows], f"{output}.row_scale")
        self._add("Cast", [f"{output}.row"], f"{output}.row_cast", to=onnx.TensorProto.FLOAT)
        self._add("Mul", [f"{output}.row_cast", f"{output}.row_scale"], output)

    def _quantise(self, x: str) -> tuple[str, str, str]:
        """Return the uint8 form of an activation (..., K), its scale (..., 1) and its zero point, made once."""
        if x in self._activations:
            return self._activations[x]
        after_gelu = self._producers.get(x) == "Gelu"
        axes = self._keep("last_axis", np.array([-1], dtype=np.int64))
        if after_gelu:
            levels, least, zero = 255 - GELU_ZERO, GELU_LEAST / GELU_ZERO * (255 - GELU_ZERO), GELU_ZERO
            self._add("ReduceMax", [x, axes], f"{x}.max", keepdims=1)
        else:
            levels, least, zero = LEVELS, 1e-6, 128
            self._add("Abs", [x], f"{x}.abs")
            self._add("ReduceMax", [f"{x}.abs", axes], f"{x}.max", keepdims=1)
        point = self._keep(f"zero_{zero}", np.uint8(zero))
        self._add("Max", [f"{x}.max", self._keep(f"least_{zero}", np.float32(least))], f"{x}.range")
        self._add("Mul", [f"{x}.range", self._keep(f"level_{zero}", np.float32(1 / levels))], f"{x}.scale")
        self._add("Reciprocal", [f"{x}.scale"], f"{x}.rate")
        self._add("Mul", [x, f"{x}.rate"], f"{x}.levels")
        self._add("QuantizeLinear", [f"{x}.levels", self._keep("one", np.float32(1)), point], f"{x}.uint8")
        self._activations[x] = (f"{x}.uint8", f"{x}.scale", point)
        return self._activations[x]

    def _add(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: int) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], f"{output}.{kind}", domain=domain, **attributes))

    def _keep(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        name = f"int8:{name}"  # no constant of the graph has such a name
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name
