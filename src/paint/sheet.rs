//! One row of the photo at a time: its mattes, and its new colours.

use crate::colour::{LINEAR, encode};

use super::cloth::Cloth;
use super::light::Tones;
use super::matte::{self, CONTRAST, LESS, MORE};
use super::rows::{Position, Run, clamp_byte, round_byte};
use super::spill;
use super::{Edit, Layer};

/// Pixels that are painted together, so that their arithmetic runs in lanes.
const BLOCK: usize = 64;

type Lane = [f32; BLOCK];

/// A value far outside a matte.
const NOTHING: f32 = -9.0;

/// What one row of the photo needs on the way.
pub struct Sheet<'a> {
    edit: &'a Edit,
    runs: Vec<Run>,
    /// Between which pixels of the small photo each pixel of a row lies.
    columns: Vec<Position>,
    strips: Vec<Strip>,
    /// The row as it was.
    before: Vec<[u8; 4]>,
    places: Vec<usize>,
}

/// A layer in one row.
struct Strip {
    /// Its cells, interpolated to the row's height.
    cells: Vec<[[f32; 4]; 3]>,
    /// Where on its cloth the row is there; none without a cloth.
    shifts: Vec<[f32; 2]>,
    /// For each pixel what contrast makes of the filtered mask, 0 or more; it is all there at 1.
    values: Vec<f32>,
    /// For each pixel how much of the layer is seen, 0 to 1.
    opacities: Vec<f32>,
    /// Whether the row has any of it.
    seen: bool,
}

impl<'a> Sheet<'a> {
    pub fn new(edit: &'a Edit) -> Self {
        let (full, small) = (edit.full.width, edit.small.width);
        let strip = || Strip {
            cells: vec![[[0.0; 4]; 3]; small],
            shifts: Vec::new(),
            values: vec![NOTHING; full],
            opacities: vec![0.0; full],
            seen: false,
        };
        Self {
            edit,
            runs: Run::all(full, small),
            columns: (0..full).map(|x| Position::new(x, full, small)).collect(),
            strips: edit.layers.iter().map(|_| strip()).collect(),
            before: Vec::new(),
            places: Vec::with_capacity(full),
        }
    }

    /// How much of any layer is seen at a pixel of the row.
    pub fn opacity(&self, x: usize) -> f32 {
        let sum: f32 = self.strips.iter().map(|strip| strip.opacities[x]).sum();
        sum.min(1.0)
    }

    /// Finds what is painted in row `y`. What a later layer covers an earlier one does not paint, and
    /// where two meet their opacities add up to one, so no photo shows between them.
    pub fn place(&mut self, y: usize, line: &[[u8; 4]]) {
        let at = Position::new(y, self.edit.full.height, self.edit.small.height);
        for (layer, strip) in self.edit.layers.iter().zip(&mut self.strips) {
            strip.place(layer, &at, &self.runs, &self.columns, line);
            if let Some(cloth) = layer.cloth.as_ref().filter(|_| strip.seen) {
                cloth.row(y, &at, self.edit.small.width, &mut strip.shifts);
            }
        }
        for i in (1..self.strips.len()).rev() {
            let (below, above) = self.strips.split_at_mut(i);
            let below = &mut below[i - 1];
            if !below.seen {
                continue;
            }
            for (x, opacity) in below.opacities.iter_mut().enumerate() {
                if *opacity > 0.0 {
                    let covered: f32 = above.iter().map(|above| above.opacities[x]).sum();
                    *opacity = opacity.min(1.0 - covered).max(0.0);
                }
            }
        }
    }

    /// Paints the layers into the row that [`place`](Self::place) has seen.
    pub fn paint(&mut self, strength: f32, line: &mut [[u8; 4]]) {
        let linear = &*LINEAR;
        // Every layer paints the photo, not what another one made of it.
        self.before.clear();
        self.before.extend_from_slice(line);
        for (layer, strip) in self.edit.layers.iter().zip(&self.strips) {
            if !strip.seen {
                continue;
            }
            self.places.clear();
            let seen = strip.opacities.iter().enumerate();
            let seen = seen.filter(|(_, opacity)| **opacity > 0.0);
            self.places.extend(seen.map(|(x, _)| x));
            for places in self.places.chunks(BLOCK) {
                let mut block = Block::default();
                for (i, x) in places.iter().enumerate() {
                    let pixel = self.before[*x];
                    let pixel = [0, 1, 2].map(|c| linear[usize::from(pixel[c])]);
                    block.set(i, pixel, strip, *x, &self.columns[*x]);
                    if let Some(cloth) = &layer.cloth {
                        block.lay(i, cloth, &strip.shifts, *x, &self.columns[*x]);
                    }
                }
                block.paint(layer);
                for (i, x) in places.iter().enumerate() {
                    for (c, byte) in line[*x][..3].iter_mut().enumerate() {
                        let old = f32::from(self.before[*x][c]);
                        let change = strength * (block.front[c][i] - old);
                        *byte = round_byte(clamp_byte(f32::from(*byte) + change));
                    }
                }
            }
        }
    }
}

impl Strip {
    fn place(
        &mut self,
        layer: &Layer,
        at: &Position,
        runs: &[Run],
        columns: &[Position],
        line: &[[u8; 4]],
    ) {
        let linear = &*LINEAR;
        if self.seen {
            self.values.fill(NOTHING);
            self.opacities.fill(0.0);
        }
        self.seen = false;
        let (above, below) = (&layer.live[at.before], &layer.live[at.after]);
        let live = match (above.is_empty(), below.is_empty()) {
            (true, true) => return,
            (false, true) => above.clone(),
            (true, false) => below.clone(),
            (false, false) => above.start.min(below.start)..above.end.max(below.end),
        };
        self.seen = true;
        // Between a live pixel and its neighbours there is something of it.
        let width = self.cells.len();
        let live = live.start.saturating_sub(1)..(live.end + 1).min(width);
        let row = |y: usize| &layer.cells[y * width..][live.clone()];
        let pairs = row(at.before).iter().zip(row(at.after));
        for (cell, (before, after)) in self.cells[live.clone()].iter_mut().zip(pairs) {
            for ((cell, before), after) in cell.iter_mut().zip(before).zip(after) {
                *cell = [0, 1, 2, 3].map(|i| before[i] + at.weight * (after[i] - before[i]));
            }
            // A byte p is the colour p / 127.5 - 1.
            let [r, g, b, offset] = cell[0];
            let slope = CONTRAST / 127.5;
            let offset = CONTRAST * (offset - (r + g + b) - 0.5) + 0.5;
            cell[0] = [slope * r, slope * g, slope * b, offset];
        }
        let slope = width as f32 / line.len() as f32;
        for run in runs {
            let from = &run.from;
            if !(live.contains(&from.before) && live.contains(&from.after)) {
                continue;
            }
            let (mut at, mut step) = (self.cells[from.before][0], self.cells[from.after][0]);
            for (at, step) in at.iter_mut().zip(&mut step) {
                let difference = *step - *at;
                *at += from.weight * difference;
                *step = slope * difference;
            }
            let pixels = run.start..run.start + run.pixels;
            for (value, pixel) in self.values[pixels.clone()].iter_mut().zip(&line[pixels]) {
                let [r, g, b, _] = pixel.map(f32::from);
                *value = at[0] * r + at[1] * g + at[2] * b + at[3];
                for (at, step) in at.iter_mut().zip(step) {
                    *at += step;
                }
            }
        }
        let outputs = self.opacities.iter_mut().zip(&self.values);
        for (x, (opacity, value)) in outputs.enumerate() {
            let value = *value;
            if value <= -MORE {
                *opacity = 0.0;
                continue;
            }
            if value >= 1.0 + LESS {
                *opacity = 1.0;
                continue;
            }
            let column = &columns[x];
            let (before, after) = (&self.cells[column.before], &self.cells[column.after]);
            let colours = [1, 2].map(|k| between(&before[k], &after[k], column.weight));
            let told = before[2][3] + column.weight * (after[2][3] - before[2][3]);
            let pixel = [0, 1, 2].map(|c| linear[usize::from(line[x][c])]);
            *opacity = matte::opacity(value, pixel, colours, told);
        }
    }
}

/// From an opacity of one in so many on, what is behind loses all of the thing's tint.
const EDGE: f32 = 25.0;

/// The first three of four numbers, interpolated; no colour is below 0.
fn between(before: &[f32; 4], after: &[f32; 4], weight: f32) -> [f32; 3] {
    [0, 1, 2].map(|c| (before[c] + weight * (after[c] - before[c])).max(0.0))
}

/// Pixels on their way, channel by channel.
struct Block {
    /// The thing's linear colour, and then the new one from 0 to 255.
    front: [Lane; 3],
    /// The linear colour of what is behind.
    back: [Lane; 3],
    /// The lightness around, and then what evening adds to the pixel's.
    shift: Lane,
    opacity: Lane,
    /// Where on the cloth.
    place: [Lane; 2],
}

impl Default for Block {
    fn default() -> Self {
        let lane = [0.0; BLOCK];
        Self {
            front: [lane; 3],
            back: [lane; 3],
            shift: lane,
            opacity: lane,
            place: [lane; 2],
        }
    }
}

impl Block {
    /// Takes a pixel in: at an edge the thing's colour is that of its surroundings, and what is behind
    /// is what is left of the pixel without it.
    fn set(&mut self, i: usize, linear: [f32; 3], strip: &Strip, x: usize, column: &Position) {
        let (value, opacity) = (strip.values[x], strip.opacities[x]);
        let (before, after) = (&strip.cells[column.before], &strip.cells[column.after]);
        self.opacity[i] = opacity;
        self.shift[i] = before[1][3] + column.weight * (after[1][3] - before[1][3]);
        let own = value - LESS;
        if own >= 1.0 {
            for (c, seen) in linear.into_iter().enumerate() {
                self.front[c][i] = seen;
                self.back[c][i] = seen;
            }
            return;
        }
        let own = own.max(0.0);
        let share = opacity.min(0.95);
        let [front, back] = [1, 2].map(|k| between(&before[k], &after[k], column.weight));
        let mut behind = [0.0; 3];
        for (c, seen) in linear.into_iter().enumerate() {
            self.front[c][i] = front[c] + own * (seen - front[c]);
            let unmixed = (seen - share * front[c]) / (1.0 - share);
            behind[c] = unmixed.max(seen.min(back[c])).min(seen.max(back[c]));
        }
        let behind = spill::without_tint(behind, [front, back], (EDGE * opacity).min(1.0));
        (0..3).for_each(|c| self.back[c][i] = behind[c]);
    }

    /// Takes in where on its cloth a pixel is.
    fn lay(&mut self, i: usize, cloth: &Cloth, shifts: &[[f32; 2]], x: usize, column: &Position) {
        let (before, after) = (shifts[column.before], shifts[column.after]);
        let across = cloth.across(x);
        for c in 0..2 {
            let shift = before[c] + column.weight * (after[c] - before[c]);
            self.place[c][i] = across[c] + shift;
        }
    }

    fn paint(&mut self, layer: &Layer) {
        let tones = &layer.tones;
        if tones.evens() {
            for i in 0..BLOCK {
                let front = [0, 1, 2].map(|c| self.front[c][i]);
                self.shift[i] = tones.shift(front, self.shift[i]);
            }
        }
        match &layer.cloth {
            None => self.paint_with(|_| *tones),
            Some(cloth) => {
                let lab: [[f32; 3]; BLOCK] =
                    std::array::from_fn(|i| cloth.tile().at([self.place[0][i], self.place[1][i]]));
                self.paint_with(|i| tones.dyed(lab[i]));
            }
        }
    }

    /// Paints each pixel with its tones.
    #[inline(always)]
    fn paint_with(&mut self, tones: impl Fn(usize) -> Tones) {
        for i in 0..BLOCK {
            let front = [0, 1, 2].map(|c| self.front[c][i]);
            let painted = tones(i).painted(front, self.shift[i]);
            for (c, painted) in painted.into_iter().enumerate() {
                let back = self.back[c][i];
                let mixed = back + self.opacity[i] * (painted - back);
                self.front[c][i] = 255.0 * encode(mixed);
            }
        }
    }
}
