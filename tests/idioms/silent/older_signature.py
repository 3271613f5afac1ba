"""The older call stands where the newer signature is not known."""

# not: cuda-amp
import torch


def autocast_dtype(device):
    try:
        return torch.get_autocast_dtype(device)
    except TypeError:
        return torch.get_autocast_gpu_dtype()
