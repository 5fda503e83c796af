# SPDX-License-Identifier: Apache-2.0
"""PyTorch: a network with its scaler inside, as ONNX."""
import torch
from torch import nn

from table import read

rows, truths, classes = read("train.csv", write_names=True)
rows, truths = torch.tensor(rows), torch.tensor(truths)


class Scaler(nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.register_buffer("mean", rows.mean(0))
        self.register_buffer("scale", rows.std(0))

    def forward(self, x):
        return (x - self.mean) / self.scale


torch.manual_seed(0)
net = nn.Sequential(
    Scaler(rows), nn.Linear(rows.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(),
    nn.Linear(32, len(classes)))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(25):
    for batch in torch.randperm(len(rows)).split(128):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(rows[batch]), truths[batch]).backward()
        optimizer.step()

torch.onnx.export(
    net.eval(), (rows[:2],), "torch.onnx", dynamo=True, external_data=False,
    dynamic_shapes=({0: torch.export.Dim("rows")},), verbose=False)
print(",".join(classes))
