//! The judges: a classifier and a matching network that no generator learns from.
//!
//! ```text
//! JUDGES/classifier/    knows the data set's classes
//! JUDGES/text/          a matching network as in step 1, of other widths and another seed
//! JUDGES/vocabulary.json
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::DMatrix;
use rand::rngs::SmallRng;
use wordloom::prompt::{Batch, TextEncoderConfig, Vocabulary};

use super::classifier::{self, Classifier, ClassifierConfig, Label, Photos};
use crate::data::{self, Dataset, Item};
use crate::networks::ImageEncoderConfig;
use crate::run::Checkpoint;
use crate::text::{self, Matching, TextConfig};

/// Photos or sentences that a network is given at once.
const BATCH: usize = 50;

/// Trained judges, on the CPU.
pub struct Judges {
    classifier: Classifier,
    classes: Vec<String>,
    colours: Vec<String>,
    matching: Matching,
    vocabulary: Vocabulary,
    size: usize,
    device: Device,
}

/// What the judges see in pictures, one a row.
pub struct Looks {
    /// The classifier's features.
    pub features: DMatrix<f64>,
    /// The classes' probabilities.
    pub probabilities: DMatrix<f64>,
    /// The colours' probabilities.
    pub colours: DMatrix<f64>,
    /// The matching network's embeddings.
    pub embeddings: DMatrix<f64>,
}

/// Splits photos that no generator was trained on: every other one is for the classifier to learn
/// its classes from, the rest is what an evaluation uses.
pub fn split(unseen: &[Item]) -> (Vec<&Item>, Vec<&Item>) {
    let pairs = unseen.chunks(2);
    (
        pairs.clone().map(|pair| &pair[0]).collect(),
        pairs.filter_map(|pair| pair.get(1)).collect(),
    )
}

/// Trains both judges, or goes on where their checkpoints in `judges` stop. `seed` is that of the
/// training they judge; theirs is another one.
///
/// # Errors
/// Photos of fewer than two classes, a checkpoint that cannot be read or written, a training
/// that fails.
pub fn train(
    judges: &Path,
    [train, unseen]: [Vec<Item>; 2],
    size: usize,
    seed: u64,
    device: &Device,
) -> Result<()> {
    let learnt = split(&unseen).0.into_iter();
    let items: Vec<Item> = train.iter().chain(learnt).cloned().collect();
    let classes = numbered(items.iter().map(|item| item.class.as_str()));
    let colours = numbered(items.iter().filter_map(colour));
    ensure!(
        classes.len() > 1,
        "a classifier needs photos of at least two classes"
    );

    let seed = seed.wrapping_add(1000);
    let going_on = Checkpoint::new(judges, "text").exists();
    let vocabulary = match going_on {
        true => crate::vocabulary(judges)?,
        false => data::vocabulary(&train)?,
    };
    let load = |items: &[Item]| Dataset::load(items, &vocabulary, size);
    let config = matching(&vocabulary, size, seed);
    let (seen, new) = (load(&train)?, load(&unseen)?);
    text::train(judges, config, &seen, &new, &vocabulary, going_on, device)?;
    let data = load(&items)?;
    // Of the photos that were read: damaged ones are left out.
    let label = |item: &Item| {
        (
            classes[item.class.as_str()],
            colour(item).map(|name| colours[name]),
        )
    };
    let labels: Vec<Label> = data.items.iter().map(label).collect();
    let names =
        |numbers: &BTreeMap<&str, usize>| numbers.keys().map(|name| (*name).into()).collect();
    let config = ClassifierConfig::new(names(&classes), names(&colours), size, seed);
    classifier::train(judges, config, &Labelled { data, labels }, device)
}

/// Photos with what is right for each.
struct Labelled {
    data: Dataset,
    labels: Vec<Label>,
}

impl Photos for Labelled {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn draw(&self, count: usize, rng: &mut SmallRng) -> (Vec<f32>, Vec<Label>) {
        let (planes, drawn) = self.data.draw_photos(count, rng);
        (planes, drawn.iter().map(|n| self.labels[*n]).collect())
    }
}

/// The basic term of a photo's colour, where that is known.
fn colour(item: &Item) -> Option<&'static str> {
    item.colour.map(|colour| colour.group)
}

/// Names in their order, with numbers.
fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().zip(0..).collect()
}

/// A matching network of other widths than those of step 1.
fn matching(vocabulary: &Vocabulary, size: usize, seed: u64) -> TextConfig {
    let hidden = 96;
    let text = TextEncoderConfig::new(vocabulary.size());
    let image = ImageEncoderConfig::new();
    TextConfig {
        text: text.with_embedding(96).with_hidden(hidden),
        image: image
            .with_widths([24, 48, 96, 192])
            .with_embedding(2 * hidden),
        ..TextConfig::new(vocabulary, size, 10, seed)
    }
}

impl Judges {
    /// Reads trained judges.
    ///
    /// # Errors
    /// Judges that are missing or damaged.
    pub fn open(judges: &Path) -> Result<Self> {
        let device = Device::flex();
        let (classifier, config) = Classifier::open(judges, &device)?;
        let (matching, text) = Matching::frozen(judges, &device)
            .with_context(|| format!("the judges in {} are not whole", judges.display()))?;
        ensure!(
            text.size == config.size,
            "the judges in {} see photos of different sizes",
            judges.display()
        );
        Ok(Self {
            classifier,
            classes: config.classes,
            colours: config.colours,
            matching: matching.valid(),
            vocabulary: crate::vocabulary(judges)?,
            size: config.size,
            device,
        })
    }

    /// Height and width of what they see.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Looks at pictures, each as planes `[3, size, size]` in [-1, 1].
    ///
    /// # Errors
    /// When the device fails.
    pub fn look(&self, pictures: &[Vec<f32>]) -> Result<Looks> {
        let mut looks: [Vec<f64>; 4] = Default::default();
        for batch in pictures.chunks(BATCH) {
            let shape = [batch.len(), 3, self.size, self.size];
            let photos = Tensor::from_data(TensorData::new(batch.concat(), shape), &self.device);
            let image = &self.matching.image;
            let embedded = image.whole(image.features(photos.clone()));
            let seen = self.classifier.see(photos);
            let seen = [seen.features, seen.probabilities, seen.colours, embedded];
            for (all, rows) in looks.iter_mut().zip(seen) {
                append(all, rows)?;
            }
        }
        let [features, probabilities, colours, embeddings] =
            looks.map(|values| matrix(values, pictures.len()));
        Ok(Looks {
            features,
            probabilities,
            colours,
            embeddings,
        })
    }

    /// Embeddings of sentences, one a row.
    ///
    /// # Errors
    /// A sentence without a word that the judges know.
    pub fn read(&self, sentences: &[String]) -> Result<DMatrix<f64>> {
        let mut embeddings = Vec::new();
        for batch in sentences.chunks(BATCH) {
            let read = |sentence: &String| {
                let prompt = self.vocabulary.read(sentence);
                let prompt = prompt.with_context(|| format!("the judges read “{sentence}”"));
                Ok(prompt?.ids)
            };
            let ids = batch.iter().map(read).collect::<Result<Vec<_>>>()?;
            let features = self.matching.text.forward(&Batch::new(&ids, &self.device));
            append(&mut embeddings, features.sentence)?;
        }
        Ok(matrix(embeddings, sentences.len()))
    }

    /// The class that the classifier names for each picture.
    pub fn classes(&self, looks: &Looks) -> Vec<&str> {
        likeliest(&looks.probabilities, &self.classes)
    }

    /// The colour that the classifier names for each picture.
    pub fn colours(&self, looks: &Looks) -> Vec<&str> {
        likeliest(&looks.colours, &self.colours)
    }
}

/// The likeliest name for each row of probabilities.
fn likeliest<'a>(rows: &DMatrix<f64>, names: &'a [String]) -> Vec<&'a str> {
    let name = |row: nalgebra::RowDVector<f64>| names.get(row.transpose().imax());
    let named = rows.row_iter().map(|row| name(row.into_owned()));
    named.map(|name| name.map_or("", String::as_str)).collect()
}

fn append(values: &mut Vec<f64>, rows: Tensor<2>) -> Result<()> {
    let rows: Vec<f32> = rows.into_data().try_to_vec()?;
    values.extend(rows.into_iter().map(f64::from));
    Ok(())
}

fn matrix(values: Vec<f64>, rows: usize) -> DMatrix<f64> {
    DMatrix::from_row_slice(rows, values.len() / rows.max(1), &values)
}
