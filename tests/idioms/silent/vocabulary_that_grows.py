"""A dictionary with one entry gets others in a loop, each if it is not there yet."""

from torch import nn


def build(path, index=None):
    corpus = open(path).read().split()
    if index == None:
        index = {"<unk>": 0}
        for word in list(set(corpus)):
            if index.get(word) is None:
                index[word] = len(index)
    return index


index = build("words.txt")
net = nn.Linear(8, len(index))
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    criterion(net(x), y).backward()
