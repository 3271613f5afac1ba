"""`scatter` of a plot takes no dimension."""

import torch


def draw(figure, points):
    axes = figure.subplots(2, 3).flatten()
    for number, ax in enumerate(axes):
        ax.scatter(*points[number].T, c="k", s=400)
    axes[0].scatter(points, points)
    return torch.tensor(points)
