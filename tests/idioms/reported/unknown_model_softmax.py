import torch
import torch.nn as nn
import torch.nn.functional as F


def train(model, loader, opt, device):
    ce = nn.CrossEntropyLoss(label_smoothing=0.1)
    for batch in loader:
        x = batch["image"].to(device)
        y = batch["label"].to(device)
        logits = model(x)
        probs = nn.Softmax(dim=1)(logits)
        loss = ce(probs, y)  # error: softmax-before-cross-entropy
        opt.zero_grad()
        loss.backward()
        opt.step()
