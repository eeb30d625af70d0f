//! Every word asked of every photo: the sentences of a step, and what their masks should be.

mod targets;
#[cfg(test)]
mod tests;

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom, SliceRandom};
use wordloom::prompt::sentence::{self, Clause};
use wordloom::prompt::{THINGS, Thing};

use crate::scenes::{Batch, LabelSet, UNDECIDED};

pub use targets::{MaskLoss, Targets};

/// How an order is put: `T` is the thing, `C` the colour.
const FORMS: [&str; 20] = [
    "T",
    "the T",
    "make the T C",
    "the T should be C",
    "C T",
    "a C T",
    "change the T to C",
    "turn the T C",
    "the T is C",
    "i want a C T",
    "T C",
    "paint her T C",
    "the C T",
    "please make my T C",
    "make the T darker",
    "a lighter T",
    "plain C T",
    "把T变成C",
    "C的T",
    "T改成C",
];

/// The same without a thing.
const FORMS_OF_IT: [&str; 5] = ["C", "make it C", "it should be C", "darker", "变成C"];

/// Garments, and small things, whose masks are told together.
pub const GARMENTS: [&str; 13] = [
    "dress", "coat", "jacket", "blazer", "suit", "top", "shirt", "blouse", "t-shirt", "sweater",
    "trousers", "shorts", "skirt",
];
/// See [`GARMENTS`].
pub const SMALL: [&str; 7] = ["shoes", "bag", "hat", "hair", "sunglasses", "belt", "scarf"];

/// What a sentence without a noun is about.
pub const IT: &str = "it";

/// Something that can be asked for: its word, and the labels that it covers.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The canonical word.
    pub name: &'static str,
    /// The labels.
    pub labels: LabelSet,
}

/// All that can be asked for.
pub fn everything() -> Vec<Asked> {
    let of = |labels: &[&str]| {
        labels
            .iter()
            .copied()
            .filter_map(crate::scenes::label)
            .collect()
    };
    let mut all: Vec<Asked> = THINGS
        .iter()
        .map(|thing| Asked {
            name: thing.name,
            labels: of(thing.labels),
        })
        .collect();
    let about = ["clothes", "flower"];
    let about = all.iter().filter(|asked| about.contains(&asked.name));
    let labels = about.fold(LabelSet::default(), |set, asked| set.or(asked.labels));
    all.push(Asked { name: IT, labels });
    all
}

/// The words of the text encoder's vocabulary.
pub fn words() -> Vec<String> {
    sentence::tokens().into_iter().map(String::from).collect()
}

/// An order for a thing, by any of its words, read as a visitor's would be.
pub fn order(asked: &Asked, rng: &mut SmallRng) -> Clause {
    let thing = Thing::named(asked.name);
    let typed = thing.map(|thing| thing.words().collect::<Vec<_>>());
    let typed = typed
        .as_ref()
        .and_then(|words| words.choose(rng).copied())
        .unwrap_or_default();
    let form = match thing {
        Some(_) => FORMS.choose(rng),
        None => FORMS_OF_IT.choose(rng),
    };
    let colour: [u8; 3] = std::array::from_fn(|_| rng.random());
    let colour: String = colour.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = form
        .copied()
        .unwrap_or("T C")
        .replace('T', typed)
        .replace('C', &format!(" #{colour} "));
    let read = sentence::read(&text).ok();
    match read.map(|sentence| sentence.clauses) {
        Some(mut clauses) if clauses.len() == 1 && clauses[0].thing == thing => {
            clauses.swap_remove(0)
        }
        // Few words do not fit a form ("a shoes" does).
        _ => Clause {
            tokens: vec![asked.name],
            ..Clause::naming(thing.unwrap_or(&THINGS[0]))
        },
    }
}

/// What to ask of a batch: all that it shows, and at random what it does not, `count` together, in any
/// order.
pub fn choose(batch: &Batch, everything: &[Asked], count: usize, rng: &mut SmallRng) -> Vec<usize> {
    let shown: LabelSet = batch
        .labels
        .iter()
        .copied()
        .filter(|label| *label != UNDECIDED)
        .collect();
    let mut all: Vec<usize> = (0..everything.len()).collect();
    all.shuffle(rng);
    let (mut there, absent): (Vec<usize>, Vec<usize>) = all
        .into_iter()
        .partition(|at| !everything[*at].labels.and(shown).is_empty());
    // Some that are not there at all are always among them.
    there.truncate(count - count / 8);
    let rest = count.saturating_sub(there.len());
    there.extend(absent.into_iter().take(rest));
    there
}
