"""`cargo xtask bench --train`: networks in PyTorch beside `cargo loom train`, on this machine.

The editor: trunk, text encoder and head on drawn photos, 48 questions and two masks a photo, crops of 128 x 128, 32 a
step, by AdamW with gradients clipped. The garments' generator of 64 x 64, with its encoder, against two discriminators
that read the sentence, 32 forms a step. Both keep an average of the weights. They take turns; of each the first steps
do not count. PyTorch is given its batches ready; ours cuts, turns and colours its crops meanwhile.

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
from PIL import Image

import editor
import garments

STEPS, ROUNDS = int(os.environ.get("STEPS", 40)), int(os.environ.get("ROUNDS", 3))
# Our log has a line every so many steps, as far as these go, the first after one.
EVERY, LINES = 10, 5


def draw_photos(folder, count=120):
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


def draw_forms(folder, count=120):
    """Rectangles in light and alpha, in the layout of the garments' forms."""
    rng = np.random.default_rng(2)
    os.makedirs(folder)
    y, x = np.mgrid[:64, :64]
    with open(f"{folder}/captions.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "caption", "class"])
        for n in range(count):
            centre, half = rng.uniform(24, 40, 2), rng.uniform(10, 24, 2)
            alpha = 255 * ((abs(x - centre[0]) < half[0]) & (abs(y - centre[1]) < half[1]))
            light = rng.uniform(60, 200) + 20 * np.sin(x / rng.uniform(2, 9))
            Image.fromarray(np.dstack([light, alpha]).astype(np.uint8), "LA").save(f"{folder}/{n:04}.png")
            kind = ["skirt", "dress", "shirt"][n % 3]
            table.writerow([f"{n:04}.png", f"a plain {kind}", kind])


def pytorch(of, half, steps):
    """Photos a second of PyTorch's steps."""
    torch.manual_seed(1)
    training, warm = of.Training(), 4
    for step in range(steps + warm):
        if step == warm:
            start = time.perf_counter()
        training.step(step, half)
    return steps * of.BATCH / (time.perf_counter() - start)


def ours(arguments, batch, half, steps):
    """Photos a second of `cargo loom train`, between two lines of its log."""
    # To a whole number of lines.
    lines = min(LINES, max(1, round(steps / EVERY)))
    # As .cargo/config.toml has it.
    environment = dict(os.environ, MIMALLOC_PURGE_DELAY="-1")
    with tempfile.TemporaryDirectory() as run:
        device = ["--device", "bf16" if half else "cpu"]
        command = [os.environ["LOOM"], "train", *arguments, *device]
        command += ["--run", f"{run}/run", "--steps", str(EVERY * lines + 1)]
        log = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        times, tail = [], ""
        for line in log.stderr:
            tail = line
            if re.match(r"step \d+: ", line):
                times.append(time.perf_counter())
        if log.wait() or len(times) < 2:
            sys.exit(f"{' '.join(command)} failed: {tail}")
    return (len(times) - 1) * EVERY * batch / (times[-1] - times[0])


def trainings(data):
    """Of each training its name, PyTorch's, and what ours is called with."""
    photos, forms = f"clothing={data}/photos", f"folder={data}/forms"
    trunk = ["trunk", "--data", photos, "--plain", "--size", editor.SIZE, "--asked", editor.ASKED]
    trunk = [str(argument) for argument in [*trunk, "--batch", editor.BATCH]]
    gan = ["text-to-image", "--data", forms, "--size", str(garments.SIZE)]
    yield "editor", editor, trunk
    yield "garments", garments, gan


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    speeds = {}
    with tempfile.TemporaryDirectory() as data:
        draw_photos(f"{data}/photos")
        draw_forms(f"{data}/forms")
        for turn in range(ROUNDS):
            for name, of, arguments in trainings(data):
                for half in True, False:
                    steps = STEPS if half else max(4, STEPS // 4)
                    own = ours(arguments, of.BATCH, half, steps)
                    precision = "bf16" if half else "f32"
                    for who, speed in ("Wordloom", own), ("PyTorch", pytorch(of, half, steps)):
                        speeds.setdefault((name, precision), {}).setdefault(who, []).append(speed)
                        print(f"{turn + 1}. {name}, {precision}, {who}: {speed:.1f} a second", flush=True)
    print("\n| photos or forms a second | Wordloom | PyTorch | ratio |\n|---|---|---|---|")
    for (name, precision), of in speeds.items():
        one, other = (float(np.median(of[who])) for who in ("Wordloom", "PyTorch"))
        print(f"| {name}, {precision} | {one:.1f} | {other:.1f} | {one / other:.2f} |")


main()
