//! The colours that no word names.

use crate::colour::srgb_to_lab;

use super::{Fabric, Kind};

impl Fabric {
    /// CIELAB of all its threads, the companion last, on a cloth that is of colour `own`.
    pub fn threads(&self, own: [f32; 3]) -> [[f32; 3]; 4] {
        let named = self.colours.map(|colour| colour.map(srgb_to_lab));
        // Usual colours are of one another: who names one does not want the others.
        let usual = match named {
            [None, None, None] => self
                .kind
                .usual()
                .colours
                .map(|colour| colour.map(srgb_to_lab)),
            _ => [None; 2],
        };
        let asked = named[0].or(usual[0]).unwrap_or(own);
        let figure = named[1]
            .or(usual[1])
            .unwrap_or_else(|| self.kind.figure(asked));
        let ground = match self.kind {
            // Its warp is darker than the whole, through which the weft shines, and indigo is a little dull.
            Kind::Denim if named[0].is_some() && named[1].is_none() => {
                let [l, a, b] = shaded(asked, -9.0);
                [l, 0.7 * a - 1.0, 0.85 * b]
            }
            _ => asked,
        };
        let third = named[2].unwrap_or_else(|| self.kind.third(ground, figure));
        [ground, figure, third, self.kind.fourth(ground, figure)]
    }
}

impl Kind {
    fn figure(self, ground: [f32; 3]) -> [f32; 3] {
        match self {
            // White weft and faded warp.
            Self::Denim => {
                let [l, a, b] = towards(ground, WHITE, 0.4);
                [l, 0.5 * a, 0.5 * b]
            }
            Self::Tweed | Self::Herringbone => towards(ground, contrast(ground), 0.4),
            Self::Camouflage => shaded(ground, -20.0),
            Self::Tartan if ground[0] > 32.0 => [16.0, 3.0, -14.0],
            Self::Tartan => [40.0, 58.0, 38.0],
            _ => contrast(ground),
        }
    }

    fn third(self, ground: [f32; 3], figure: [f32; 3]) -> [f32; 3] {
        match self {
            Self::Tartan => contrast(figure),
            Self::Camouflage => shaded([ground[0], ground[1] + 8.0, 0.8 * ground[2]], -22.0),
            Self::Leopard => shaded(ground, -16.0),
            Self::Tweed => [46.0, 20.0, 26.0],
            // Hearts of flowers.
            Self::Floral => [78.0, 8.0, 66.0],
            _ => figure,
        }
    }

    fn fourth(self, ground: [f32; 3], figure: [f32; 3]) -> [f32; 3] {
        match self {
            // A fine line beside the third's.
            Self::Tartan => [82.0, 2.0, 62.0],
            Self::Camouflage => shaded(figure, -16.0),
            // Leaves, that are seen on the ground.
            Self::Floral if ground[0] > 55.0 => [42.0, -22.0, 22.0],
            Self::Floral => [62.0, -22.0, 26.0],
            _ => figure,
        }
    }
}

const WHITE: [f32; 3] = [96.0, 0.0, 2.0];
const BLACK: [f32; 3] = [8.0, 0.0, -1.0];

/// White, unless the colour is light: to the eye red and blue are further from white than their lightness
/// says.
fn contrast(colour: [f32; 3]) -> [f32; 3] {
    if colour[0] < 64.0 { WHITE } else { BLACK }
}

fn towards(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    [0, 1, 2].map(|c| from[c] + share * (to[c] - from[c]))
}

/// The same colour in more light or less, in steps of lightness.
fn shaded([l, a, b]: [f32; 3], by: f32) -> [f32; 3] {
    let to = (l + by).clamp(5.0, 95.0);
    let share = (to + 16.0) / (l + 16.0);
    [to, share * a, share * b]
}
