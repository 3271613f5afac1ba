"""A benchmark wants the work, not the result."""

import time

import torch


def on_cpu(x):
    start = time.perf_counter()
    torch.exp(torch.sin(x))
    return time.perf_counter() - start


def on_gpu(x):
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(10):
        torch.exp(torch.sin(x))
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end)


print(on_cpu(torch.randn(100, 100)), on_gpu(torch.randn(100, 100)))
