"""Functions, methods and layers whose only effect is their result: as a statement of their own they do nothing."""

from __future__ import annotations

MOVES = frozenset(
    {"to", "cuda", "cpu", "type", "type_as", "float", "double", "half", "bfloat16", "long", "int", "bool"}
)
"""Methods that give a moved or converted copy."""

METHODS = frozenset(
    ["relu", "sigmoid", "tanh", "softmax", "log_softmax", "exp", "log", "sqrt", "abs", "neg", "pow", "clamp", "clip", "round", "floor", "view", "reshape", "view_as", "flatten", "squeeze", "unsqueeze", "transpose", "permute", "t", "swapaxes", "expand", "expand_as", "repeat", "detach", "clone", "contiguous", "add", "sub", "mul", "div", "matmul", "mm", "bmm", "sum", "mean", "max", "min", "argmax", "masked_fill", "index_fill", "scatter", "scatter_add", "index_add", "fill_diagonal", "normalize", "flip", "roll", "gather", "index_select"]
) - {"fill_diagonal"}  # fmt: skip
"""Methods of tensors that give a new tensor."""

FUNCTIONS = frozenset(
    {f"torch.nn.functional.{name}" for name in ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "sigmoid", "tanh", "softmax", "log_softmax", "dropout", "dropout2d", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "pad", "normalize", "layer_norm", "batch_norm", "interpolate", "one_hot"]}
    | {f"torch.{name}" for name in ["relu", "sigmoid", "tanh", "softmax", "log_softmax", "exp", "log", "sqrt", "clamp", "reshape", "flatten", "squeeze", "unsqueeze", "transpose", "permute", "cat", "stack", "flip", "roll", "where"]}
)  # fmt: skip

DROPOUTS = frozenset({"torch.nn.functional.dropout", "torch.nn.functional.dropout1d", "torch.nn.functional.dropout2d",
                      "torch.nn.functional.dropout3d", "torch.nn.functional.alpha_dropout"})  # fmt: skip

ATTENTION = "torch.nn.functional.scaled_dot_product_attention"
"""Drops a share of its weights, `dropout_p`, whatever the mode of the model is."""

CLOCKS = frozenset({"time.time", "time.time_ns", "time.perf_counter", "time.perf_counter_ns", "time.monotonic", "time.process_time",
                    "timeit.default_timer", "torch.cuda.synchronize", "torch.cuda.Event", "torch.Event"})  # fmt: skip
"""What a benchmark calls right before the work that it measures."""
