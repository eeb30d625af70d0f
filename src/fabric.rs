//! What cloth can be made of, as words name it and as it is drawn.
//!
//! A cloth is one repeat, woven thread by thread or printed figure by figure as finely as the photo's own
//! pixels ([`Tile`]); [`paint`](crate::paint) lays it on a garment. On the CPU and on the GPU it is the same
//! tile.

mod colours;
mod kinds;
mod loom;
mod noise;
mod print;
mod relief;
#[cfg(test)]
mod tests;
mod thread;
mod tile;

pub use tile::Tile;

use crate::colour::{lab_to_srgb, srgb_to_lab};

/// A cloth with its colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fabric {
    /// How it is woven or printed.
    pub kind: Kind,
    /// sRGB of the ground, the figure and a third thread; `None` where no word says: if none does, those usual
    /// for its kind; else the ground is the cloth's own colour, and the figure white, or black on light cloth.
    pub colours: [Option<[u8; 3]>; 3],
    /// How large its repeat is beside the usual one: 2 is twice as large.
    pub scale: f32,
    /// Where its bands run.
    pub direction: Direction,
}

impl Fabric {
    /// The usual one of its kind.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            colours: [None; 3],
            scale: 1.0,
            direction: Direction::Usual,
        }
    }

    /// Numbers that say all of it.
    pub const NUMBERS: usize = 6;

    /// As it goes from worker to worker: its kind, from 1 on; its colours, -1 for those that no word names;
    /// its scale and direction.
    pub fn numbers(&self) -> [f32; Self::NUMBERS] {
        let kind = Kind::ALL.iter().position(|kind| *kind == self.kind);
        let direction = DIRECTIONS
            .iter()
            .position(|direction| *direction == self.direction);
        // All colours are exact in an f32.
        let [ground, figure, third] = self
            .colours
            .map(|colour| colour.map_or(-1.0, |[r, g, b]| u32::from_be_bytes([0, r, g, b]) as f32));
        let place = |place: Option<usize>| place.unwrap_or_default() as f32;
        [
            1.0 + place(kind),
            ground,
            figure,
            third,
            self.scale,
            place(direction),
        ]
    }

    /// The fabric that numbers say; none for zeros, and for what are no numbers of one.
    pub fn from_numbers(numbers: &[f32; Self::NUMBERS]) -> Option<Self> {
        let [kind, ground, figure, third, scale, direction] = *numbers;
        let known = kind >= 1.0 && scale.is_finite();
        Some(Self {
            kind: *known.then(|| Kind::ALL.get(kind as usize - 1)).flatten()?,
            colours: [ground, figure, third].map(|colour| {
                let [_, r, g, b] = (colour as u32).to_be_bytes();
                (colour >= 0.0).then_some([r, g, b])
            }),
            scale,
            direction: *DIRECTIONS.get(direction as usize)?,
        })
    }

    /// How many pixels its repeat is wide where a centimetre is so many.
    pub fn repeat(&self, centimetre: f32) -> f32 {
        let usual = self.kind.usual();
        let repeat = (usual.repeat * centimetre).max(usual.least);
        // Not below what can be drawn, nor beyond any photo.
        (self.scale.clamp(0.1, 10.0) * repeat).clamp(4.0, 1e5)
    }

    /// What a place in pixels is multiplied by to be one in repeats of so many pixels: two rows of a matrix.
    pub fn axes(&self, repeat: f32) -> [[f32; 2]; 2] {
        let runs = match self.direction {
            Direction::Usual => self.kind.usual().runs,
            named => named,
        };
        let (cos, sin) = match runs {
            Direction::Usual | Direction::Down => (1.0, 0.0),
            Direction::Across => (0.0, 1.0),
            Direction::Diagonal => (
                std::f32::consts::FRAC_1_SQRT_2,
                std::f32::consts::FRAC_1_SQRT_2,
            ),
        };
        [[cos / repeat, sin / repeat], [-sin / repeat, cos / repeat]]
    }

    /// A piece of it, flat: RGBA bytes of a square, ten centimetres wide or most of a larger repeat. `own` is
    /// the cloth's colour where no word names one.
    pub fn swatch(&self, own: [u8; 3], side: usize) -> Vec<u8> {
        let wide = (0.8 * self.kind.usual().repeat).max(10.0);
        let repeat = self.repeat(side as f32 / wide);
        let tile = Tile::new(self, &self.threads(srgb_to_lab(own)), repeat);
        let [[a, b], [c, d]] = self.axes(repeat);
        let pixel = |i: usize| {
            let [x, y] = [i % side, i / side].map(|at| at as f32 + 0.5);
            let [r, g, b] = lab_to_srgb(tile.at([a * x + b * y, c * x + d * y]));
            [r, g, b, 255]
        };
        (0..side * side).flat_map(pixel).collect()
    }
}

/// All directions.
const DIRECTIONS: [Direction; 4] = [
    Direction::Usual,
    Direction::Across,
    Direction::Down,
    Direction::Diagonal,
];

/// How a cloth is woven or printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bands of one width.
    Stripes,
    /// Thin bands far apart.
    PinStripes,
    /// Thin bands of the figure, across, with twice as much ground between.
    Breton,
    /// Bands in warp and weft that mix where they cross.
    Gingham,
    /// Thin lines in warp and weft.
    Windowpane,
    /// A sett of coloured threads, the same in warp and weft, woven as 2/2 twill.
    Tartan,
    /// Four threads dark, four light, woven as 2/2 twill.
    Houndstooth,
    /// A twill that turns at each column.
    Herringbone,
    /// Bands that go up and down.
    Zigzag,
    /// Discs in rows that are set off.
    Dots,
    /// Small discs.
    PinDots,
    /// A twill of indigo warp and white weft.
    Denim,
    /// A twill of mottled threads.
    Tweed,
    /// Ribs that run down.
    Corduroy,
    /// Rows of stitches.
    Knit,
    /// Patches of three colours.
    Camouflage,
    /// Rosettes.
    Leopard,
    /// Flowers.
    Floral,
}

/// Where the bands of a cloth run, as seen on somebody who stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// As its kind usually has them.
    Usual,
    /// From side to side.
    Across,
    /// From collar to hem.
    Down,
    /// Between both.
    Diagonal,
}
