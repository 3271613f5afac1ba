"""Gradients of one arm of a branch that are added up, stepped behind the branch, used by hand, or looked at."""

import torch
import torch.nn.functional as F


def accumulated(net, batches, optimizer, n):
    optimizer.zero_grad()
    for i, (x, y) in enumerate(batches):
        if (i + 1) % n:
            (F.cross_entropy(net(x), y) / n).backward()
        else:
            (F.cross_entropy(net(x), y) / n).backward()
            optimizer.step()
            optimizer.zero_grad()


def stepped_behind(net, batches, optimizer, mixed):
    scaler = torch.amp.GradScaler("cuda", enabled=mixed)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        if mixed:
            scaler.scale(loss).backward()
        else:
            loss.backward()
        if mixed:
            scaler.step(optimizer)
            scaler.update()
        else:
            optimizer.step()


def by_hand(net, batches, optimizer, first):
    for x, y in batches:
        optimizer.zero_grad()
        if first:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        else:
            F.cross_entropy(net(x), y).backward()
            with torch.no_grad():
                for p in net.parameters():
                    p.sub_(0.1 * p.grad)


def by_another(net, batches, optimizer, update, first):
    for x, y in batches:
        optimizer.zero_grad()
        if first:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        else:
            F.cross_entropy(net(x), y).backward()
            update(optimizer)


def cleared_by_the_other_arm(net, batches, optimizer, first):
    for x, y in batches:
        if first:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        else:
            F.cross_entropy(net(x), y).backward()
