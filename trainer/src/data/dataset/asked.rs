//! Sentences for a batch that its photos do not have.

use anyhow::Result;
use rand::Rng;
use rand::seq::IteratorRandom;

use super::{Dataset, Drawn, ORDERED, hidden, ids};
use crate::captions::{self, Colour, Subject};
use crate::data::Item;

/// How often there is a hard negative of a flower whose centre is known.
const OTHER_CENTRE: f64 = 0.5;

/// The colours that a sentence gives to petals or a thing, and to a centre.
pub type Said = [Option<&'static Colour>; 2];

impl Dataset {
    /// Hard negatives (Faghri et al. 2018, VSE++): sentences that are wrong of a photo of the batch,
    /// each behind its place there, because they give a flower's petals the centre of another one.
    /// Another photo's sentence can be told to be wrong by the petals alone, and then nobody learns
    /// to look at the centre.
    pub fn wrong(&self, drawn: &Drawn, rng: &mut impl Rng) -> Result<Vec<(usize, Vec<u32>)>> {
        let centre = |photo: &usize| self.items[*photo].subject.centre();
        // As often as in the batch: a centre is wrong about as often as it is right.
        let centres: Vec<_> = drawn.numbers.iter().filter_map(centre).collect();
        let mut wrong = Vec::new();
        for (at, photo) in drawn.numbers.iter().enumerate() {
            let item = &self.items[*photo];
            let (Some(petals), Some(own)) = (item.colour, centre(photo)) else {
                continue;
            };
            let differs = |colour: &&Colour| ![petals.group, own.group].contains(&colour.group);
            let others = centres.iter().copied().filter(differs);
            if let Some(other) = others.choose(rng).filter(|_| rng.random_bool(OTHER_CENTRE)) {
                let order = |rng: &mut _| captions::two_colours(petals, other, rng);
                wrong.push((at, self.changed(item, [own, other], rng, order)?));
            }
        }
        Ok(wrong)
    }

    /// Orders for colours that the batch has, together or not, each with what it says.
    pub fn orders(&self, drawn: &Drawn, rng: &mut impl Rng) -> Result<Vec<(Vec<u32>, Said)>> {
        let items = drawn.numbers.iter().map(|number| &self.items[*number]);
        let colours: Vec<_> = items.clone().filter_map(|item| item.colour).collect();
        let centres: Vec<_> = items.clone().filter_map(|i| i.subject.centre()).collect();
        let mut orders = Vec::new();
        for item in items {
            let Some(colour) = colours.iter().copied().choose(rng) else {
                break;
            };
            let others = centres.iter().copied();
            let others = others.filter(|other| other.group != colour.group);
            let centre = match item.subject {
                Subject::Flower { .. } => others.choose(rng).filter(|_| rng.random()),
                Subject::Thing { .. } => None,
            };
            let order = match (centre, item.subject) {
                (Some(centre), _) => captions::two_colours(colour, centre, rng),
                (None, Subject::Flower { .. }) => {
                    Subject::Flower { centre: None }.order(colour, rng)
                }
                (None, thing) => thing.order(colour, rng),
            };
            orders.push((ids(&self.vocabulary, &order)?, [Some(colour), centre]));
        }
        Ok(orders)
    }

    /// One of the photo's captions with another colour in the place of its own, or an order.
    fn changed<R: Rng>(
        &self,
        photo: &Item,
        [own, other]: [&'static Colour; 2],
        rng: &mut R,
        order: impl FnOnce(&mut R) -> String,
    ) -> Result<Vec<u32>> {
        let captions = photo.captions.iter();
        let captions = captions.filter_map(|caption| captions::recoloured(caption, own, other));
        let sentence = match captions.choose(rng) {
            Some(caption) if !rng.random_bool(ORDERED) => caption,
            _ => order(rng),
        };
        Ok(hidden(ids(&self.vocabulary, &sentence)?, rng))
    }
}

impl Drawn {
    /// The shift at which fewest photos of the batch get a sentence of their own colour, which would
    /// be called wrong by the discriminator's loss and is right.
    pub fn shift(&self) -> usize {
        shift(&self.colours)
    }
}

fn shift(colours: &[Option<&str>]) -> usize {
    let b = colours.len();
    let same = |shift: &usize| {
        let pairs = (0..b).map(|to| (colours[to], colours[(to + b - shift) % b]));
        pairs
            .filter(|(to, from)| to.is_some() && to == from)
            .count()
    };
    (1..b).min_by_key(same).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;
    use crate::captions::named;
    use crate::data::{Photo, vocabulary};

    #[test]
    fn sentences_go_to_photos_of_other_colours() {
        let (red, blue) = (Some("red"), Some("blue"));
        assert_eq!(shift(&[red, red, blue, blue]), 2);
        assert_eq!(shift(&[red, blue, red, blue]), 1);
        assert_eq!(shift(&[None, None, None]), 1);
        assert_eq!(shift(&[red]), 0);
    }

    #[test]
    fn half_of_the_flowers_get_a_sentence_with_another_centre() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo.png");
        RgbImage::from_pixel(9, 8, Rgb([3, 0, 0]))
            .save(&path)
            .unwrap();
        let item = |petals: &str, centre: &str| Item {
            photo: Photo::File(path.clone()),
            captions: vec![format!("{petals} petals with {centre} stamen")],
            class: petals.into(),
            colour: named(petals),
            subject: Subject::Flower {
                centre: named(centre),
            },
        };
        let kinds = [["white", "yellow"], ["blue", "pink"], ["orange", ""]];
        let items = kinds.map(|[petals, centre]| item(petals, centre));
        let items: Vec<Item> = items.iter().cycle().take(30).cloned().collect();
        let vocabulary = vocabulary(&items).unwrap();
        let data = Dataset::load(&items, &vocabulary, 16).unwrap();
        let ids = |words: [&str; 2]| words.map(|word| vocabulary.words(word).unwrap()[0].1);
        let petals = [["white", "白"], ["blue", "蓝"]].map(ids);
        let centres = [["yellow", "黄"], ["pink", "粉"]].map(ids);
        let (mut rng, mut counts) = (SmallRng::seed_from_u64(1), [0; 2]);
        for _ in 0..40 {
            let drawn = data.draw(15, &mut rng).unwrap();
            for (at, sentence) in data.wrong(&drawn, &mut rng).unwrap() {
                let kind = drawn.numbers[at] % 3;
                let has = |ids: [u32; 2]| sentence.iter().any(|id| ids.contains(id));
                assert!(kind < 2 && !has(centres[kind]) && !has(petals[1 - kind]));
                counts[0] += 1;
                counts[1] += usize::from(has(petals[kind]) && has(centres[1 - kind]));
            }
        }
        // Two thirds of 600 have a centre; a word is hidden now and then.
        assert!((160..240).contains(&counts[0]), "{counts:?}");
        assert!(counts[1] * 4 > counts[0] * 3, "{counts:?}");
    }
}
