//! Batches of training pictures, made on a thread of their own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::compose::{self, Stock};
use super::fabric;
use super::light::Light;
use super::{LabelSet, Scene, Settled, objects, people, sample};
use crate::data::Kind;

/// Batches that wait for the training.
const AHEAD: usize = 2;

/// What strangers wear more often than the street photos' people do, and how much more often these are drawn.
const RARE: [&str; 5] = ["hat", "shorts", "suit", "t-shirt", "tie"];
const RARE_TIMES: usize = 3;

/// Whether a street photo shows any of that.
fn rare(scene: &Scene) -> bool {
    let rare = LabelSet::of(&RARE);
    scene.source == Kind::Street && scene.components.iter().any(|c| rare.has(c.label))
}

/// What a batch is made of.
#[derive(Debug, Clone)]
pub struct SamplingConfig {
    /// Height and width of a picture, in pixels.
    pub size: usize,
    /// Pictures of a batch.
    pub batch: usize,
    /// What part of a batch is of which data set; data sets that are not there leave theirs to
    /// the others.
    pub mix: Vec<(Kind, f64)>,
    /// What part of a data set's pictures are things on other backgrounds.
    pub composites: Vec<(Kind, f64)>,
    /// What part of the street photos' pictures are people in front of something else.
    pub people: f64,
    /// Photos as they are: no things cut out, composites, people, dye, portraits, close-ups, turns or blur. What is learnt first is learnt faster.
    pub plain: bool,
    /// Pictures of floors and cloths to lay things on, beside what the photos show of them.
    pub textures: Arc<Vec<RgbImage>>,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self {
            size: 128,
            batch: 32,
            mix: vec![
                (Kind::Street, 0.55),
                (Kind::Clothing, 0.25),
                (Kind::Oxford17, 0.2),
                (Kind::FashionProduct, 0.2),
                (Kind::Flowers, 0.12),
                (Kind::Objects, 0.05),
            ],
            composites: vec![
                (Kind::Street, 0.2),
                (Kind::Clothing, 0.75),
                (Kind::Objects, 1.0),
            ],
            people: 0.3,
            plain: false,
            textures: Arc::default(),
        }
    }
}

/// Pictures to train on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// `[batch, size, size, 3]`, sRGB.
    pub photos: Vec<u8>,
    /// `[batch, size, size]`, indices into [`super::LABELS`] or [`super::UNDECIDED`].
    pub labels: Vec<u8>,
    /// For each picture, which of the scenes it is of.
    pub scenes: Vec<usize>,
    /// For each picture, which words its labels answer.
    pub settled: Vec<Settled>,
}

/// Draws the batches.
struct Sampler {
    scenes: Arc<Vec<Scene>>,
    stock: Stock,
    config: SamplingConfig,
    /// For each data set that is there: its share, the share of composites, and its scenes.
    sources: Vec<(f64, f64, Vec<usize>)>,
    seed: u64,
}

impl Sampler {
    fn new(scenes: Arc<Vec<Scene>>, config: SamplingConfig, seed: u64) -> Result<Self> {
        ensure!(
            config.size >= 16 && config.batch > 0,
            "batches of {} pictures of {} pixels cannot be made",
            config.batch,
            config.size
        );
        let mut sources = Vec::new();
        for &(kind, share) in &config.mix {
            let of_kind = |at: &usize| {
                let alone = config.plain && objects::is_cut_out(&scenes[*at]);
                scenes[*at].source == kind && !alone
            };
            let of_kind = (0..scenes.len()).filter(of_kind);
            let often =
                |at| std::iter::repeat_n(at, if rare(&scenes[at]) { RARE_TIMES } else { 1 });
            let of_kind: Vec<usize> = of_kind.flat_map(often).collect();
            if !of_kind.is_empty() && share > 0.0 {
                let composites = config.composites.iter().find(|(of, _)| *of == kind);
                sources.push((share, composites.map_or(0.0, |(_, share)| *share), of_kind));
            }
        }
        ensure!(!sources.is_empty(), "there are no photos with masks");
        let total: f64 = sources.iter().map(|(share, ..)| share).sum();
        sources.iter_mut().for_each(|(share, ..)| *share /= total);
        Ok(Self {
            stock: Stock::new(&scenes, config.textures.clone()),
            scenes,
            config,
            sources,
            seed,
        })
    }

    /// The batch of a step: it depends on the seed and the step only.
    fn batch(&self, step: u64) -> Batch {
        let SamplingConfig {
            size, batch, plain, ..
        } = self.config;
        // Seeds that are near each other give streams that are not (SplitMix64 in `seed_from_u64`).
        let mut rng = SmallRng::seed_from_u64(self.seed.rotate_left(32) ^ step);
        let area = size * size;
        let mut made = Batch {
            photos: vec![0; batch * area * 3],
            labels: vec![0; batch * area],
            scenes: Vec::with_capacity(batch),
            settled: Vec::with_capacity(batch),
        };
        let mut pictures: Vec<_> = made
            .photos
            .chunks_exact_mut(3 * area)
            .zip(made.labels.chunks_exact_mut(area))
            .collect();
        for (place, (picture, labels)) in pictures.iter_mut().enumerate() {
            // Evenly spaced with a random start: each batch has its shares, but for rounding.
            let at = (place as f64 + rng.random_range(0.0..1.0)) / batch as f64;
            let (composites, of_kind) = self.source(at);
            let scene = of_kind[rng.random_range(0..of_kind.len())];
            let (stock, all, rng) = (&self.stock, &self.scenes[..], &mut rng);
            let people = all[scene].source == Kind::Street;
            let people = if people { self.config.people } else { 0.0 };
            let drawn: f64 = rng.random();
            let made_up = match drawn {
                _ if plain => None,
                drawn if drawn < composites => {
                    compose::compose(stock, all, scene, size, rng, picture, labels)
                }
                drawn if drawn < composites + people => {
                    people::people(stock, (all, of_kind), size, rng, picture, labels)
                }
                _ => None,
            };
            let (scene, settled) = made_up.unwrap_or_else(|| {
                sample::crop(&all[scene], size, plain, rng, picture, labels);
                (scene, all[scene].settled)
            });
            if !plain {
                fabric::dye(size, rng, picture, labels);
            }
            Light::draw(plain, rng).apply(picture, size);
            made.scenes.push(scene);
            made.settled.push(settled);
        }
        made
    }

    /// The data set of a place in a batch, from 0 to 1.
    fn source(&self, at: f64) -> (f64, &[usize]) {
        let mut up_to = 0.0;
        let found = self.sources.iter().find(|(share, ..)| {
            up_to += share;
            at < up_to
        });
        let (_, composites, scenes) = found.unwrap_or(&self.sources[self.sources.len() - 1]);
        (*composites, scenes)
    }
}

/// The batches of a training, made ahead on a thread of their own.
pub struct Batches {
    batches: Receiver<Batch>,
}

impl Batches {
    /// Begins with the batch of step `first_step`. The batch of a step depends on the seed and
    /// the step only, so that a training that goes on sees what it would have seen.
    ///
    /// # Errors
    /// No scene of the data sets in the mix; a size or a batch that is too small.
    pub fn new(
        scenes: Arc<Vec<Scene>>,
        config: SamplingConfig,
        seed: u64,
        first_step: u64,
    ) -> Result<Self> {
        let sampler = Sampler::new(scenes, config, seed)?;
        let (sender, batches) = sync_channel(AHEAD);
        let work = move || {
            // Sending fails when nobody waits any more.
            for step in first_step.. {
                if sender.send(sampler.batch(step)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new()
            .name("batches".to_owned())
            .spawn(work)
            .context("no thread for the batches")?;
        Ok(Self { batches })
    }

    /// The batch of the next step.
    ///
    /// # Errors
    /// When the thread that makes them has ended, by a fault of the program.
    pub fn next(&mut self) -> Result<Batch> {
        self.batches.recv().context("the batches have ended")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::{BACKGROUND, label};
    use image::Rgb;

    /// Ten street photos and ten of flowers: discs on a backdrop.
    fn scenes() -> Arc<Vec<Scene>> {
        let scene = |n: u8| {
            let (kind, label) = match n < 10 {
                true => (Kind::Street, 14),
                false => (Kind::Oxford17, 62),
            };
            let disc = |x: u32, y: u32| (x as f32 - 60.0).hypot(y as f32 - 60.0) < 30.0;
            let photo = RgbImage::from_fn(120, 140, |x, y| match disc(x, y) {
                true => Rgb([200, 10 * n, 30]),
                false => Rgb([90; 3]),
            });
            let labels = (0..120 * 140).map(|at| match disc(at % 120, at / 120) {
                true => label,
                false => BACKGROUND,
            });
            Scene::new(300, photo, labels.collect(), kind, "a", Settled::default()).unwrap()
        };
        Arc::new((0..20).map(scene).collect())
    }

    fn config() -> SamplingConfig {
        SamplingConfig {
            size: 32,
            batch: 16,
            ..SamplingConfig::default()
        }
    }

    #[test]
    fn a_step_has_the_same_batch_whenever_training_begins() {
        let begin = |step| Batches::new(scenes(), config(), 7, step).unwrap();
        let (mut all, mut later) = (begin(0), begin(3));
        let first = all.next().unwrap();
        assert_eq!(first.photos.len(), 16 * 32 * 32 * 3);
        assert_eq!(first.labels.len(), 16 * 32 * 32);
        assert_ne!(first, all.next().unwrap());
        all.next().unwrap();
        assert_eq!(all.next().unwrap(), later.next().unwrap());
        let other = Batches::new(scenes(), config(), 8, 0)
            .unwrap()
            .next()
            .unwrap();
        assert_ne!(first, other);
    }

    #[test]
    fn people_are_drawn_as_often_as_is_said_and_never_in_plain_photos() {
        let first = |people, plain| {
            let config = SamplingConfig {
                people,
                plain,
                composites: Vec::new(),
                ..config()
            };
            Batches::new(scenes(), config, 7, 0)
                .unwrap()
                .next()
                .unwrap()
        };
        assert_ne!(first(1.0, false), first(0.0, false));
        assert_eq!(first(1.0, true), first(0.0, true));
    }

    #[test]
    fn three_in_ten_coats_have_a_colour_of_their_own() {
        // Whatever the light, a grey coat on grey is what is around it, unless it was dyed.
        let grey = |scene: &Scene| {
            let photo = RgbImage::from_pixel(120, 140, Rgb([128; 3]));
            let (labels, settled) = (scene.labels.clone(), scene.settled);
            Scene::new(300, photo, labels, Kind::Street, "grey", settled).unwrap()
        };
        let config = SamplingConfig {
            size: 64,
            composites: Vec::new(),
            people: 0.0,
            ..config()
        };
        let greys: Vec<Scene> = scenes()[..10].iter().map(grey).collect();
        let mut batches = Batches::new(Arc::new(greys), config, 7, 0).unwrap();
        let (mut dyed, mut all) = (0, 0);
        for batch in (0..20).map(|_| batches.next().unwrap()) {
            let pictures = batch.photos.chunks(3 * 64 * 64);
            for (photo, labels) in pictures.zip(batch.labels.chunks(64 * 64)) {
                let mean = |is: u8| {
                    let own = photo.chunks(3).zip(labels).filter(|(_, l)| **l == is);
                    let own: Vec<&[u8]> = own.map(|(pixel, _)| pixel).collect();
                    let sum = |i: usize| own.iter().map(|p| f64::from(p[i])).sum::<f64>();
                    [0, 1, 2].map(|i| sum(i) / own.len() as f64)
                };
                let apart = mean(14).into_iter().zip(mean(BACKGROUND));
                let apart = apart.map(|(coat, around)| (coat - around).abs());
                let most = apart.fold(f64::NAN, f64::max);
                dyed += usize::from(most > 12.0);
                all += usize::from(most >= 0.0);
            }
        }
        let share = dyed as f64 / f64::from(all as u32);
        assert!((0.2..0.45).contains(&share), "{share} of {all}");
    }

    #[test]
    fn what_strangers_wear_is_drawn_more_often() {
        let hat = label("hat").unwrap();
        let mut scenes: Vec<Scene> = scenes()[..10].to_vec();
        let named = |is: u8| if is == 14 { hat } else { is };
        let labels = scenes[0].labels.iter().copied().map(named).collect();
        let photo = scenes[0].photo.clone();
        scenes[0] =
            Scene::new(300, photo, labels, Kind::Street, "hat", Settled::default()).unwrap();
        let config = SamplingConfig {
            composites: Vec::new(),
            people: 0.0,
            ..config()
        };
        let mut batches = Batches::new(Arc::new(scenes), config, 1, 0).unwrap();
        let drawn = (0..40).flat_map(|_| batches.next().unwrap().scenes);
        let hats = drawn.filter(|scene| *scene == 0).count();
        // Three of twelve, of 640.
        assert!((120..200).contains(&hats), "{hats}");
    }

    #[test]
    fn data_sets_have_their_shares_and_those_that_are_missing_leave_theirs() {
        let mut batches = Batches::new(scenes(), config(), 1, 0).unwrap();
        let (mut street, mut all) = (0, 0);
        for _ in 0..20 {
            let batch = batches.next().unwrap();
            street += batch.scenes.iter().filter(|scene| **scene < 10).count();
            all += batch.scenes.len();
            let own = batch
                .labels
                .iter()
                .filter(|label| matches!(**label, 14 | 62))
                .count();
            assert!(own * 10 > batch.labels.len(), "{own}");
        }
        // 0.55 of 0.75.
        let share = street as f64 / all as f64;
        assert!((share - 0.733).abs() < 0.03, "{share}");
        let none = Batches::new(Arc::default(), config(), 1, 0).err().unwrap();
        assert!(none.to_string().contains("no photos with masks"), "{none}");
    }
}
