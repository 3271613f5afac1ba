#%%
"""A script that an editor runs cell by cell: the value of a cell is shown."""

import torch

x = torch.randn(3, 4)
#%%
x.exp()
#%%
torch.softmax(x, dim=1)
