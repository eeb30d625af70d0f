//! What the photos of a batch are asked to become.

use anyhow::Result;
use rand::Rng;
use rand::seq::IteratorRandom;

use super::{Dataset, Drawn, ORDERED, hidden, ids};
use crate::captions::{self, Colour, Subject};
use crate::data::Item;

impl Dataset {
    /// What each photo of a batch is asked to become: what the sentence says that stands `shift`
    /// places before its own. A thing stays what it is, and takes over a colour alone: no edit makes
    /// a dress of a shirt. It is that of the next photo of another colour, known in the same way:
    /// where one data set hardly knows blue, a blue photo of it could be told for an edit by that
    /// alone. Orders are as many as among a photo's own sentences, for the same reason.
    pub fn asked(&self, drawn: &Drawn, shift: usize, rng: &mut impl Rng) -> Result<Vec<Vec<u32>>> {
        let count = drawn.numbers.len();
        let item = |at: usize| &self.items[drawn.numbers[at % count]];
        let asked = (0..count).map(|to| {
            let (photo, from) = (item(to), to + count - shift);
            if let Subject::Flower { .. } = photo.subject {
                return Ok(drawn.sentences[from % count].clone());
            }
            let others = (0..count).map(|back| item(from + count - back));
            let mut colours = others
                .filter(|other| other.measured == photo.measured)
                .filter_map(|other| other.colour)
                .filter(|colour| photo.colour.is_none_or(|own| own.group != colour.group));
            match colours.next() {
                Some(colour) => self.recoloured(photo, colour, rng),
                None => Ok(drawn.sentences[to].clone()),
            }
        });
        asked.collect()
    }

    /// An order, or one of the photo's captions, for another colour.
    fn recoloured(
        &self,
        photo: &Item,
        colour: &'static Colour,
        rng: &mut impl Rng,
    ) -> Result<Vec<u32>> {
        let captions = photo.captions.iter().filter_map(|caption| {
            let own = photo.colour?;
            captions::recoloured(caption, own, colour)
        });
        match captions.choose(rng) {
            Some(caption) if !rng.random_bool(ORDERED) => {
                Ok(hidden(ids(&self.vocabulary, &caption)?, rng))
            }
            _ => self.order(photo.subject, colour, rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;
    use crate::captions::{garment, named};
    use crate::data::{Photo, vocabulary};

    #[test]
    fn a_garment_is_asked_for_another_colour_of_its_data_set_and_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo.png");
        RgbImage::from_pixel(9, 8, Rgb([3, 0, 0]))
            .save(&path)
            .unwrap();
        let item = |article: &str, colour: &str, measured| Item {
            photo: Photo::File(path.clone()),
            captions: vec![format!("{colour} {article}")],
            class: article.into(),
            colour: named(colour),
            measured,
            subject: Subject::Thing {
                noun: garment(article),
                pattern: None,
            },
        };
        let four = [
            item("dress", "red", false),
            item("shirt", "green", false),
            item("dress", "blue", true),
            item("shirt", "yellow", true),
        ];
        let items: Vec<Item> = four.iter().cycle().take(40).cloned().collect();
        let vocabulary = vocabulary(&items).unwrap();
        let data = Dataset::load(&items, &vocabulary, 16).unwrap();
        let id = |word: &str| vocabulary.words(word).unwrap()[0].1;
        let words = |pairs: [[&str; 2]; 4]| pairs.map(|pair| pair.map(id));
        let colours = words([
            ["green", "绿"],
            ["red", "红"],
            ["yellow", "黄"],
            ["blue", "蓝"],
        ]);
        // Words and characters that only the others have.
        let nouns = words([
            ["shirt", "衬"],
            ["dress", "裙"],
            ["shirt", "衬"],
            ["dress", "裙"],
        ]);
        let (mut rng, mut found) = (SmallRng::seed_from_u64(1), 0);
        for _ in 0..20 {
            let drawn = data.draw(16, &mut rng).unwrap();
            let asked = data.asked(&drawn, 1, &mut rng).unwrap();
            for (to, sentence) in asked.iter().enumerate() {
                let own = drawn.numbers[to] % 4;
                let has = |ids: &[u32]| sentence.iter().any(|id| ids.contains(id));
                assert!(!has(&nouns[own]), "{sentence:?}");
                let mut others = (0..4).filter(|other| *other != own);
                assert!(!others.any(|other| has(&colours[other])));
                found += usize::from(has(&colours[own]));
            }
        }
        // A word is hidden now and then.
        assert!(found > 250, "{found} of 320 name the colour");
    }
}
