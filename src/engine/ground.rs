//! A thing that lies alone and the ground it lies on have colours of their own: a mask ends where the ground's begin, as
//! between trouser legs, and takes in what has the thing's, as a hem.
//!
//! Two histograms in CIELAB, inside the mask and outside, tell colours as in "Interactive Graph Cuts" (Boykov and Jolly,
//! ICCV 2001); what they say changes the mask, and the histograms with it, as in "GrabCut" (Rother et al., 2004).

use super::connected::connected;
use crate::shrink::Size;

/// The side of a histogram's bin, in units of CIELAB. A colour counts for the eight bins around it, by how near they are.
const BIN: f32 = 4.0;
/// Bins of lightness, and of a and b.
const SIDES: [usize; 3] = [27, 66, 66];
/// How many places to each side are asked for a place's colour: edges are mixed of both.
const REACH: usize = 2;
/// What is nearly as much inside as outside, by this share of both, is neither's colour.
const NEITHER: f32 = 0.1;
/// How much less a logit is where all is ground, and how much more where all is thing, for what is beyond [`NEITHER`].
const GROUND: f32 = 20.0;
/// See [`GROUND`].
const THING: f32 = 10.0;
const STEPS: usize = 3;

/// Logits of a thing that lies alone, after what colours say.
///
/// # Shapes
/// - `logits`: `[size.height, size.width]`
/// - `colours`: the same, in CIELAB
pub fn told_apart(logits: &[f32], colours: &[[f32; 3]], size: Size) -> Vec<f32> {
    let mut told = logits.to_vec();
    for _ in 0..STEPS {
        let ground = blurred(&ground(&told, colours), size);
        for ((told, logit), ground) in told.iter_mut().zip(logits).zip(ground) {
            let less = GROUND * (ground - NEITHER).max(0.0);
            *told = logit - less + THING * (-ground - NEITHER).max(0.0);
        }
        for thing in [true, false] {
            stay_where_new(&mut told, logits, size, thing);
        }
    }
    told
}

/// What has become thing has to hang together with what was, and so has ground: a print of the ground's colour is none, and
/// neither are black shoes a part of black trousers.
fn stay_where_new(told: &mut [f32], logits: &[f32], size: Size, thing: bool) {
    let is_thing = |logit: &f32| *logit > 0.0;
    let now: Vec<bool> = told.iter().map(is_thing).collect();
    for group in connected(&now, size.width, thing) {
        if group.iter().all(|at| is_thing(&logits[*at]) != thing) {
            group.into_iter().for_each(|at| told[at] = logits[at]);
        }
    }
}

/// How much more of each place's colour is outside of a mask than inside, by what there is of it, from -1, the thing, to 1;
/// in numbers of places or as shares of either side, whichever says less: a white shirt on a white sheet has no colour of
/// its own, however much larger one of them is.
fn ground(logits: &[f32], colours: &[[f32; 3]]) -> Vec<f32> {
    let mut bins = vec![[0.0; 2]; SIDES.iter().product()];
    let mut whole = [1e-3; 2];
    for (logit, colour) in logits.iter().zip(colours) {
        let inside = 1.0 / (1.0 + (-logit).exp());
        let both = [inside, 1.0 - inside];
        for side in 0..2 {
            whole[side] += both[side];
            around(*colour).for_each(|(bin, weight)| bins[bin][side] += weight * both[side]);
        }
    }
    let more = |inside: f32, outside: f32| (outside - inside) / (outside + inside + 1e-6);
    let ground = |colour: &[f32; 3]| {
        let [inside, outside]: [f32; 2] = around(*colour).fold([0.0; 2], |sum, (bin, weight)| {
            [0, 1].map(|side| sum[side] + weight * bins[bin][side])
        });
        let places = more(inside, outside);
        let shares = more(inside / whole[0], outside / whole[1]);
        match places * shares > 0.0 {
            true => places.signum() * places.abs().min(shares.abs()),
            false => 0.0,
        }
    };
    colours.iter().map(ground).collect()
}

/// Means over windows, clipped at the borders.
fn blurred(values: &[f32], Size { width, height }: Size) -> Vec<f32> {
    let near = |at: usize, side: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(side);
    let mean = |sum: f32, of: usize| sum / of as f32;
    let rows: Vec<f32> = (0..height * width)
        .map(|at| {
            let near = near(at % width, width);
            let row = &values[at - at % width..][near.clone()];
            mean(row.iter().sum(), near.len())
        })
        .collect();
    (0..height * width)
        .map(|at| {
            let near = near(at / width, height);
            mean(
                near.clone().map(|y| rows[y * width + at % width]).sum(),
                near.len(),
            )
        })
        .collect()
}

/// The bins around a colour, and how much it counts for each.
fn around(lab: [f32; 3]) -> impl Iterator<Item = (usize, f32)> {
    let at: [f32; 3] = std::array::from_fn(|c| {
        let from_zero = if c == 0 { lab[0] } else { lab[c] + 128.0 };
        (from_zero / BIN).clamp(0.0, SIDES[c] as f32 - 1.001)
    });
    (0..8).map(move |corner| {
        (0..3).fold((0, 1.0), |(bin, weight), c| {
            let (first, past) = (at[c] as usize, at[c].fract());
            match corner >> c & 1 {
                0 => (bin * SIDES[c] + first, weight * (1.0 - past)),
                _ => (bin * SIDES[c] + first + 1, weight * past),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    const BLACK: [f32; 3] = [12.0, 0.0, 0.0];
    const SHEET: [f32; 3] = [85.0, 2.0, 6.0];
    const SIZE: Size = Size {
        width: 32,
        height: 32,
    };

    /// A mask that fills the gap between two legs and lacks their hem.
    fn asked((y, x): (usize, usize)) -> bool {
        (4..20).contains(&y) && (4..26).contains(&x)
    }

    fn leg((y, x): (usize, usize)) -> bool {
        (4..25).contains(&y) && ((4..11).contains(&x) || (19..26).contains(&x))
    }

    fn trousers() -> (Vec<f32>, Vec<[f32; 3]>) {
        let places = (0..32 * 32).map(|at| (at / 32, at % 32));
        let logits = places.clone().map(|at| if asked(at) { 3.0 } else { -2.0 });
        let colours = places.map(|at| if leg(at) { BLACK } else { SHEET });
        (logits.collect(), colours.collect())
    }

    #[test]
    fn a_mask_leaves_the_ground_between_two_legs_and_takes_in_their_hem() {
        let (logits, colours) = trousers();
        let told = told_apart(&logits, &colours, SIZE);
        // Neighbours speak for a place, so that at an edge it may go either way.
        let inner = |(y, x): (usize, usize)| {
            let near = (y - 2..=y + 2).flat_map(|y| (x - 2..=x + 2).map(move |x| leg((y, x))));
            near.into_iter().all(|leg| leg == self::leg((y, x)))
        };
        let places = (2..30).flat_map(|y| (2..30).map(move |x| (y, x)));
        let (mut gap, mut hem) = (0, 0);
        for (y, x) in places.filter(|at| inner(*at)) {
            let logit = told[y * 32 + x];
            assert_eq!(logit > 0.0, leg((y, x)), "{y} {x}: {logit}");
            gap += usize::from(asked((y, x)) && !leg((y, x)));
            hem += usize::from(!asked((y, x)) && leg((y, x)));
        }
        assert!(gap >= 60 && hem >= 18, "{gap} {hem}");
    }

    #[test]
    fn a_print_of_the_grounds_colour_and_another_thing_of_the_things_stay_as_they_were() {
        let inside = |at: usize, rows: Range<usize>, columns: Range<usize>| {
            rows.contains(&(at / 32)) && columns.contains(&(at % 32))
        };
        let shirt = |at| inside(at, 2..22, 2..22);
        let print = |at| inside(at, 8..16, 8..16);
        let shoes = |at| inside(at, 26..30, 24..30);
        let logits: Vec<f32> = (0..32 * 32)
            .map(|at| if shirt(at) { 3.0 } else { -3.0 })
            .collect();
        let colours: Vec<[f32; 3]> = (0..32 * 32)
            .map(|at| match shirt(at) && !print(at) || shoes(at) {
                true => BLACK,
                false => SHEET,
            })
            .collect();
        let told = told_apart(&logits, &colours, SIZE);
        for (at, logit) in told.iter().enumerate() {
            assert!(!print(at) || *logit > 0.0, "{at}: {logit}");
            assert!(!shoes(at) || *logit < 0.0, "{at}: {logit}");
        }
    }

    #[test]
    fn a_white_shirt_on_a_white_sheet_stays() {
        let (logits, _) = trousers();
        let told = told_apart(&logits, &[SHEET; 32 * 32], SIZE);
        let same = logits
            .iter()
            .zip(&told)
            .all(|(a, b)| (*a > 0.0) == (*b > 0.0));
        assert!(same);
    }

    #[test]
    fn any_colour_and_any_logit_gives_numbers() {
        let ends = [[0.0, -128.0, -128.0], [100.0, 127.0, 127.0], SHEET];
        let size = Size {
            width: 3,
            height: 1,
        };
        let told = told_apart(&[-90.0, 90.0, 0.0], &ends, size);
        assert!(told.iter().all(|logit| logit.is_finite()), "{told:?}");
    }
}
