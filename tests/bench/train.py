"""`cargo xtask bench --train`: the editor's networks in PyTorch beside `cargo loom train trunk`, on this machine.

Both train trunk, text encoder and head on the same drawn photos, 48 questions and two masks a photo, crops of
128 x 128, 32 a step, by AdamW with gradients clipped and an average of the weights kept. They take turns; of each
the first steps do not count. PyTorch is given its batches ready; ours cuts, turns and colours its crops meanwhile.

Environment: LOOM, the program; STEPS, steps that count in bf16, 10 to 50 (a quarter of them in f32); ROUNDS; ONEDNN,
as for the training itself.
"""
import csv
import os
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

SIZE, BATCH, ASKED, WORDS, VOCABULARY = 128, 32, 48, 6, 300
STEPS, ROUNDS = int(os.environ.get("STEPS", 40)), int(os.environ.get("ROUNDS", 3))
# Our log has a line every so many steps, as far as these go, the first after one.
EVERY, LINES = 10, 5


def draw(folder, count=120):
    """Ellipses of one colour on another, in the layout of the photos of clothes at home."""
    rng = np.random.default_rng(1)
    for name in "images", "masks":
        os.makedirs(f"{folder}/{name}")
    y, x = np.mgrid[:240, :180]
    with open(f"{folder}/images.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "sender_id", "label", "kids"])
        for n in range(count):
            centre, radii = rng.uniform(60, 120, 2), rng.uniform(30, 80, 2)
            mask = ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2 < 1
            colours = rng.uniform(0, 255, (2, 3))
            photo = colours[mask.astype(int)] + rng.normal(0, 8, (240, 180, 3))
            Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(f"{folder}/images/{n:04}.jpg")
            Image.fromarray(255 * mask.astype(np.uint8)).save(f"{folder}/masks/{n:04}.png")
            table.writerow([f"{n:04}", 1, ["Skirt", "Dress", "Shorts"][n % 3], False])


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


def pytorch(half, steps):
    """Photos a second of PyTorch's steps."""
    torch.manual_seed(1)
    net = Editor().to(memory_format=torch.channels_last)
    average = [value.clone() for value in net.state_dict().values()]
    adam = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
    photos = torch.rand(4, BATCH, 3, SIZE, SIZE) * 2 - 1
    labels = torch.randint(0, 12, (4, BATCH, 1, SIZE // 8, SIZE // 8)).float()
    labels = F.interpolate(labels.flatten(0, 1), scale_factor=8).reshape(4, BATCH, SIZE, SIZE)
    warm = 4
    for step in range(steps + warm):
        if step == warm:
            start = time.perf_counter()
        photo = photos[step % 4].to(memory_format=torch.channels_last)
        masks = labels[step % 4][:, None] == torch.arange(ASKED)[None, :, None, None]
        targets = F.avg_pool2d(masks.float(), 2).flatten(2)
        there = (targets.sum(2) > 0).float()
        weights = there + 0.3 * (1 - there)
        sentences = torch.randint(0, VOCABULARY, (ASKED, WORDS))
        first, masks, presence = net(photo, sentences, half)
        loss = 0.4 * cost(first, targets, weights, there) + cost(masks, targets, weights, there)
        loss = loss + 0.5 * F.binary_cross_entropy_with_logits(presence, there)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        adam.step()
        with torch.no_grad():
            for kept, value in zip(average, net.state_dict().values()):
                if value.dtype.is_floating_point:
                    kept.lerp_(value, 0.002)
    return steps * BATCH / (time.perf_counter() - start)


def ours(half, steps, data):
    """Photos a second of `cargo loom train trunk`, between two lines of its log."""
    # To a whole number of lines.
    lines = min(LINES, max(1, round(steps / EVERY)))
    environment = dict(os.environ)
    if not half:
        # No library: maps in single precision, by burn and our own kernels.
        environment["ONEDNN"] = os.devnull
    with tempfile.TemporaryDirectory() as run:
        command = [os.environ["LOOM"], "train", "trunk", "--data", f"clothing={data}", "--run", f"{run}/run"]
        command += ["--size", str(SIZE), "--batch", str(BATCH), "--asked", str(ASKED), "--plain"]
        command += ["--steps", str(EVERY * lines + 1)]
        log = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        times, tail = [], ""
        for line in log.stderr:
            tail = line
            if re.match(r"step \d+: ", line):
                times.append(time.perf_counter())
        if log.wait() or len(times) < 2:
            sys.exit(f"{' '.join(command)} failed: {tail}")
    return (len(times) - 1) * EVERY * BATCH / (times[-1] - times[0])


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    speeds = {}
    with tempfile.TemporaryDirectory() as data:
        draw(data)
        for turn in range(ROUNDS):
            for half in True, False:
                steps = STEPS if half else max(4, STEPS // 4)
                name = "bf16" if half else "f32"
                for who, speed in ("Wordloom", ours(half, steps, data)), ("PyTorch", pytorch(half, steps)):
                    speeds.setdefault((name, who), []).append(speed)
                    print(f"{turn + 1}. {name} {who}: {speed:.1f} photos/s", flush=True)
    print("\n| photos/s | Wordloom | PyTorch | ratio |\n|---|---|---|---|")
    for name in "bf16", "f32":
        one, other = (float(np.median(speeds[name, who])) for who in ("Wordloom", "PyTorch"))
        print(f"| {name} | {one:.1f} | {other:.1f} | {one / other:.2f} |")


main()
