//! `cargo loom garments`: garments cut out of photos by what the editor sees, for a generator to learn their
//! form from.
//!
//! ```text
//! OUTPUT/forms/NAME.png       of plain garments, light (L* of the same in grey) and alpha, 128x128; captions without colours
//! OUTPUT/cut-outs/NAME.png    the garment itself on white, for the judges; captions with colours
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::imageops::{self, FilterType};
use image::{GrayAlphaImage, LumaA, Rgb, RgbImage, Rgba, Rgba32FImage, RgbaImage};
use indicatif::ParallelProgressIterator;
use rayon::prelude::*;
use wordloom::colour::srgb_to_lab;
use wordloom::engine::{EditModel, connected};

use crate::captions::Outfit;
use crate::data::{self, Item, Source, Split};
use crate::edit::{self, Edited};
use crate::scenes::pseudo;

/// What `cargo loom garments` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data sets whose photos show one garment that is named, as KIND=FOLDER: fashion-product, clothing.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The packed editor that finds the garments.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
    /// The folder for forms and cut-outs.
    #[arg(short, long)]
    output: PathBuf,
}

/// Height and width of a form.
const SIDE: u32 = 128;
/// Empty pixels around the garment on each side.
const MARGIN: u32 = 4;
/// What is smaller, as a share of the photo, is not kept.
const SMALLEST: f64 = 0.04;
/// What lies apart from the garment or is missing inside of it, as a share of it: more is a mask that failed.
const TORN: f64 = 0.04;
/// The share of a photo's side along which a garment may be cut off.
const CUT_OFF: f64 = 0.12;
/// Alpha from which on a pixel is the garment's.
const HALF: u8 = 128;
/// The share of a garment that may be of another colour than the rest: where it is more, that is a print, which a form
/// would take for folds.
const PRINTED: f64 = 0.06;

/// Runs `cargo loom garments`.
///
/// # Errors
/// Data or a model that cannot be read, files that cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let engine = edit::open(&options.model)?;
    let mut lists = [Vec::new(), Vec::new()];
    let names = ["forms", "cut-outs"];
    for name in names {
        let folder = options.output.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for source in &options.data {
        let mut items = data::list(std::slice::from_ref(source), Split::Train)?;
        items.extend(data::list(std::slice::from_ref(source), Split::Unseen)?);
        let found = items
            .par_iter()
            .progress()
            .map(|item| garment(&engine, item, &options.output))
            .collect::<Result<Vec<_>>>()?;
        let kept: Vec<[String; 2]> = found.into_iter().flatten().collect();
        let kind = source.kind.name();
        println!("{kind}: {} garments of {} photos", kept.len(), items.len());
        for lines in kept {
            lists
                .iter_mut()
                .zip(lines)
                .for_each(|(all, of)| all.push(of));
        }
    }
    for (name, lines) in names.into_iter().zip(lists) {
        let path = options.output.join(name).join("captions.csv");
        let table = format!("file,caption,class\n{}", lines.concat());
        fs::write(&path, table).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Writes form and cut-out of an item's garment, and gives their lines of captions; none where the editor
/// does not find it whole.
fn garment(engine: &EditModel, item: &Item, output: &Path) -> Result<Option<[String; 2]>> {
    let (Some(outfit), Some(thing), Some(name)) =
        (item.outfit, pseudo::thing(item), pseudo::name(item))
    else {
        return Ok(None);
    };
    let photo = item.photo.read()?.to_rgba8();
    let edited = Edited::new(engine, &photo, &format!("a grey {}", thing.name), 1.0)?;
    let width = photo.width() as usize;
    let Some(alpha) = whole(edited.mask.as_raw(), width) else {
        return Ok(None);
    };
    let square = Square::around(&alpha, width);
    let rgb = |of: &RgbaImage, i: usize| [0, 1, 2].map(|c| of.as_raw()[4 * i + c]);
    let light = square.of(&alpha, |i| {
        [srgb_to_lab(rgb(&edited.photo, i))[0] / 100.0; 3]
    });
    let own = square.of(&alpha, |i| {
        rgb(&photo, i).map(|value| f32::from(value) / 255.0)
    });
    let byte = |value: f32| (255.0 * value).round() as u8;
    let form = GrayAlphaImage::from_fn(SIDE, SIDE, |x, y| {
        let [light, .., alpha] = light.get_pixel(x, y).0;
        LumaA([byte(light / alpha.max(0.01)), byte(alpha)])
    });
    let cut_out = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let [r, g, b, alpha] = own.get_pixel(x, y).0;
        Rgb([r, g, b].map(|value| byte(value + 1.0 - alpha)))
    });
    let name = name + ".png";
    let plain = printed(&photo, &alpha) <= PRINTED;
    if plain {
        form.save(output.join("forms").join(&name))?;
    }
    cut_out.save(output.join("cut-outs").join(&name))?;
    let lines = |outfit: Outfit| -> String {
        let captions = outfit.captions().into_iter();
        captions
            .map(|caption| format!("{name},\"{caption}\",{}\n", item.class))
            .collect()
    };
    let form = if plain {
        lines(outfit.form())
    } else {
        String::new()
    };
    Ok(Some([form, lines(outfit)]))
}

/// The share of a garment that has another colour than its median, in another light.
fn printed(photo: &RgbaImage, alpha: &[u8]) -> f64 {
    /// In units of CIELAB: what light makes of cloth of one colour.
    const LIGHT: f32 = 24.0;
    const CHROMA: f32 = 11.0;
    let pixels = photo
        .pixels()
        .zip(alpha)
        .filter(|(_, alpha)| **alpha == 255);
    let inside: Vec<[f32; 3]> = pixels
        .map(|(Rgba([r, g, b, _]), _)| srgb_to_lab([*r, *g, *b]))
        .collect();
    let [l, a, b] = [0, 1, 2].map(|c| {
        let mut values: Vec<f32> = inside.iter().map(|lab| lab[c]).collect();
        let middle = values.len() / 2;
        values.sort_by(f32::total_cmp);
        values.get(middle).copied().unwrap_or_default()
    });
    let other = |lab: &&[f32; 3]| {
        // The chroma of cloth goes with its light.
        let light = ((lab[0] + 16.0) / (l + 16.0)).clamp(0.25, 1.25);
        let apart = (lab[1] - light * a).hypot(lab[2] - light * b);
        (lab[0] - l).abs() > LIGHT || apart > CHROMA
    };
    inside.iter().filter(other).count() as f64 / inside.len().max(1) as f64
}

/// The alpha of the largest thing in a mask, its small holes filled; none where it is small, torn or cut off.
fn whole(mask: &[u8], width: usize) -> Option<Vec<u8>> {
    let inside: Vec<bool> = mask.iter().map(|alpha| *alpha >= HALF).collect();
    let parts = connected(&inside, width, true);
    let garment = parts.iter().max_by_key(|part| part.len())?;
    let area = garment.len() as f64;
    let apart = parts.iter().map(Vec::len).sum::<usize>() as f64 - area;
    let height = mask.len() / width;
    let at_edge = |i: &usize| match (i % width, i / width) {
        (0, _) => Some(0),
        (_, 0) => Some(1),
        (x, _) if x + 1 == width => Some(2),
        (_, y) if y + 1 == height => Some(3),
        _ => None,
    };
    let mut cut = [0.0; 4];
    garment
        .iter()
        .filter_map(at_edge)
        .for_each(|edge| cut[edge] += 1.0);
    let sides = [height, width, height, width].map(|side| side as f64);
    let cut_off = cut
        .iter()
        .zip(sides)
        .any(|(cut, side)| *cut > CUT_OFF * side);
    if area < SMALLEST * mask.len() as f64 || apart > TORN * area || cut_off {
        return None;
    }
    // What is behind an arm on a hip is no hole: it is large.
    let holes = connected(&inside, width, false).into_iter();
    let holes = holes.filter(|hole| hole.iter().all(|i| at_edge(i).is_none()));
    let (small, _): (Vec<_>, Vec<_>) = holes.partition(|hole| (hole.len() as f64) < 0.01 * area);
    if small.iter().map(Vec::len).sum::<usize>() as f64 > TORN * area {
        return None;
    }
    let mut alpha = mask.to_vec();
    let others = parts.iter().filter(|part| !std::ptr::eq(*part, garment));
    others.flatten().for_each(|i| alpha[*i] = 0);
    small.iter().flatten().for_each(|i| alpha[*i] = 255);
    Some(alpha)
}

/// The square around a garment, with a margin; it may reach over the photo.
struct Square {
    left: i64,
    top: i64,
    side: u32,
    width: usize,
}

impl Square {
    fn around(alpha: &[u8], width: usize) -> Self {
        let inside = || (0..alpha.len()).filter(|i| alpha[*i] >= HALF);
        let ends = |of: &dyn Fn(usize) -> usize| {
            let (first, last) = (inside().map(of).min(), inside().map(of).max());
            (first.unwrap_or(0) as i64, last.unwrap_or(0) as i64 + 1)
        };
        let (left, right) = ends(&|i| i % width);
        let (top, bottom) = ends(&|i| i / width);
        let longer = (right - left).max(bottom - top) as u32;
        let side = longer * SIDE / (SIDE - 2 * MARGIN);
        Self {
            left: (left + right - i64::from(side)) / 2,
            top: (top + bottom - i64::from(side)) / 2,
            side,
            width,
        }
    }

    /// What it shows of the photo, as large as a form: three values of a pixel times its alpha, and that.
    fn of(&self, alpha: &[u8], values: impl Fn(usize) -> [f32; 3]) -> Rgba32FImage {
        let (width, height) = (self.width as i64, (alpha.len() / self.width) as i64);
        let cropped = Rgba32FImage::from_fn(self.side, self.side, |x, y| {
            let (x, y) = (self.left + i64::from(x), self.top + i64::from(y));
            if !(0..width).contains(&x) || !(0..height).contains(&y) {
                return Rgba([0.0; 4]);
            }
            let i = (y * width + x) as usize;
            let alpha = f32::from(alpha[i]) / 255.0;
            let [r, g, b] = values(i).map(|value| value * alpha);
            Rgba([r, g, b, alpha])
        });
        imageops::resize(&cropped, SIDE, SIDE, FilterType::Triangle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `size` pixels a side, `#` where the function says so.
    fn drawn(size: usize, inside: impl Fn(usize, usize) -> bool) -> Vec<u8> {
        let pixel = |i: usize| if inside(i % size, i / size) { 255 } else { 0 };
        (0..size * size).map(pixel).collect()
    }

    #[test]
    fn a_garment_is_whole_its_small_holes_are_filled_and_dust_is_left_out() {
        let body = |x: usize, y: usize| (10..50).contains(&x) && (10..50).contains(&y);
        let hole = |x: usize, y: usize| (20..22).contains(&x) && y == 20;
        let arm = |x: usize, y: usize| (30..40).contains(&x) && (30..40).contains(&y);
        let dust = |x: usize, y: usize| x == 2 && y == 2;
        let mask = drawn(64, |x, y| {
            (body(x, y) && !hole(x, y) && !arm(x, y)) || dust(x, y)
        });
        let alpha = whole(&mask, 64).expect("a garment");
        assert_eq!(alpha, drawn(64, |x, y| body(x, y) && !arm(x, y)));
    }

    #[test]
    fn a_print_is_told_from_folds() {
        let cloth = |of: fn(u32, u32) -> [u8; 3]| {
            let photo = RgbaImage::from_fn(40, 40, |x, y| {
                let [r, g, b] = of(x, y);
                Rgba([r, g, b, 255])
            });
            printed(&photo, &[255; 1600])
        };
        // A fold of the same red, half as bright.
        let folded = cloth(|x, _| {
            if x % 8 < 3 {
                [120, 24, 30]
            } else {
                [170, 34, 42]
            }
        });
        assert!(folded < PRINTED, "{folded}");
        let stripes = cloth(|_, y| {
            if y % 8 < 3 {
                [230, 230, 230]
            } else {
                [170, 34, 42]
            }
        });
        assert!((0.3..0.5).contains(&stripes), "{stripes}");
        let logo = cloth(|x, y| match (x, y) {
            (12..28, 10..22) => [40, 60, 160],
            _ => [170, 34, 42],
        });
        assert!(logo > PRINTED, "{logo}");
        assert_eq!(printed(&RgbaImage::new(2, 2), &[0; 4]), 0.0);
    }

    #[test]
    fn what_is_small_torn_or_cut_off_is_no_garment() {
        let square = |from: usize, to: usize| {
            move |x: usize, y: usize| (from..to).contains(&x) && (from..to).contains(&y)
        };
        assert!(whole(&drawn(64, square(10, 40)), 64).is_some());
        assert!(whole(&drawn(64, square(10, 16)), 64).is_none());
        assert!(whole(&drawn(64, square(0, 40)), 64).is_none());
        let (one, other) = (square(5, 30), square(40, 50));
        assert!(whole(&drawn(64, |x, y| one(x, y) || other(x, y)), 64).is_none());
        assert!(whole(&[0; 64], 8).is_none());
    }

    #[test]
    fn a_form_fills_its_square_but_for_the_margin() {
        let alpha = drawn(64, |x, y| (20..44).contains(&x) && (0..60).contains(&y));
        let square = Square::around(&alpha, 64);
        assert!(square.top < 0);
        let form = square.of(&alpha, |_| [1.0; 3]);
        let at = |x: u32, y: u32| form.get_pixel(x, y).0[3];
        assert_eq!([at(64, 1), at(64, 126), at(2, 64), at(30, 64)], [0.0; 4]);
        assert_eq!([at(64, 8), at(64, 118), at(64, 64)], [1.0; 3]);
    }
}
