"""Ways for old and for new versions of torch, in one expression."""
# not: removed-api

import torch

y, x = torch.arange(3), torch.arange(4)
new = check(torch.__version__, "1.10.0")
rows, columns = torch.meshgrid(y, x, indexing="ij") if new else torch.meshgrid(y, x)
if new:
    rows, columns = torch.meshgrid(y, x, indexing="ij")
else:
    rows, columns = torch.meshgrid(y, x)
size = len(x.untyped_storage() if hasattr(x, "untyped_storage") else x.storage())
