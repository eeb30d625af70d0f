//! A cloth as words say it, and which of its colours is the ground.
//!
//! | words | ground | figure |
//! |---|---|---|
//! | "X and Y striped", "X and Y stripes" | X | Y |
//! | "X stripes on Y", "Y shirt with X stripes", 白底蓝条纹 | Y | X |
//! | "X stripes", alone | the cloth's own | X |
//! | "X striped", zigzag, Breton | white | X; an X that is nearly white is the ground |
//! | "X gingham", houndstooth | X | white |
//! | "X tartan", "X polka dot", all others | X | none said |
//! | "striped X shirt" | X | none said |

use super::fabrics::Line;
use crate::colour::srgb_to_lab;
use crate::fabric::{Direction, Fabric, Kind};
use crate::prompt::colours;

/// What words say of a cloth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Cloth {
    /// How it is woven; `None` for words that go on about a cloth named before ("pink on black").
    pub line: Option<&'static Line>,
    /// Whether its figure was named, and not the cloth: "stripes", not "striped".
    pub noun: bool,
    pub ground: Option<[u8; 3]>,
    /// The colours to which no word gives a place, in the order of the sentence.
    pub named: [Option<[u8; 3]>; 3],
    pub scale: Option<f32>,
    pub direction: Option<Direction>,
}

impl Cloth {
    /// Named by a word for its figure, or for itself.
    pub fn of(line: &'static Line, noun: bool) -> Self {
        Self {
            line: Some(line),
            noun,
            ..Self::default()
        }
    }

    /// Adds a colour to which no word gives a place. A fourth is dropped.
    pub fn name(&mut self, rgb: [u8; 3]) {
        if let Some(free) = self.named.iter_mut().find(|named| named.is_none()) {
            *free = Some(rgb);
        }
    }

    /// With what later words say of the same cloth. What is drawn on a cloth tells more than the cloth:
    /// "a striped knit sweater"; of others the first counts.
    pub fn and(self, then: Self) -> Self {
        let drawn = |line: &&Line| {
            !matches!(
                line.kind,
                Kind::Tweed | Kind::Knit | Kind::Denim | Kind::Corduroy
            )
        };
        let line = self.line.filter(drawn).or(then.line.filter(drawn));
        let mut both = Self {
            line: line.or(self.line).or(then.line),
            // The first colour says whose it is: "a polka-dot dress in red" is red, and its dots are not.
            noun: match self.named[0].or(then.named[0]) {
                Some(_) if self.named[0].is_none() => then.noun,
                _ => self.noun,
            },
            ground: self.ground.or(then.ground),
            named: self.named,
            scale: then.scale.or(self.scale),
            direction: then.direction.or(self.direction),
        };
        for rgb in then.named.into_iter().flatten() {
            both.name(rgb);
        }
        both
    }

    /// The same of which nothing is said yet.
    pub fn bare(&self) -> Self {
        Self {
            line: self.line,
            noun: self.noun,
            ..Self::default()
        }
    }

    /// The only colour, or the first, of words that name no cloth.
    pub fn colour(&self) -> Option<[u8; 3]> {
        self.named[0].or(self.ground)
    }

    /// With every colour in its place.
    pub fn finish(&self) -> Option<Fabric> {
        let line = self.line?;
        let mut usual = line.usual.split('|').map(colours::read);
        let mut usual: [Option<[u8; 3]>; 3] = std::array::from_fn(|_| usual.next().flatten());
        let named = self.named.into_iter().flatten();
        let white = colours::named("white");
        let mut colours = match (self.ground, self.named) {
            (None, [Some(only), None, None]) => match line.kind {
                // A blue denim is the blue of denim.
                Kind::Denim if colours::named("blue") == Some(only) => [usual[0], None, None],
                _ if self.noun => [None, Some(only), None],
                Kind::Stripes | Kind::Zigzag | Kind::Breton if !is_white(only) => {
                    [white, Some(only), None]
                }
                _ => [Some(only), None, None],
            },
            (None, [None, ..]) => usual,
            (ground, _) => {
                let mut all = ground.into_iter().chain(named);
                std::array::from_fn(|_| all.next())
            }
        };
        match (line.kind, colours) {
            (Kind::Gingham | Kind::Houndstooth, [Some(ground), None, _]) if !is_white(ground) => {
                colours[1] = white;
            }
            (Kind::Breton, [None, Some(_), _]) => colours[0] = usual[0].take(),
            (Kind::Breton, [Some(ground), None, _]) if is_white(ground) => {
                colours[1] = usual[1].take();
            }
            _ => {}
        }
        Some(Fabric {
            colours,
            scale: self.scale.unwrap_or(1.0) * line.scale,
            direction: self.direction.unwrap_or(line.direction),
            ..Fabric::new(line.kind)
        })
    }
}

/// Whether white on it is hardly seen.
fn is_white(rgb: [u8; 3]) -> bool {
    let [l, a, b] = srgb_to_lab(rgb);
    l > 90.0 && a.hypot(b) < 14.0
}
