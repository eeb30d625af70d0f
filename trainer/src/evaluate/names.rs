//! Colour terms as people use them of flowers, or of garments: learnt from photos whose captions
//! agree on a term.
//!
//! Each term is a normal distribution in CIELAB of the median colours of its photos, and a colour
//! has the term under which it is the most likely, all terms being equally likely beforehand. The
//! basic term's own point, and a round scatter, stand for photos that were not there: a term that
//! nobody used of the training photos (no flower is grey) is still a possible answer.

use std::collections::BTreeMap;

use image::RgbaImage;
use nalgebra::{Matrix3, Vector3};
use serde::{Serialize, Serializer};

use super::area::Area;
use super::colour::{Naming, TERMS, lab};

/// The round scatter's standard deviation, in units of CIELAB: about what terms of flowers have.
const SCATTER: f64 = 10.0;
/// The round scatter counts as that of this many photos,
const ROUND: f64 = 10.0;
/// and the basic term's point as this many.
const POINT: f64 = 1.0;

/// What is known of each term, in the order of [`TERMS`].
#[derive(Debug)]
pub struct Names([Term; TERMS.len()]);

#[derive(Debug)]
struct Term {
    photos: usize,
    mean: Vector3<f64>,
    /// The inverse of the covariance, and half of the logarithm of its determinant.
    precision: Matrix3<f64>,
    log_spread: f64,
}

impl Names {
    /// Learns from photos' median colours and their terms.
    pub fn learn(photos: &[(&str, Vector3<f64>)]) -> Self {
        Self(TERMS.map(|(term, typical)| {
            let own = photos.iter().filter(|(name, _)| *name == term);
            let own: Vec<_> = own.map(|(_, median)| *median).collect();
            Term::learn(point(typical), &own)
        }))
    }

    fn likeliest(&self, colour: Vector3<f64>) -> &'static str {
        let likely = |n: &usize| self.0[*n].log_likelihood(colour);
        let likeliest = (0..TERMS.len()).max_by(|a, b| likely(a).total_cmp(&likely(b)));
        TERMS[likeliest.expect("there are terms")].0
    }
}

impl Term {
    fn learn(typical: Vector3<f64>, photos: &[Vector3<f64>]) -> Self {
        let count = photos.len() as f64;
        let sum: Vector3<f64> = photos.iter().sum();
        let own = if photos.is_empty() {
            typical
        } else {
            sum / count
        };
        let scatter = photos.iter().map(|photo| photo - own);
        let scatter: Matrix3<f64> = scatter.map(|apart| apart * apart.transpose()).sum();
        let round = Matrix3::identity() * (ROUND * SCATTER * SCATTER);
        let covariance = (scatter + round) / (count + ROUND);
        Self {
            photos: photos.len(),
            mean: (sum + typical * POINT) / (count + POINT),
            log_spread: covariance.determinant().ln() / 2.0,
            precision: covariance.try_inverse().expect("the round part is regular"),
        }
    }

    /// But for what is the same for all terms.
    fn log_likelihood(&self, colour: Vector3<f64>) -> f64 {
        let apart = colour - self.mean;
        -apart.dot(&(self.precision * apart)) / 2.0 - self.log_spread
    }
}

impl Naming for Names {
    fn term(&self, pixel: [u8; 3]) -> &'static str {
        self.likeliest(point(pixel))
    }

    /// The term of the median colour.
    fn of(&self, area: &Area, photo: &RgbaImage) -> Option<&'static str> {
        median(area, photo).map(|colour| self.likeliest(colour))
    }
}

/// For each term the number of its photos and their mean colour, as CIELAB.
impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let terms = TERMS.iter().zip(&self.0);
        let terms = terms.map(|((name, _), term)| {
            let mean: [f64; 3] = term.mean.into();
            (name, (term.photos, mean))
        });
        terms.collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

/// The median of each of CIELAB's coordinates over a part of a photo, if it has a pixel at all.
pub fn median(area: &Area, photo: &RgbaImage) -> Option<Vector3<f64>> {
    let pixels: Vec<_> = area.pixels(photo).map(point).collect();
    let middle = |axis: usize| {
        let mut values: Vec<f64> = pixels.iter().map(|pixel| pixel[axis]).collect();
        let half = values.len() / 2;
        *values.select_nth_unstable_by(half, f64::total_cmp).1
    };
    (!pixels.is_empty()).then(|| Vector3::from_fn(|axis, _| middle(axis)))
}

fn point(pixel: [u8; 3]) -> Vector3<f64> {
    let colour = lab(pixel);
    Vector3::new(colour.l, colour.a, colour.b).map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::super::colour::Nearest;
    use super::*;
    use image::{GrayImage, Luma, Rgba};

    /// Petals in the shade, as they are in photos: lavender ones are called purple.
    const SHADE: [u8; 3] = [160, 160, 150];
    const LAVENDER: [u8; 3] = [190, 150, 215];

    fn flowers() -> Names {
        let around = |[r, g, b]: [u8; 3]| {
            (0..20).map(move |n| point([r - 20 + 2 * n, g - 20 + 2 * n, b - 20 + 2 * n]))
        };
        let white = around([165, 165, 155]).map(|colour| ("white", colour));
        let purple = around(LAVENDER).map(|colour| ("purple", colour));
        Names::learn(&white.chain(purple).collect::<Vec<_>>())
    }

    #[test]
    fn terms_are_what_the_photos_call_them() {
        let (strict, plain, names) = (Nearest, Names::learn(&[]), flowers());
        assert_eq!(strict.term(SHADE), "grey");
        assert_eq!(plain.term(SHADE), "grey");
        assert_eq!(names.term(SHADE), "white");
        assert_eq!(strict.term(LAVENDER), "pink");
        assert_eq!(names.term(LAVENDER), "purple");
        // What no photo shows is called what it was.
        for (term, typical) in TERMS {
            assert_eq!(plain.term(typical), term);
            if !["white", "purple"].contains(&term) {
                assert_eq!(names.term(typical), term);
            }
        }
    }

    #[test]
    fn a_part_has_the_term_of_its_median_colour() {
        let names = flowers();
        let photo = |share: u32| {
            RgbaImage::from_fn(10, 10, |x, y| {
                let [r, g, b] = if 10 * y + x < share { SHADE } else { LAVENDER };
                Rgba([r, g, b, 255])
            })
        };
        let whole = Area::of(&[&GrayImage::from_pixel(10, 10, Luma([255]))]);
        assert_eq!(names.of(&whole, &photo(60)), Some("white"));
        assert_eq!(names.of(&whole, &photo(40)), Some("purple"));
        assert_eq!(names.share(&whole, &photo(40), "white"), 0.4);
        assert_eq!(names.of(&Area::of(&[]), &photo(0)), None);
    }
}
