"""Steps that move nothing: optimizers that never step, that hold nothing, and whose gradients are gone."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

from test_runtime_pairs import observed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(40, 6), torch.randint(0, 3, (40,))
body, head = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh()), nn.Linear(8, 3)
net = nn.Sequential(body, head)

"""
REPORTED = {
    "a counter that nobody counts": (
        """
        optimizer, waiting = torch.optim.SGD(net.parameters(), lr=0.1), 0
        for _ in range(20):
            F.cross_entropy(net(x), y).backward()  # here: missing-step
            if waiting == 4:
                optimizer.step()
                optimizer.zero_grad()
                waiting = 0
        """
    ),
    "an optimizer that is not handed on": (
        """
        def train(batches, optimizer=None):
            for features, classes in batches:
                net.zero_grad()
                F.cross_entropy(net(features), classes).backward()  # here: missing-step
                if optimizer is not None:
                    optimizer.step()
        def main():
            optimizer = torch.optim.Adam(net.parameters())
            train([(x, y)] * 24)
        main()
        """
    ),
    "one of two optimizers": (
        """
        def main():
            first, second = torch.optim.SGD(body.parameters(), lr=0.1), torch.optim.SGD(head.parameters(), lr=0.1)
            return first, second
        first, second = main()
        forgotten = torch.optim.Adam(head.parameters())
        for _ in range(40):
            first.zero_grad()
            head.zero_grad()
            F.cross_entropy(net(x), y).backward()  # here: missing-step
            first.step()
        """
    ),
    "a group whose generator is used up": (
        """
        slow = body.parameters()
        print(sum(each.numel() for each in slow))
        groups = [{"params": slow, "lr": 0.01}, {"params": head.parameters()}]
        optimizer = torch.optim.SGD(groups, lr=0.1)  # here: exhausted-parameters
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """
    ),
    "a group that is added, of a filtered generator": (
        """
        slow = filter(lambda each: each.dim() > 1, body.parameters())
        print(len(list(slow)))
        optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
        optimizer.add_param_group({"params": slow})  # here: exhausted-parameters
        """
    ),
    "a group of a name that no parameter has": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.trunk = nn.Linear(6, 8)  # here: optimizer-misses-parameters
                self.last = nn.Linear(8, 3)
            def forward(self, inputs):
                return self.last(torch.tanh(self.trunk(inputs)))
        model = Net()
        slow = [each for name, each in model.named_parameters() if name.startswith("body")]
        optimizer = torch.optim.SGD([{"params": slow, "lr": 0.01}, {"params": model.last.parameters()}], lr=0.1)
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        """
    ),
    "one of several callbacks clears": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        def shows():
            print([each.grad.norm() for each in net.parameters()])
        def clears():
            optimizer.zero_grad()  # here: zero-grad-before-step
        for _ in range(8):
            F.cross_entropy(net(x), y).backward()
            for call in (shows, clears):
                call()
            optimizer.step()
        """
    ),
    "gradients are set to zero by hand": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(24):
            F.cross_entropy(net(x), y).backward()  # here: frozen-parameters
            for each in net.parameters():
                each.grad.zero_()
            optimizer.step()
        """
    ),
    "two models whose parameters have the same names": (
        """
        first, second = nn.Linear(6, 8), nn.Linear(8, 3)
        optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
        for _ in range(24):
            optimizer.zero_grad()
            F.cross_entropy(second(torch.from_numpy(first(x).detach().numpy())), y).backward()  # here: frozen-parameters
            optimizer.step()
        """
    ),
    "the optimizer of the model that was copied": (
        """
        import copy
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        model = copy.deepcopy(net)
        for _ in range(24):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()  # here: frozen-parameters
            optimizer.step()
        """
    ),
    "micro-batches that are cleared one by one": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        def part(features, classes):
            optimizer.zero_grad()  # here: accumulation-mistake
            loss = F.cross_entropy(net(features), classes) / 4
            loss.backward()
        for _ in range(8):
            for features, classes in zip(x.chunk(4), y.chunk(4)):
                part(features, classes)
            optimizer.step()
        """
    ),
    "an average of losses": (
        """
        optimizer, average = torch.optim.SGD(net.parameters(), lr=0.1), None
        for _ in range(8):
            loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average = loss if average is None else 0.9 * average + 0.1 * loss  # here: graph-accumulation
        """
    ),
    "an average of divided losses, in a meter": (
        """
        class Meter:
            def __init__(self):
                self.value = torch.zeros(())
            def add(self, loss):
                self.value = torch.lerp(self.value, loss, 0.1)  # here: graph-accumulation
        optimizer, meter = torch.optim.SGD(net.parameters(), lr=0.1), Meter()
        for _ in range(8):
            optimizer.zero_grad()
            for _ in range(2):
                loss = F.cross_entropy(net(x), y)
                (loss / 2).backward()
                meter.add(loss)
            optimizer.step()
        """
    ),
    "an average of weights": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        shadow = {name: each.detach().clone() for name, each in net.named_parameters()}
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            for name, each in net.named_parameters():
                shadow[name] = 0.9 * shadow[name] + 0.1 * each  # here: graph-accumulation
        """
    ),
    "epochs of a cosine, stepped for each batch": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        epochs = 4
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
        def train():
            for index in torch.randperm(40).split(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index]), y[index]).backward()
                optimizer.step()
                scheduler.step()  # here: scheduler-misuse
        for epoch in range(epochs):
            train()
        """
    ),
    "batches of a cycle, stepped for each epoch": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        total = 4 * 10
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=total)
        for epoch in range(4):
            for index in torch.randperm(40).split(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index]), y[index]).backward()
                optimizer.step()
            scheduler.step()  # here: scheduler-misuse
        """
    ),
    "a scheduler of the optimizer before": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)  # here: scheduler-misuse
        optimizer = torch.optim.Adam(net.parameters())
        for epoch in range(4):
            for index in torch.randperm(40).split(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index]), y[index]).backward()
                optimizer.step()
            scheduler.step()
        """
    ),
    "layers that were trained before they were frozen, and are trained again": (
        """
        trunk = nn.Linear(6, 8)  # here: optimizer-misses-parameters
        first = nn.Sequential(trunk, nn.Tanh(), nn.Linear(8, 2))
        def pretrain():
            optimizer = torch.optim.Adam(first.parameters())
            for _ in range(10):
                optimizer.zero_grad()
                F.cross_entropy(first(x), y % 2).backward()
                optimizer.step()
        pretrain()
        model = nn.Sequential(trunk, nn.Tanh(), nn.Linear(8, 3))
        trunk.requires_grad_(False)
        optimizer = torch.optim.Adam(each for each in model.parameters() if each.requires_grad)
        for number in range(40):
            if number == 8:
                trunk.requires_grad_(True)
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        """
    ),
    "a period as long as the run has epochs": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
        for epoch in range(6):
            for index in range(5):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index * 8 :][:8]), y[index * 8 :][:8]).backward()
                optimizer.step()
                scheduler.step()  # here: scheduler-misuse
        """
    ),
    "a new model in evaluation mode": (
        """
        student = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
        student.eval()  # here: training-in-eval-mode
        for _ in range(20):
            optimizer.zero_grad()
            F.cross_entropy(student(x), y).backward()
            optimizer.step()
        """
    ),
    "layers that are no longer frozen": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.trunk = nn.Linear(6, 8)  # here: optimizer-misses-parameters
                self.last = nn.Linear(8, 3)
            def forward(self, inputs):
                return self.last(torch.tanh(self.trunk(inputs)))
        model = Net()
        model.trunk.requires_grad_(False)
        optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], lr=0.1)
        for number in range(24):
            if number == 8:
                model.trunk.requires_grad_(True)
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        """
    ),
    "a learning rate of 0": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: epoch // 50)
        for _ in range(24):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()  # here: frozen-parameters
            optimizer.step()
            scheduler.step()
        """
    ),
    "a scaler that does not make the step": (
        """
        optimizer, scaler = torch.optim.SGD(net.parameters(), lr=0.1), torch.amp.GradScaler("cpu")
        for _ in range(8):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = F.cross_entropy(net(x), y)
            scaler.scale(loss).backward()
            optimizer.step()  # here: amp-misuse
            try:
                scaler.update()
            except AssertionError:
                break
            optimizer.zero_grad()
        """
    ),
    "clipping before the scale is divided out": (
        """
        optimizer, scaler = torch.optim.SGD(net.parameters(), lr=0.1), torch.amp.GradScaler("cpu")
        for _ in range(8):
            optimizer.zero_grad()
            scaler.scale(F.cross_entropy(net(x), y)).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # here: clip-misplaced
            scaler.unscale_(optimizer)
            scaler.step(optimizer)
            scaler.update()
        """
    ),
    "a rate of epochs, stepped once per batch": (
        """
        epochs = 6
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 - epoch / epochs)
        for epoch in range(epochs):
            for features, classes in zip(x.chunk(5), y.chunk(5)):
                optimizer.zero_grad()
                F.cross_entropy(net(features), classes).backward()
                optimizer.step()
                scheduler.step()  # here: scheduler-misuse
        """
    ),
    "a rate of batches, stepped once per epoch": (
        """
        def main(epochs=8):
            total = 5 * epochs
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            scheduler = torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda step: min(step / 4, max(0.0, (total - step) / (total - 4)))
            )
            for epoch in range(epochs):
                for features, classes in zip(x.chunk(5), y.chunk(5)):
                    optimizer.zero_grad()
                    F.cross_entropy(net(features), classes).backward()
                    optimizer.step()
                scheduler.step()  # here: scheduler-misuse
        main()
        """
    ),
    "an accuracy that is to fall": (
        """
        classes = x[:, :3].argmax(1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
        for epoch in range(12):
            for _ in range(5):
                optimizer.zero_grad()
                F.cross_entropy(net(x), classes).backward()
                optimizer.step()
            with torch.no_grad():
                scheduler.step((net(x).argmax(1) == classes).float().mean())  # here: scheduler-misuse
        """
    ),
    "a training whose switch is off": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        def run(features, classes, learns=False):
            loss = F.cross_entropy(net(features), classes)
            if learns:
                loss.backward()
                optimizer.step()
            return loss.item()
        for _ in range(24):
            optimizer.zero_grad()  # here: missing-step
            run(x, y)
        """
    ),
    "an average that is kept in the weights": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        shadow = {name: each.data for name, each in net.named_parameters()}
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            for name, each in net.named_parameters():
                shadow[name].mul_(0.9).add_(each.data, alpha=0.1)  # here: state-dict-alias
        """
    ),
    "a hidden layer that is filled like another one": (
        """
        layer = net[0][2]
        layer.weight = nn.Parameter(torch.full_like(layer.weight, 0.1))  # here: bad-initialisation
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """
    ),
    "gradients that are added up, and clipped behind the step": (
        """
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for step in range(16):
            (F.cross_entropy(net(x), y) / 2).backward()
            if (step + 1) % 2 == 0:
                optimizer.step()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # here: clip-misplaced
                optimizer.zero_grad()
        """
    ),
    "a rate that falls with each batch, to a hundred millionth": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
        for epoch in range(40):
            for features, classes in zip(x.chunk(5), y.chunk(5)):
                optimizer.zero_grad()
                F.cross_entropy(net(features), classes).backward()
                optimizer.step()
                scheduler.step()  # here: scheduler-misuse
        """
    ),
    "one of two parts is cleared": (
        """
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.001)
        def update():
            F.cross_entropy(net(x), y).backward()
            optimizer.step()  # here: gradients-accumulate
            body.zero_grad()
        for _ in range(24):
            update()
        """
    ),
    "an optimizer of what is frozen": (
        """
        model = nn.Sequential(body.requires_grad_(False), nn.Tanh(), nn.Linear(8, 3))  # here: optimizer-misses-parameters
        optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
        for _ in range(24):
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        """
    ),
}
SILENT = {
    "parts that are cleared one by one, and a part that rests": (
        """
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.001)
        for step in range(48):
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            body.zero_grad()
            head.zero_grad(set_to_none=False)
            head.requires_grad_(step % 2 == 0)
        """
    ),
    "an optimizer and a schedule for each cycle": (
        """
        for cycle in range(4):
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)
            for _ in range(8):
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
                scheduler.step()
        """
    ),
    "samples that are told from each other, not from themselves": (
        """
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(48):
            one, other = F.normalize(net(x), dim=1), F.normalize(net(x + 0.1 * torch.randn_like(x)), dim=1)
            both = torch.cat([one, other])
            alike = both @ both.t() / 0.2
            alike.fill_diagonal_(float("-inf"))
            optimizer.zero_grad()
            F.cross_entropy(alike, torch.cat([torch.arange(40, 80), torch.arange(40)])).backward()
            optimizer.step()
        """
    ),
    "gradients that are added up, and clipped before the step": (
        """
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for step in range(16):
            (F.cross_entropy(net(x), y) / 2).backward()
            if (step + 1) % 2 == 0:
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
        """
    ),
    "gradients that are kept in part from step to step": (
        """
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for step in range(16):
            if step % 2 == 0:
                optimizer.zero_grad()
            (F.cross_entropy(net(x), y) / 2).backward()
            if step % 2:
                optimizer.step()
                print(nn.utils.clip_grad_norm_(net.parameters(), 1.0))
        """
    ),
    "a copy that learns first, and leads the way": (
        """
        import copy
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(24):
            fast = copy.deepcopy(net)
            inner = torch.optim.SGD(fast.parameters(), lr=0.1)
            for _ in range(2):
                inner.zero_grad()
                F.cross_entropy(fast(x), y).backward()
                inner.step()
            optimizer.zero_grad()
            for slow, quick in zip(net.parameters(), fast.parameters()):
                slow.grad = slow.detach() - quick.detach()
            optimizer.step()
        """
    ),
    "directions that are tried out": (
        """
        weights = list(net.parameters())
        with torch.no_grad():
            for _ in range(24):
                net.zero_grad()
                before = F.cross_entropy(net(x), y)
                noise = [0.01 * torch.randn_like(each) for each in weights]
                torch._foreach_add_(weights, noise)
                if F.cross_entropy(net(x), y) > before:
                    torch._foreach_sub_(weights, noise)
        """
    ),
    "weights that decay, and an average of copies": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        shadow = {name: each.detach().clone() for name, each in net.named_parameters()}
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            for name, each in net.named_parameters():
                each.data.add_(each.data, alpha=-0.001)
                shadow[name].mul_(0.9).add_(each.data, alpha=0.1)
        """
    ),
    "gradients by hand, cleared all the same": (
        """
        weights = list(net.parameters())
        for _ in range(24):
            net.zero_grad()
            gradients = torch.autograd.grad(F.cross_entropy(net(x), y), weights)
            with torch.no_grad():
                for weight, gradient in zip(weights, gradients):
                    weight -= 0.1 * gradient
        """
    ),
    "few losses, and none of them trained": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(8):
            optimizer.zero_grad()
            print(F.cross_entropy(net(x), y).item())
        """
    ),
    "rates of batches and of epochs": (
        """
        import math
        for kind in ("batch", "epoch", "waves"):
            whole = {"batch": 40, "epoch": 8, "waves": 10}[kind]
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            scheduler = torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * (step % (whole + 1)) / whole))
            )
            for epoch in range(8):
                for features, classes in zip(x.chunk(5), y.chunk(5)):
                    optimizer.zero_grad()
                    F.cross_entropy(net(features), classes).backward()
                    optimizer.step()
                    if kind != "epoch":
                        scheduler.step()
                if kind == "epoch":
                    scheduler.step()
        """
    ),
    "a share of errors, and an accuracy that is to rise": (
        """
        classes = x[:, :3].argmax(1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
        errors = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=50)
        right = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "max", patience=50)
        for epoch in range(12):
            for _ in range(5):
                optimizer.zero_grad()
                F.cross_entropy(net(x), classes).backward()
                optimizer.step()
            with torch.no_grad():
                accuracy = (net(x).argmax(1) == classes).float().mean()
            errors.step(1 - accuracy)
            right.step(accuracy)
        """
    ),
    "an update by hand": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(20):
            F.cross_entropy(net(x), y).backward()
            with torch.no_grad():
                for each in net.parameters():
                    each -= 0.1 * each.grad
                    each.grad = None
        """
    ),
    "gradients that are looked at": (
        """
        optimizer, total = torch.optim.SGD(net.parameters(), lr=0.1), 0.0
        for _ in range(20):
            net.zero_grad()
            F.cross_entropy(net(x), y).backward()
            total += float(head.weight.grad.norm())
        print(total)
        """
    ),
    "a model that rests": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        net.eval()
        for _ in range(20):
            F.cross_entropy(net(x), y).backward()
        """
    ),
    "fewer passes than would be a training": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(12):
            F.cross_entropy(net(x), y).backward()
        """
    ),
    "no optimizer at all": (
        """
        for _ in range(20):
            F.cross_entropy(net(x), y).backward()
        """
    ),
    "something else moves the parameters": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(20):
            net.zero_grad()
            F.cross_entropy(net(x), y).backward()
            net.load_state_dict({name: 0.9 * each for name, each in net.state_dict().items()})
        """
    ),
    "a run that an exception ends": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for number in range(20):
            F.cross_entropy(net(x), y).backward()
        raise RuntimeError
        """
    ),
    "an empty group beside all parameters": (
        """
        optimizer = torch.optim.SGD([{"params": list(net.parameters())}, {"params": []}], lr=0.1)
        for _ in range(8):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        """
    ),
    "micro-batches that are added up": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(8):
            optimizer.zero_grad()
            for features, classes in zip(x.chunk(4), y.chunk(4)):
                (F.cross_entropy(net(features), classes) / 4).backward()
            optimizer.step()
        """
    ),
    "averages of numbers": (
        """
        optimizer, first, second = torch.optim.SGD(net.parameters(), lr=0.1), 0.0, torch.zeros(())
        shadow = [each.detach().clone() for each in net.parameters()]
        for _ in range(8):
            loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            first = 0.9 * first + 0.1 * loss.item()
            with torch.no_grad():
                second = 0.9 * second + 0.1 * loss
            shadow = [0.9 * each + 0.1 * new.data for each, new in zip(shadow, net.parameters())]
        """
    ),
    "one cosine for each epoch": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
        for epoch in range(4):
            for index in torch.randperm(40).split(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index]), y[index]).backward()
                optimizer.step()
                scheduler.step()
        """
    ),
    "a cosine of so many epochs, and as many steps": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
        for epoch in range(4):
            for index in torch.randperm(40).split(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index]), y[index]).backward()
                optimizer.step()
            scheduler.step()
        """
    ),
    "milestones in batches": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [10, 20])
        for epoch in range(3):
            for index in torch.randperm(40).split(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index]), y[index]).backward()
                optimizer.step()
                scheduler.step()
        """
    ),
    "an optimizer and a scheduler for each phase": (
        """
        for rate in (0.1, 0.01):
            optimizer = torch.optim.SGD(net.parameters(), lr=rate)
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
            for epoch in range(4):
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
                scheduler.step()
        """
    ),
    "layers that are no longer frozen, and of which features are taken": (
        """
        trunk = nn.Linear(6, 8)
        first = nn.Sequential(trunk, nn.Tanh(), nn.Linear(8, 2))
        def pretrain():
            optimizer = torch.optim.Adam(first.parameters())
            for _ in range(10):
                optimizer.zero_grad()
                F.cross_entropy(first(x), y % 2).backward()
                optimizer.step()
        pretrain()
        last = nn.Linear(8, 3)
        trunk.requires_grad_(False)
        optimizer = torch.optim.Adam(last.parameters())
        for number in range(40):
            if number == 8:
                trunk.requires_grad_(True)
            with torch.no_grad():
                features = first[:2](x)
            optimizer.zero_grad()
            F.cross_entropy(last(features), y).backward()
            optimizer.step()
        """
    ),
    "a period for each epoch": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)
        for epoch in range(5):
            for index in range(5):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index * 8 :][:8]), y[index * 8 :][:8]).backward()
                optimizer.step()
                scheduler.step()
        """
    ),
    "a period that is not as long as the run": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
        for epoch in range(6):
            for index in range(5):
                optimizer.zero_grad()
                F.cross_entropy(net(x[index * 8 :][:8]), y[index * 8 :][:8]).backward()
                optimizer.step()
                scheduler.step()
        """
    ),
    "statistics that come with the model": (
        """
        student = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
        student[1].running_mean.fill_(0.1)
        student.eval()
        for _ in range(20):
            optimizer.zero_grad()
            F.cross_entropy(student(x), y).backward()
            optimizer.step()
        """
    ),
    "a new model in evaluation mode without statistics": (
        """
        student = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8, track_running_stats=False), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
        student.eval()
        for _ in range(20):
            optimizer.zero_grad()
            F.cross_entropy(student(x), y).backward()
            optimizer.step()
        """
    ),
    "dropout that is left out on purpose": (
        """
        student = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.1), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
        student.eval()
        for _ in range(20):
            optimizer.zero_grad()
            F.cross_entropy(student(x), y).backward()
            optimizer.step()
        """
    ),
    "statistics that are learnt first": (
        """
        student = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
        student(x)
        student.eval()
        for _ in range(20):
            optimizer.zero_grad()
            F.cross_entropy(student(x), y).backward()
            optimizer.step()
        """
    ),
    "layers that get an optimizer when they are no longer frozen": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.trunk = nn.Linear(6, 8)
                self.last = nn.Linear(8, 3)
            def forward(self, inputs):
                return self.last(torch.tanh(self.trunk(inputs)))
        model = Net()
        model.trunk.requires_grad_(False)
        optimizer = torch.optim.SGD(model.last.parameters(), lr=0.1)
        for number in range(24):
            if number == 8:
                model.trunk.requires_grad_(True)
                optimizer.add_param_group({"params": model.trunk.parameters(), "lr": 0.01})
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        """
    ),
    "a learning rate that begins with 0": (
        """
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(step / 10, 1))
        for _ in range(24):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            scheduler.step()
        """
    ),
    "a scale that is divided out before the clipping": (
        """
        optimizer, scaler = torch.optim.SGD(net.parameters(), lr=0.1), torch.amp.GradScaler("cpu")
        for _ in range(8):
            optimizer.zero_grad()
            scaler.scale(F.cross_entropy(net(x), y)).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
        """
    ),
    "an optimizer whose turn comes late": (
        """
        first, second = torch.optim.SGD(body.parameters(), lr=0.1), torch.optim.SGD(head.parameters(), lr=0.1)
        def train(optimizer):
            for _ in range(40):
                net.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
        train(first)
        train(second)
        """
    ),
    "an optimizer whose turn never comes": (
        """
        first, second = torch.optim.SGD(body.parameters(), lr=0.1), None
        second = torch.optim.SGD(head.parameters(), lr=0.1)
        for epoch in range(40):
            net.zero_grad()
            F.cross_entropy(net(x), y).backward()
            first.step()
            if epoch > 100:
                second.step()
        """
    ),
    "loops over optimizers": (
        """
        optimizers = [torch.optim.SGD(part.parameters(), lr=0.1) for part in (body, head)]
        for _ in range(24):
            for optimizer in optimizers:
                optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            for optimizer in optimizers:
                optimizer.step()
        """
    ),
    "weights adapted before they are judged": (
        """
        from torch.func import functional_call

        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        def adapted(number, create_graph):
            weights = dict(net.named_parameters())
            for _ in range(number):
                loss = F.cross_entropy(functional_call(net, weights, (x,)), y)
                gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=create_graph)
                weights = {name: old - 0.1 * g for (name, old), g in zip(weights.items(), gradients)}
            return weights
        for _ in range(60):
            optimizer.zero_grad()
            F.cross_entropy(functional_call(net, adapted(1, True), (x,)), y).backward()
            optimizer.step()
        net.eval()
        wrong = 0.0
        for _ in range(20):
            weights = adapted(3, False)
            with torch.no_grad():
                wrong += F.cross_entropy(functional_call(net, weights, (x,)), y).item()
        print(wrong / 20)
        """
    ),
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_steps(name: str, tmp_path: Path) -> None:
    path, end = tmp_path / "program.py", tmp_path / "end"
    text = HEAD + textwrap.dedent(REPORTED.get(name, SILENT.get(name, "")))
    path.write_text(f"{text}\nopen({str(end)!r}, 'w').close()\n")
    marks = [(line.partition("# here: ")[2], number) for number, line in enumerate(text.splitlines(), 1)]
    found = [(each.name, each.span.line) for each in observed(path)]
    assert found == [mark for mark in marks if mark[0]]
    assert end.exists() or "exception" in name
