//! What else is in the photo, as far as every sentence has to know it: whether somebody is there, all clothes, and what a
//! garment may have been taken for.

use super::wish::Instead;

/// What is in a photo is at least this likely by [`EditSession::sees`](super::EditSession::sees).
pub const LIKELY: f32 = 0.32;
/// What lies alone is shoes, a hat or a bag when that is at least this likely; a flower is one where nobody is, all
/// clothes are a suit, and a top is a polo.
const NOT_UNLIKE: f32 = 0.05;

/// The place of all clothes in [`CONTEXTS`](super::wish::CONTEXTS).
const CLOTHES: usize = 2;

/// A query, and how likely what it names is in the photo.
#[derive(Debug, Clone)]
pub struct Asked {
    pub query: Vec<f32>,
    pub likely: f32,
}

impl Asked {
    fn is_there(&self) -> bool {
        self.likely >= LIKELY
    }
}

/// What was asked for the others' sake: see [`CONTEXTS`](super::wish::CONTEXTS). Empty where nothing was.
#[derive(Debug)]
pub struct Context(Vec<Asked>);

impl Context {
    /// In the order of [`CONTEXTS`](super::wish::CONTEXTS).
    pub fn of(asked: impl Iterator<Item = Asked>) -> Self {
        Self(asked.collect())
    }

    /// Skin, where there is any.
    pub fn skin(&self) -> Option<&Asked> {
        self.there(0)
    }

    /// What is painted where a thing is asked for: that, what it may be instead where it is not there, or nothing.
    pub fn painted(&self, asked: &Asked, instead: Instead) -> Option<Asked> {
        if asked.is_there() {
            return Some(asked.clone());
        }
        let like = asked.likely >= NOT_UNLIKE;
        match instead {
            Instead::OnlyGarment | Instead::Group(_) if self.is_alone() => self.clothes().cloned(),
            Instead::Group(at) if like => self.there(at).cloned(),
            Instead::OnlyThing if self.is_alone() && like => self.clothes().cloned(),
            Instead::Clothes if like => self.clothes().cloned(),
            Instead::Itself if self.is_alone() && like => Some(Asked {
                likely: LIKELY,
                ..asked.clone()
            }),
            _ => None,
        }
    }

    /// Whether something else is painted where a thing is asked for.
    pub fn is_instead(asked: &Asked, instead: Instead) -> bool {
        !asked.is_there() && matches!(instead, Instead::Group(_))
    }

    /// All clothes, where a garment that was asked for may be all of them: see [`complete`](super::wish::complete).
    pub fn completing(&self, asked: &Asked, instead: Instead) -> Option<&Asked> {
        let garment = matches!(instead, Instead::OnlyGarment | Instead::Group(_));
        let only = garment && self.is_alone() && asked.is_there();
        self.clothes().filter(|_| only)
    }

    /// Whether a thing lies alone on a ground, which tells it by its colours. What lies behind does not.
    pub fn lies_alone(&self, instead: Instead) -> bool {
        self.is_alone() && instead != Instead::Nothing
    }

    /// Nobody is there: what is to be seen lies or hangs.
    fn is_alone(&self) -> bool {
        matches!(&self.0[..], [skin, hair, ..] if !skin.is_there() && !hair.is_there())
    }

    fn clothes(&self) -> Option<&Asked> {
        self.there(CLOTHES)
    }

    /// What has a place in [`CONTEXTS`](super::wish::CONTEXTS), where it is there.
    fn there(&self, at: usize) -> Option<&Asked> {
        self.0.get(at).filter(|asked| asked.is_there())
    }
}

#[cfg(test)]
mod tests {
    use super::super::wish::CONTEXTS;
    use super::*;

    fn asked(likely: f32) -> Asked {
        let query = vec![likely];
        Asked { query, likely }
    }

    /// Skin, hair and clothes, as likely; a top by 0.7, and neither trousers nor a jacket.
    fn context(likely: [f32; 3]) -> Context {
        let others = [0.7, 0.1, 0.1];
        Context::of(likely.into_iter().chain(others).map(asked))
    }

    #[test]
    fn what_is_there_is_painted_whatever_else_there_is() {
        for context in [context([0.9; 3]), context([0.0; 3]), Context(Vec::new())] {
            for instead in [Instead::Nothing, Instead::OnlyGarment, Instead::Clothes] {
                let painted = context.painted(&asked(0.5), instead);
                assert_eq!(painted.map(|asked| asked.query), Some(vec![0.5]));
            }
        }
    }

    #[test]
    fn what_is_not_there_may_be_something_else_where_nobody_is() {
        let [alone, dressed] = [context([0.1, 0.1, 0.8]), context([0.9, 0.1, 0.8])];
        let painted = |context: &Context, likely: f32, instead| {
            let painted = context.painted(&asked(likely), instead);
            painted.map(|asked| asked.likely)
        };
        assert_eq!(painted(&alone, 0.01, Instead::OnlyGarment), Some(0.8));
        assert_eq!(painted(&dressed, 0.01, Instead::OnlyGarment), None);
        assert_eq!(painted(&alone, 0.1, Instead::OnlyThing), Some(0.8));
        assert_eq!(painted(&alone, 0.01, Instead::OnlyThing), None);
        assert_eq!(painted(&dressed, 0.1, Instead::Clothes), Some(0.8));
        assert_eq!(painted(&dressed, 0.01, Instead::Clothes), None);
        assert_eq!(painted(&alone, 0.1, Instead::Itself), Some(LIKELY));
        assert_eq!(painted(&dressed, 0.1, Instead::Itself), None);
        assert_eq!(painted(&alone, 0.1, Instead::Nothing), None);
        let [top, jacket] = ["top", "jacket"].map(|name| {
            let at = CONTEXTS.iter().position(|context| *context == name);
            Instead::Group(at.unwrap())
        });
        assert_eq!(painted(&dressed, 0.1, top), Some(0.7));
        assert_eq!(painted(&dressed, 0.01, top), None);
        assert_eq!(painted(&dressed, 0.1, jacket), None);
        assert_eq!(painted(&alone, 0.01, top), Some(0.8));
        let naked = context([0.1, 0.1, 0.1]);
        assert_eq!(painted(&naked, 0.1, Instead::OnlyGarment), None);
    }

    #[test]
    fn all_clothes_complete_a_garment_that_lies_alone() {
        let [alone, dressed] = [context([0.1, 0.1, 0.8]), context([0.9, 0.1, 0.8])];
        let completes = |context: &Context, likely, instead| {
            context.completing(&asked(likely), instead).is_some()
        };
        assert!(completes(&alone, 0.5, Instead::OnlyGarment));
        assert!(!completes(&alone, 0.1, Instead::OnlyGarment));
        assert!(!completes(&dressed, 0.5, Instead::OnlyGarment));
        assert!(!completes(&alone, 0.5, Instead::Clothes));
        assert!(dressed.skin().is_some() && alone.skin().is_none());
    }
}
