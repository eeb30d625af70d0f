//! What cloth can be made of, as words name it and as the renderer draws it.

/// A cloth with its colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fabric {
    /// How it is woven or printed.
    pub kind: Kind,
    /// sRGB of the ground, the figure and a third thread; `None` where no word says: the ground is then
    /// the cloth's own colour, and the figure white or black, whichever is further from it.
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
}

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
