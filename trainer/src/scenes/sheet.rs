//! Sheets of training pictures with their labels as colours, for the eye.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use image::{Rgb, RgbImage};

use super::{Batch, Batches, LABELS, SamplingConfig, Scene, UNDECIDED, backdrops};
use crate::data::{Source, Split};

/// Pictures in a row of a sheet.
const ACROSS: usize = 8;

#[derive(Args)]
pub struct Options {
    /// A data set with masks as KIND=FOLDER; several are mixed.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// A folder of pictures to lay things on.
    #[arg(long, value_name = "FOLDER")]
    textures: Option<PathBuf>,
    /// Where to write the sheet.
    #[arg(short, long)]
    output: PathBuf,
    /// Shows the photos as they are instead, with their labels, every so many.
    #[arg(long, value_name = "NUMBER")]
    whole: Option<usize>,
    /// Of these photos only those whose names begin so.
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// How many pictures.
    #[arg(long, default_value_t = 48)]
    count: usize,
    /// Only composites.
    #[arg(long)]
    composites: bool,
    /// Height and width of a picture.
    #[arg(long, default_value_t = 128)]
    size: usize,
    /// The step whose batch is shown.
    #[arg(long, default_value_t = 0)]
    step: u64,
    /// Takes what is not trained on.
    #[arg(long)]
    unseen: bool,
}

/// Writes the sheet, and says how fast batches are made.
pub fn run(options: &Options) -> Result<()> {
    let began = Instant::now();
    let split = match options.unseen {
        true => Split::Unseen,
        false => Split::Train,
    };
    let mut scenes = super::load(&options.data, split)?;
    scenes.retain(|scene| scene.name.starts_with(&options.name));
    eprintln!("{} photos read in {:.1?}", scenes.len(), began.elapsed());
    shares(&scenes);
    if let Some(step) = options.whole {
        let some: Vec<&Scene> = scenes
            .iter()
            .step_by(step.max(1))
            .take(options.count)
            .collect();
        return save(&options.output, &whole(&some, options.size));
    }
    let mut config = SamplingConfig {
        size: options.size,
        batch: options.count,
        ..SamplingConfig::default()
    };
    if let Some(folder) = &options.textures {
        config.textures = Arc::new(backdrops::textures(folder)?);
    }
    if options.composites {
        config
            .composites
            .iter_mut()
            .for_each(|(_, share)| *share = 1.0);
    }
    let began = Instant::now();
    let mut batches = Batches::new(Arc::new(scenes), config, 1, options.step)?;
    let batch = batches.next()?;
    eprintln!("the first batch after {:.1?}", began.elapsed());
    let began = Instant::now();
    for _ in 0..10 {
        batches.next()?;
    }
    let rate = (10 * options.count) as f64 / began.elapsed().as_secs_f64();
    eprintln!("{rate:.0} pictures a second");
    save(&options.output, &sheet(&batch, options.size))
}

/// Says what part of the pixels has which label, and in how many photos it is.
fn shares(scenes: &[Scene]) {
    let mut counts = [(0u64, 0u64); LABELS.len()];
    let mut all = 0;
    for scene in scenes {
        let mut own = [0u64; 256];
        scene
            .labels
            .iter()
            .for_each(|label| own[usize::from(*label)] += 1);
        for ((pixels, photos), own) in counts.iter_mut().zip(own) {
            *pixels += own;
            *photos += u64::from(own > 0);
        }
        all += scene.labels.len() as u64;
    }
    for (name, (pixels, photos)) in LABELS.iter().zip(counts).filter(|(_, (_, n))| *n > 0) {
        eprintln!(
            "{name:12} {:7.3} % {photos:5} photos",
            100.0 * pixels as f64 / all as f64
        );
    }
}

/// Each picture above its labels.
fn sheet(batch: &Batch, size: usize) -> RgbImage {
    let area = size * size;
    let pairs = batch
        .photos
        .chunks_exact(3 * area)
        .zip(batch.labels.chunks_exact(area));
    let rows = batch.scenes.len().div_ceil(ACROSS);
    let mut sheet = RgbImage::new((ACROSS * size) as u32, (2 * rows * size) as u32);
    for (place, (photo, labels)) in pairs.enumerate() {
        let (left, top) = (place % ACROSS * size, place / ACROSS * 2 * size);
        for (at, (pixel, label)) in photo.as_chunks::<3>().0.iter().zip(labels).enumerate() {
            let (x, y) = ((left + at % size) as u32, (top + at / size) as u32);
            sheet.put_pixel(x, y, Rgb(*pixel));
            sheet.put_pixel(x, y + size as u32, Rgb(mixed(*pixel, *label)));
        }
    }
    sheet
}

/// The same for whole photos, each in a square.
fn whole(scenes: &[&Scene], size: usize) -> RgbImage {
    let mut batch = Batch {
        photos: vec![0; 3 * size * size * scenes.len()],
        labels: vec![0; size * size * scenes.len()],
        scenes: (0..scenes.len()).collect(),
        settled: scenes.iter().map(|scene| scene.settled).collect(),
    };
    for (n, scene) in scenes.iter().enumerate() {
        let (width, height) = scene.photo.dimensions();
        let scale = width.max(height) as f32 / size as f32;
        for at in 0..size * size {
            let (x, y) = ((at % size) as f32 * scale, (at / size) as f32 * scale);
            let (x, y) = (x as u32, y as u32);
            if x < width && y < height {
                let place = n * size * size + at;
                batch.photos[3 * place..][..3].copy_from_slice(&scene.photo.get_pixel(x, y).0);
                batch.labels[place] = scene.labels[(y * width + x) as usize];
            }
        }
    }
    sheet(&batch, size)
}

/// A pixel under the colour of its label: hues far from each other for neighbouring numbers.
fn mixed(pixel: [u8; 3], label: u8) -> [u8; 3] {
    let colour = match label {
        0 => return pixel.map(|byte| byte / 3),
        UNDECIDED => [128; 3],
        _ => {
            let turn = f32::from(label) * 0.381_966 * std::f32::consts::TAU;
            [0.0f32, 2.094, 4.189].map(|shift| (127.5 + 127.0 * (turn + shift).cos()) as u8)
        }
    };
    std::array::from_fn(|c| ((u16::from(pixel[c]) * 2 + u16::from(colour[c]) * 3) / 5) as u8)
}

fn save(output: &std::path::Path, sheet: &RgbImage) -> Result<()> {
    ensure!(sheet.width() > 0, "there is nothing to show");
    sheet
        .save(output)
        .with_context(|| format!("cannot write {}", output.display()))
}
