"""Operations on tensors: one canonical name each, whichever of torch's spellings a program uses."""

from __future__ import annotations

from lrcheck.facts import Form

# Activations: the form that they give, as functions, methods and layers.
ACTIVATIONS: dict[str, Form] = {
    "softmax": Form.PROBABILITIES,
    "gumbel_softmax": Form.PROBABILITIES,
    "sigmoid": Form.PROBABILITIES,
    "hardsigmoid": Form.PROBABILITIES,
    "log_softmax": Form.LOG_PROBABILITIES,
    "logsigmoid": Form.LOG_PROBABILITIES,
    "softmin": Form.PROBABILITIES,
    **dict.fromkeys(
        (
            "relu", "relu6", "leaky_relu", "rrelu", "prelu", "elu", "celu", "selu", "gelu", "silu", "mish", "tanh",
            "hardtanh", "hardswish", "softplus", "softsign", "tanhshrink", "softshrink", "hardshrink", "threshold", "glu",
        ),
        Form.CLIPPED,
    ),
}  # fmt: skip

RELU_LIKE = frozenset({"relu", "relu6", "prelu", "rrelu", "elu", "celu", "selu", "gelu", "silu", "mish", "hardswish",
                       "softplus", "threshold", "hardtanh"})  # fmt: skip

SOFTMAX_LIKE = frozenset({"softmax", "log_softmax", "softmin", "gumbel_softmax"})

# Layers of torch.nn that apply one of the operations above.
ACTIVATION_LAYERS: dict[str, str] = {
    "torch.nn.Softmax": "softmax",
    "torch.nn.Softmax2d": "softmax",
    "torch.nn.LogSoftmax": "log_softmax",
    "torch.nn.Softmin": "softmin",
    "torch.nn.Sigmoid": "sigmoid",
    "torch.nn.Hardsigmoid": "hardsigmoid",
    "torch.nn.LogSigmoid": "logsigmoid",
    "torch.nn.ReLU": "relu",
    "torch.nn.ReLU6": "relu6",
    "torch.nn.LeakyReLU": "leaky_relu",
    "torch.nn.RReLU": "rrelu",
    "torch.nn.PReLU": "prelu",
    "torch.nn.ELU": "elu",
    "torch.nn.CELU": "celu",
    "torch.nn.SELU": "selu",
    "torch.nn.GELU": "gelu",
    "torch.nn.SiLU": "silu",
    "torch.nn.Mish": "mish",
    "torch.nn.Tanh": "tanh",
    "torch.nn.Hardtanh": "hardtanh",
    "torch.nn.Hardswish": "hardswish",
    "torch.nn.Softplus": "softplus",
    "torch.nn.Softsign": "softsign",
    "torch.nn.Tanhshrink": "tanhshrink",
    "torch.nn.Softshrink": "softshrink",
    "torch.nn.Hardshrink": "hardshrink",
    "torch.nn.Threshold": "threshold",
    "torch.nn.GLU": "glu",
}

LINEAR_LAYERS = frozenset({"torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Bilinear"})
CONV_LAYERS = frozenset(
    f"torch.nn.{lazy}Conv{transpose}{rank}d"
    for lazy in ("", "Lazy")
    for transpose in ("", "Transpose")
    for rank in (1, 2, 3)
)
OTHER_PARAMETRISED = frozenset(
    {"torch.nn.Embedding", "torch.nn.EmbeddingBag", "torch.nn.LayerNorm", "torch.nn.RMSNorm", "torch.nn.GroupNorm",
     "torch.nn.Bilinear", "torch.nn.MultiheadAttention", "torch.nn.Transformer", "torch.nn.TransformerEncoder",
     "torch.nn.TransformerDecoder", "torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer",
     "torch.nn.LSTMCell", "torch.nn.GRUCell", "torch.nn.RNNCell"}
)  # fmt: skip
DROPOUT_LAYERS = frozenset(
    {"torch.nn.Dropout", "torch.nn.Dropout1d", "torch.nn.Dropout2d", "torch.nn.Dropout3d", "torch.nn.AlphaDropout",
     "torch.nn.FeatureAlphaDropout"}
)  # fmt: skip
# Layers that hold dropout: where its probability stands among the arguments, and the probability by default.
HOLDING_DROPOUT: dict[str, tuple[int, float]] = {
    "torch.nn.TransformerEncoderLayer": (3, 0.1),
    "torch.nn.TransformerDecoderLayer": (3, 0.1),
    "torch.nn.Transformer": (5, 0.1),
    "torch.nn.MultiheadAttention": (2, 0.0),
}
STACKS_OF_LAYERS = frozenset({"torch.nn.TransformerEncoder", "torch.nn.TransformerDecoder"})  # copies of their argument
BATCHNORM_LAYERS = frozenset(
    {"torch.nn.BatchNorm1d", "torch.nn.BatchNorm2d", "torch.nn.BatchNorm3d", "torch.nn.SyncBatchNorm",
     "torch.nn.LazyBatchNorm1d", "torch.nn.LazyBatchNorm2d", "torch.nn.LazyBatchNorm3d"}
)  # fmt: skip
OTHER_NORM_LAYERS = frozenset(
    {"torch.nn.LayerNorm", "torch.nn.GroupNorm", "torch.nn.RMSNorm", "torch.nn.InstanceNorm1d", "torch.nn.InstanceNorm2d",
     "torch.nn.InstanceNorm3d", "torch.nn.LocalResponseNorm"}
)  # fmt: skip
RECURRENT_LAYERS = frozenset({"torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU"})
IDENTITY_LAYERS = frozenset({"torch.nn.Identity"})
WRAPPER_LAYERS = frozenset({"torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel",
                            "torch.nn.parallel.DataParallel"})  # fmt: skip

# Functions and methods that keep what the numbers stand for, by name; the value is how the shape changes.
KEEPING: dict[str, str] = {
    **dict.fromkeys(
        (
            "contiguous", "clone", "requires_grad_", "retain_grad", "cpu", "cuda", "numpy", "pin_memory", "share_memory_",
            "double", "half", "float", "bfloat16", "to", "type", "type_as", "clamp", "clamp_", "clip", "nan_to_num",
            "as_subclass", "detach", "detach_", "data", "flip", "roll", "xpu", "mps", "register_hook", "npu",
        ),
        "same",
    ),
    **dict.fromkeys(
        ("view", "reshape", "view_as", "reshape_as", "flatten", "squeeze", "squeeze_", "unsqueeze", "unsqueeze_",
         "transpose", "transpose_", "permute", "t", "T", "swapaxes", "swapdims", "movedim", "expand", "expand_as",
         "repeat", "unflatten", "ravel", "mT", "moveaxis", "narrow", "broadcast_to", "tile", "repeat_interleave"),
        "shape",
    ),
}  # fmt: skip

FLOATING = frozenset({"float", "double", "half", "bfloat16"})
INTEGRAL = frozenset({"long", "int", "short", "char", "byte"})

DETACHING = frozenset({"detach", "detach_", "data", "numpy", "item", "tolist"})
ZERO_GRADIENT = frozenset({"round", "sign", "floor", "ceil", "trunc", "round_", "sgn", "heaviside"})

ARG_REDUCTIONS = frozenset({"argmax", "argmin", "argsort"})

COMPARISON_METHODS: dict[str, str] = {
    "eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "greater": ">", "less": "<",
    "greater_equal": ">=", "less_equal": "<=", "not_equal": "!=", "equal": "equal", "isclose": "isclose",
    "allclose": "allclose",
}  # fmt: skip

# Methods that only tensors of torch have: a value that is asked for one of them is a tensor.
TENSOR_ONLY = frozenset(
    {"softmax", "log_softmax", "sigmoid", "relu", "tanh", "sigmoid_", "relu_", "logsigmoid", "backward", "detach", "detach_",
     "requires_grad_", "unsqueeze", "data_ptr", "retain_grad", "scatter_", "eq", "log_softmax_", "softmax_", "log_sigmoid"}
)  # fmt: skip

INTERVAL_KEEPING = frozenset({"clamp", "clamp_", "clip"})
