//! Forms in memory, with their sentences, and batches of them.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use image::GrayAlphaImage;
use image::imageops::{self, FilterType};
use indicatif::ParallelProgressIterator;
use rand::Rng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;
use wordloom::prompt::{UNKNOWN, Vocabulary};
use wordloom::text_to_image::FORM;

use crate::data::{Item, Skipped};

/// A known word is hidden this often, so that unknown words do no harm.
const HIDDEN: f64 = 0.1;

/// What `cargo loom garments` cut out, as light and alpha in bytes, with sentences as ids.
pub struct Forms {
    /// Height and width.
    size: usize,
    forms: Vec<GrayAlphaImage>,
    captions: Vec<Vec<Vec<u32>>>,
    /// The forms of each class, in the order of the classes' names.
    classes: Vec<Vec<usize>>,
    class_of: Vec<usize>,
}

/// Forms with a sentence each.
pub struct Drawn {
    /// `[b, 2, size, size]` in [-1, 1]
    pub forms: Tensor<4>,
    /// At least one id each.
    pub sentences: Vec<Vec<u32>>,
    /// The number of each one's class.
    pub classes: Vec<i32>,
    /// For each another of the batch whose class is another one, if there is one.
    pub wrong: Vec<i32>,
}

impl Forms {
    /// Reads all forms, on all cores, and leaves those out that are damaged.
    ///
    /// # Errors
    /// When these are more than the half, with the name of the first; too few for a batch.
    pub fn load(items: &[Item], vocabulary: &Vocabulary, size: usize) -> Result<Self> {
        let read: Vec<Result<GrayAlphaImage>> = items
            .par_iter()
            .progress()
            .map(|item| {
                let form = item.photo.read()?.to_luma_alpha8();
                let size = size as u32;
                Ok(imageops::resize(&form, size, size, FilterType::Triangle))
            })
            .collect();
        let mut skipped = Skipped::default();
        let (mut forms, mut captions, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (item, form) in items.iter().zip(read) {
            let Some(form) = skipped.ok(form) else {
                continue;
            };
            let ids = item.captions.iter().map(|caption| {
                let words = vocabulary.words(caption);
                let words = words.map_err(anyhow::Error::from_boxed)?.into_iter();
                Ok(words.map(|(_, id)| id).collect())
            });
            captions.push(ids.collect::<Result<Vec<Vec<u32>>>>()?);
            forms.push(form);
            names.push(item.class.as_str());
        }
        skipped.tell(forms.len(), "forms")?;
        let mut classes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (n, name) in names.iter().enumerate() {
            classes.entry(name).or_default().push(n);
        }
        let mut class_of = vec![0; forms.len()];
        let classes: Vec<Vec<usize>> = classes.into_values().collect();
        for (class, members) in classes.iter().enumerate() {
            members.iter().for_each(|n| class_of[*n] = class);
        }
        ensure!(!forms.is_empty(), "there are no forms");
        Ok(Self {
            size,
            forms,
            captions,
            classes,
            class_of,
        })
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    /// `count` forms, mirrored half of the time, each with a sentence of its own with some words hidden. Three in
    /// four are drawn by their class first, so that rare garments are seen as well.
    pub fn draw(&self, count: usize, device: &Device, rng: &mut impl Rng) -> Drawn {
        let numbers: Vec<usize> = (0..count)
            .map(|i| match i % 4 {
                0 => rng.random_range(0..self.forms.len()),
                _ => {
                    let class = self.classes.choose(rng);
                    class
                        .and_then(|class| class.choose(rng))
                        .copied()
                        .unwrap_or(0)
                }
            })
            .collect();
        let mut values = Vec::with_capacity(count * FORM * self.size * self.size);
        for number in &numbers {
            self.planes(*number, rng.random(), &mut values);
        }
        let shape = [count, FORM, self.size, self.size];
        let sentences = numbers.iter().map(|number| self.sentence(*number, rng));
        let sentences = sentences.collect();
        let wrong = (0..count).map(|i| {
            let other = |j: &usize| self.class_of[numbers[*j]] != self.class_of[numbers[i]];
            let from = rng.random_range(0..count);
            let all = (from..count).chain(0..from);
            let all: Vec<usize> = all.filter(other).take(1).collect();
            all.first().map_or((i + 1) % count, |other| *other) as i32
        });
        Drawn {
            classes: numbers.iter().map(|n| self.class_of[*n] as i32).collect(),
            wrong: wrong.collect(),
            forms: Tensor::from_data(TensorData::new(values, shape), device),
            sentences,
        }
    }

    /// `count` of some forms, evenly of all classes as far as they have as many, of each the first `share`; all of
    /// these again where they are fewer.
    pub fn evenly(&self, some: Vec<usize>, share: f64, count: usize) -> Vec<usize> {
        let mut classes = vec![Vec::new(); self.classes()];
        for form in some {
            classes[self.class_of[form]].push(form);
        }
        for class in &mut classes {
            class.truncate((share * class.len() as f64).ceil() as usize);
        }
        let most = classes.iter().map(Vec::len).max().unwrap_or(0);
        let rounds = (0..most).flat_map(|n| classes.iter().filter_map(move |class| class.get(n)));
        let rounds: Vec<usize> = rounds.copied().collect();
        rounds.into_iter().cycle().take(count).collect()
    }

    /// All forms, those first whose outline is most like the mean one of their class.
    pub fn by_outline(&self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.len()).collect();
        let odd = self.odd();
        all.sort_by(|a, b| odd[*a].total_cmp(&odd[*b]));
        all
    }

    /// How far each outline is from the mean one of its class: 0 for the same, 1 where they share nothing.
    fn odd(&self) -> Vec<f32> {
        let alpha = |form: usize| self.forms[form].pixels().map(|pixel| f32::from(pixel.0[1]));
        let mut odd = vec![0.0; self.len()];
        for members in &self.classes {
            let share = 1.0 / members.len() as f32;
            let mut mean = vec![0.0; self.size * self.size];
            for member in members {
                let pixels = mean.iter_mut().zip(alpha(*member));
                pixels.for_each(|(mean, alpha)| *mean += share * alpha);
            }
            for member in members {
                let pixels = || mean.iter().zip(alpha(*member));
                let apart: f32 = pixels().map(|(mean, alpha)| (mean - alpha).abs()).sum();
                let both: f32 = pixels().map(|(mean, alpha)| mean + alpha).sum();
                odd[*member] = apart / both.max(1.0);
            }
        }
        odd
    }

    /// Number of forms.
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// `[b, 2, size, size]` in [-1, 1]
    pub fn batch(&self, numbers: &[usize], device: &Device) -> Tensor<4> {
        let mut values = Vec::with_capacity(numbers.len() * FORM * self.size * self.size);
        for number in numbers {
            self.planes(*number, false, &mut values);
        }
        let shape = [numbers.len(), FORM, self.size, self.size];
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    /// The planes of one in [-1, 1], light first.
    fn planes(&self, number: usize, mirrored: bool, values: &mut Vec<f32>) {
        let form = &self.forms[number];
        let last = self.size as u32 - 1;
        for channel in 0..FORM {
            for y in 0..=last {
                let row = (0..=last).map(|x| if mirrored { last - x } else { x });
                let value = |x| form.get_pixel(x, y).0[channel];
                values.extend(row.map(|x| f32::from(value(x)) / 127.5 - 1.0));
            }
        }
    }

    fn sentence(&self, number: usize, rng: &mut impl Rng) -> Vec<u32> {
        let sentence = self.captions[number].choose(rng);
        let mut sentence = sentence.cloned().unwrap_or_default();
        // One word says nothing when it is hidden.
        if sentence.len() > 1 {
            for id in &mut sentence {
                if rng.random_bool(HIDDEN) {
                    *id = UNKNOWN;
                }
            }
        }
        sentence
    }
}

/// A form that is drawn, the same in every row, and said to be of a class.
#[cfg(test)]
pub fn item(path: &std::path::Path, class: &str, size: u32, row: impl Fn(u32) -> [u8; 2]) -> Item {
    let form = GrayAlphaImage::from_fn(size, size, |x, _| image::LumaA(row(x)));
    form.save(path).unwrap();
    Item {
        photo: crate::data::Photo::File(path.to_owned()),
        captions: vec![format!("a {class}")],
        class: class.into(),
        colour: None,
        outfit: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use std::path::Path;

    /// Forms that are bright on the left: three shirts and a dress.
    fn forms(folder: &Path) -> Forms {
        let items = ["shirt", "shirt", "shirt", "dress"].into_iter().enumerate();
        let items: Vec<Item> = items
            .map(|(n, class)| {
                let light = |x: u32| if x < 4 { 200 } else { 50 };
                item(&folder.join(format!("{n}.png")), class, 8, |x| {
                    [light(x), 255]
                })
            })
            .collect();
        let words = ["a", "shirt", "dress"].map(String::from);
        Forms::load(&items, &Vocabulary::new(words).unwrap(), 8).unwrap()
    }

    #[test]
    fn rare_classes_are_drawn_often_and_wrong_sentences_are_of_other_classes() {
        let folder = tempfile::tempdir().unwrap();
        let forms = forms(folder.path());
        let mut rng = SmallRng::seed_from_u64(1);
        let (mut dresses, mut all) = (0, 0);
        for _ in 0..20 {
            let drawn = forms.draw(8, &Device::flex(), &mut rng);
            let is = |ids: &Vec<u32>| match (ids.contains(&3), ids.contains(&4)) {
                (true, _) => Some("shirt"),
                (_, true) => Some("dress"),
                // Its word is hidden.
                _ => None,
            };
            let named: Vec<_> = drawn.sentences.iter().map(is).collect();
            dresses += named.iter().filter(|name| **name == Some("dress")).count();
            all += named.iter().flatten().count();
            if named.contains(&Some("shirt")) && named.contains(&Some("dress")) {
                for (own, wrong) in named.iter().zip(&drawn.wrong) {
                    let other = named[*wrong as usize];
                    assert!(own.is_none() || other.is_none() || *own != other);
                }
            }
        }
        let share = f64::from(dresses as u32) / f64::from(all as u32);
        assert!((0.3..0.6).contains(&share), "{share}");
    }

    #[test]
    fn forms_are_chosen_evenly_and_again_where_they_are_few() {
        let folder = tempfile::tempdir().unwrap();
        let forms = forms(folder.path());
        assert_eq!(forms.evenly(vec![0, 1, 2, 3], 1.0, 3), [3, 0, 1]);
        assert_eq!(forms.evenly(vec![2, 1, 0, 3], 0.6, 5), [3, 2, 1, 3, 2]);
        let batch = forms.batch(&[0, 3], &Device::flex());
        assert_eq!(batch.dims(), [2, FORM, 8, 8]);
    }

    #[test]
    fn an_outline_unlike_those_of_its_kind_is_odd() {
        let folder = tempfile::tempdir().unwrap();
        // Of four skirts one is narrow; the only dress is like all dresses.
        let widths = [
            ("skirt", 6),
            ("skirt", 6),
            ("skirt", 6),
            ("skirt", 1),
            ("dress", 2),
        ];
        let items = widths.into_iter().enumerate();
        let items: Vec<Item> = items
            .map(|(n, (class, width))| {
                let alpha = |x: u32| if x < width { 255 } else { 0 };
                item(&folder.path().join(format!("{n}.png")), class, 8, |x| {
                    [100, alpha(x)]
                })
            })
            .collect();
        let words = ["a", "skirt", "dress"].map(String::from);
        let forms = Forms::load(&items, &Vocabulary::new(words).unwrap(), 8).unwrap();
        let odd = forms.odd();
        assert!(odd[..3].iter().all(|odd| *odd < 0.25), "{odd:?}");
        assert!(odd[3] > 0.6 && odd[4] < 1e-3, "{odd:?}");
    }

    #[test]
    fn half_of_the_forms_are_mirrored() {
        let folder = tempfile::tempdir().unwrap();
        let drawn = forms(folder.path()).draw(64, &Device::flex(), &mut SmallRng::seed_from_u64(2));
        assert_eq!(drawn.forms.dims(), [64, FORM, 8, 8]);
        let corner = drawn.forms.clone().slice([0..64, 0..1, 0..1, 0..1]);
        let corner: Vec<f32> = corner.into_data().try_to_vec().unwrap();
        let bright = corner.iter().filter(|light| **light > 0.0).count();
        assert!((16..48).contains(&bright), "{bright}");
        let alpha: f32 = drawn.forms.narrow(1, 1, 1).min().into_scalar();
        assert_eq!(alpha, 1.0);
    }
}
