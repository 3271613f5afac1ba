from torch.nn import *
import torch

net = Sequential(Linear(4, 3), Softmax(dim=1))
loss_fn = CrossEntropyLoss()


def step(x, y):
    return loss_fn(net(x), y)  # error: softmax-before-cross-entropy
