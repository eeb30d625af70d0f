"""The editor's networks and a step of their training, as trainer/src/trunk.rs has them."""
import torch
import torch.nn.functional as F
from torch import nn

SIZE, BATCH, ASKED, WORDS, VOCABULARY = 128, 32, 48, 6, 300


def conv(cin, out, kernel, stride):
    return nn.Sequential(nn.Conv2d(cin, out, kernel, stride, 1, bias=False), nn.BatchNorm2d(out))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = conv(width, width, 3, 1), conv(width, width, 3, 1)

    def forward(self, x):
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Trunk(nn.Module):
    """src/trunk.rs"""

    def __init__(self):
        super().__init__()
        widths = [3, 32, 48, 96, 160]
        self.downs = nn.ModuleList(conv(a, b, 4, 2) for a, b in zip(widths, widths[1:]))
        self.eighth, self.eighth_up = Block(96), Block(96)
        self.sixteenth = nn.ModuleList(Block(160) for _ in range(4))
        self.whole = nn.Linear(160, 160)
        self.ups = nn.ModuleList(conv(b, a, 3, 1) for a, b in zip(widths[3:0:-1], widths[:1:-1]))
        self.out = nn.Conv2d(32, 48, 3, 1, 1)

    def forward(self, x):
        levels = []
        for depth, down in enumerate(self.downs):
            x = F.relu(down(x))
            if depth == 2:
                x = self.eighth(x)
            levels.append(x)
        levels.pop()
        for n, block in enumerate(self.sixteenth):
            x = block(x)
            if n == 1:
                x = x + self.whole(x.mean((2, 3)))[:, :, None, None]
        whole = x.mean((2, 3))
        for height, up in enumerate(self.ups):
            x = F.relu(up(F.interpolate(x, scale_factor=2, mode="nearest"))) + levels.pop()
            if height == 0:
                x = self.eighth_up(x)
        return self.out(x), whole


class Editor(nn.Module):
    """The trunk, src/prompt/encoder.rs and src/head.rs."""

    def __init__(self):
        super().__init__()
        self.trunk = Trunk()
        self.words = nn.Embedding(VOCABULARY, 64)
        self.lstm = nn.LSTM(64, 64, bidirectional=True, batch_first=True)
        self.mask, self.presence = nn.Linear(128, 49), nn.Linear(128, 160 + 48 + 1)
        self.update = nn.Linear(48, 49, bias=False)
        nn.init.zeros_(self.update.weight)

    def forward(self, photo, sentences, half):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            places, whole = self.trunk(photo)
        places, whole = places.float().flatten(2), whole.float()
        states, _ = self.lstm(F.dropout(self.words(sentences), 0.1, self.training))
        t = states.max(1)[0]
        query = self.mask(t).expand(len(photo), -1, -1)
        first = query[..., :48] @ places + query[..., 48:]
        share = torch.sigmoid(first)
        found = share @ places.transpose(1, 2) / (share.sum(2, keepdim=True) + 1)
        second = query + self.update(found)
        masks = second[..., :48] @ places + second[..., 48:]
        q = self.presence(t)
        there = whole @ q[:, :160].T + (found * q[:, 160:208]).sum(2) + q[:, 208]
        return first, masks, there


def cost(logits, targets, weights, there):
    """trainer/src/asking.rs: cross entropy, and Dice over the words that are there."""
    entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(2) * weights
    p = torch.sigmoid(logits)
    dice = 1 - (2 * (p * targets).sum(2) + 1) / ((p + targets).sum(2) + 1)
    return 3 * entropy.mean() + (dice * there).sum() / there.sum().clamp(min=1)


class Training:
    """Batches are ready."""

    def __init__(self):
        self.net = Editor().to(memory_format=torch.channels_last)
        self.average = [value.clone() for value in self.net.state_dict().values()]
        self.adam = torch.optim.AdamW(self.net.parameters(), lr=2e-3, weight_decay=1e-3)
        self.photos = torch.rand(4, BATCH, 3, SIZE, SIZE) * 2 - 1
        labels = torch.randint(0, 12, (4, BATCH, 1, SIZE // 8, SIZE // 8)).float()
        self.labels = F.interpolate(labels.flatten(0, 1), scale_factor=8).reshape(4, BATCH, SIZE, SIZE)

    def step(self, step, half):
        photo = self.photos[step % 4].to(memory_format=torch.channels_last)
        masks = self.labels[step % 4][:, None] == torch.arange(ASKED)[None, :, None, None]
        targets = F.avg_pool2d(masks.float(), 2).flatten(2)
        there = (targets.sum(2) > 0).float()
        weights = there + 0.3 * (1 - there)
        sentences = torch.randint(0, VOCABULARY, (ASKED, WORDS))
        first, masks, presence = self.net(photo, sentences, half)
        loss = 0.4 * cost(first, targets, weights, there) + cost(masks, targets, weights, there)
        loss = loss + 0.5 * F.binary_cross_entropy_with_logits(presence, there)
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.adam.step()
        follow(self.average, self.net)


def follow(average, net):
    """Moves an average of weights."""
    with torch.no_grad():
        for kept, value in zip(average, net.state_dict().values()):
            if value.dtype.is_floating_point:
                kept.lerp_(value, 0.002)
