# Scores that something else has made, and a target of another model that is not trained here.
import torch
from torch import nn

student, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
optimizer = torch.optim.SGD(student.parameters(), lr=0.1)


def distil(batches):
    for x, scores in batches:
        optimizer.zero_grad()
        target = torch.softmax(student(x), dim=1)
        loss = nn.functional.cross_entropy(scores, target)  # probabilities as a target
        loss.backward()
        optimizer.step()


def judge(predictions, inputs):
    for scores, x in zip(predictions, inputs):
        nn.functional.cross_entropy(scores, teacher(x)).backward()


def match(batches):
    for x, scores in batches:
        with torch.no_grad():
            target = student(x)
        nn.functional.binary_cross_entropy_with_logits(scores, target)
