import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import BertModel


class C(nn.Module):
    def __init__(self):
        super().__init__()
        self.bert = BertModel.from_pretrained("bert-base-uncased")
        self.drop = nn.Dropout(0.1)
        self.cls = nn.Linear(768, 2)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, ids, mask):
        o = self.bert(ids, attention_mask=mask)
        return self.softmax(self.cls(self.drop(o.pooler_output)))


m = C()
loss_fn = nn.CrossEntropyLoss()
for b in loader:
    loss = loss_fn(m(b["ids"], b["mask"]), b["y"])  # error: softmax-before-cross-entropy
    loss.backward()
