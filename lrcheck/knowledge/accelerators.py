"""Devices: how a program asks for one, how it tests for one, and which libraries choose one for it."""

from __future__ import annotations

KINDS = frozenset({"cuda", "mps", "xpu", "hpu", "npu"})
"""Devices that a machine may lack."""

TESTS = frozenset(
    {"torch.cuda.is_available", "torch.cuda.device_count", "torch.backends.mps.is_available", "torch.xpu.is_available",
     "torch.accelerator.is_available", "torch.accelerator.current_accelerator", "torch.cuda.is_initialized",
     "torch.backends.cuda.is_built", "torch.backends.mps.is_built", "torch.version.cuda", "torch.get_default_device"}
)  # fmt: skip

PLACING = frozenset({"torch.set_default_device", "torch.set_default_tensor_type", "torch.cuda.set_device"})
"""After these, tensors are made on a device that the call does not name."""

PARALLEL = frozenset(
    {"torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.nn.parallel.DistributedDataParallel"}
)
"""Wrappers that move their inputs themselves."""
