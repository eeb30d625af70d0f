//! The usual of each kind of cloth: how it is made, how large, which way, of which colours.

use super::loom::{Loom, Sett, Weave};
use super::print::{self, Figures};
use super::relief::{self, Shade};
use super::thread::Thread;
use super::{Direction, Kind};

use Thread::{Figure as F, Fourth as W, Ground as G, Third as T};

/// How a cloth is made.
#[derive(Clone, Copy)]
pub enum Make {
    /// Of threads.
    Woven(Loom),
    /// Figures over one another, each where its field is above 0.
    Printed(Figures),
    /// Of one colour, in relief.
    Worked(Shade),
}

/// What is usual for a kind.
#[derive(Clone, Copy)]
pub struct Usual {
    /// How it is made; bands run down.
    pub make: Make,
    /// Its repeat in centimetres.
    pub repeat: f32,
    /// Its repeat in pixels below which nobody knows it any more.
    pub least: f32,
    /// Where the bands run.
    pub runs: Direction,
    /// sRGB of its colours where no word names any.
    pub colours: [Option<[u8; 3]>; 2],
}

/// A tartan's threads, mirrored at both ends.
const TARTAN: Sett = &[
    (W, 2),
    (F, 6),
    (G, 24),
    (F, 4),
    (G, 4),
    (F, 22),
    (T, 4),
    (F, 22),
    (G, 4),
    (F, 4),
    (G, 24),
    (F, 6),
    (W, 2),
];

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        Self::Stripes,
        Self::PinStripes,
        Self::Breton,
        Self::Gingham,
        Self::Windowpane,
        Self::Tartan,
        Self::Houndstooth,
        Self::Herringbone,
        Self::Zigzag,
        Self::Dots,
        Self::PinDots,
        Self::Denim,
        Self::Tweed,
        Self::Corduroy,
        Self::Knit,
        Self::Camouflage,
        Self::Leopard,
        Self::Floral,
    ];

    /// What is usual for it.
    pub(super) fn usual(self) -> Usual {
        use Direction::{Across, Down};
        let own = [None; 2];
        let usual = |make, repeat, least, runs| Usual {
            make,
            repeat,
            least,
            runs,
            colours: own,
        };
        let coloured = |usual: Usual, ground, figure| Usual {
            colours: [Some(ground), Some(figure)],
            ..usual
        };
        match self {
            Self::Stripes => usual(bands(&[(G, 48), (F, 48)], 96), 4.6, 6.0, Across),
            Self::PinStripes => usual(bands(&[(G, 42), (F, 6)], 48), 3.0, 6.0, Down),
            Self::Breton => coloured(
                usual(bands(&[(G, 48), (F, 24)], 72), 3.6, 6.0, Across),
                [240, 237, 228],
                [28, 36, 66],
            ),
            Self::Gingham => usual(both(&[(G, 20), (F, 20)], Weave::Plain, 40), 3.2, 7.0, Down),
            Self::Windowpane => usual(both(&[(G, 92), (F, 4)], Weave::Float, 96), 7.5, 14.0, Down),
            Self::Tartan => usual(both(TARTAN, Weave::Twill(2, 2), 128), 13.0, 26.0, Down),
            Self::Houndstooth => usual(
                both(&[(G, 4), (F, 4)], Weave::Twill(2, 2), 8),
                3.2,
                9.0,
                Down,
            ),
            Self::Herringbone => usual(
                woven(&[(F, 1)], &[(G, 1)], Weave::Herringbone(8), 16, [0.25; 2]),
                4.0,
                18.0,
                Down,
            ),
            Self::Denim => coloured(
                usual(
                    woven(&[(G, 1)], &[(F, 1)], Weave::Twill(3, 1), 64, [0.8, 0.3]),
                    9.0,
                    32.0,
                    Down,
                ),
                [36, 50, 84],
                [128, 142, 170],
            ),
            Self::Tweed => coloured(
                usual(
                    woven(&[(G, 1)], &[(F, 1)], Weave::Twill(2, 2), 64, [1.0; 2]),
                    11.0,
                    64.0,
                    Down,
                ),
                [104, 92, 80],
                [176, 164, 146],
            ),
            Self::Zigzag => usual(Make::Printed(print::ZIGZAG), 7.0, 12.0, Across),
            Self::Dots => usual(Make::Printed(print::DOTS), 5.6, 11.0, Down),
            Self::PinDots => usual(Make::Printed(print::PIN_DOTS), 2.6, 7.0, Down),
            Self::Camouflage => coloured(
                usual(Make::Printed(print::CAMOUFLAGE), 26.0, 60.0, Down),
                [150, 142, 104],
                [82, 96, 60],
            ),
            Self::Leopard => coloured(
                usual(Make::Printed(print::LEOPARD), 26.0, 60.0, Down),
                [206, 164, 112],
                [38, 28, 24],
            ),
            Self::Floral => usual(Make::Printed(print::FLORAL), 24.0, 60.0, Down),
            Self::Corduroy => usual(Make::Worked(relief::corduroy), 0.8, 4.0, Down),
            Self::Knit => usual(Make::Worked(relief::knit), 1.8, 6.0, Down),
        }
    }
}

const fn woven(warp: Sett, weft: Sett, weave: Weave, threads: usize, uneven: [f32; 2]) -> Make {
    Make::Woven(Loom {
        warp,
        weft,
        weave,
        threads,
        uneven,
    })
}

const fn bands(warp: Sett, threads: usize) -> Make {
    woven(warp, &[(G, 1)], Weave::Rep, threads, [0.0; 2])
}

const fn both(sett: Sett, weave: Weave, threads: usize) -> Make {
    woven(sett, sett, weave, threads, [0.0; 2])
}
