"""The loss of one sample at a time: there are as many losses as samples."""

import torch
import torch.nn.functional as F


def stereo(scores, labels, lengths):
    start, losses = 0, []
    for label, length in zip(labels, lengths):
        current = scores[start : start + length]
        losses.append(F.cross_entropy(current.view(1, -1), torch.tensor([label]), reduction="sum"))
        start += length
    return sum(losses) / len(labels)
