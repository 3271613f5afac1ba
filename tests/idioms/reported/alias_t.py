import torch as t

net = t.nn.Linear(4, 3)
x, y = t.randn(8, 4), t.randint(0, 3, (8,))
p = t.softmax(net(x), -1)
t.nn.functional.cross_entropy(p, y).backward()  # error: softmax-before-cross-entropy
