/// Why a sentence says nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PromptError {
    /// There is no word in it.
    #[error("The sentence is empty: say what to change, for example “the petals are blue”.")]
    Empty,
    /// None of its words is known.
    #[error("This model knows none of these words: {}. Try simple words, for example “the petals are blue”.", listed(.0))]
    NoKnownWord(Vec<String>),
    /// No colour and no other change is asked for; with the words that nobody knows.
    #[error("{}Say a colour, for example “make the skirt navy”, or how it should differ, for example “a bit darker”.", not_known(.0))]
    NoChange(Vec<String>),
    /// What is to change is named by words that nobody knows.
    #[error("{}Name something that I know, for example “skirt”, “hair”, “petals” or “background”.", not_known(.0))]
    UnknownThing(Vec<String>),
    /// It only says what is to stay.
    #[error(
        "Everything stays as it is: say what should change, for example “keep the shoes, make the skirt red”."
    )]
    Kept,
    /// It only takes cloth away, of what cannot become shorter.
    #[error("I can shorten trousers, but no sleeves or skirts yet.")]
    Shorter,
}

impl PromptError {
    /// Its name among the page's texts, which are in the visitor's language.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Empty => "emptyPrompt",
            Self::NoKnownWord(_) => "noKnownWord",
            Self::NoChange(_) => "noChange",
            Self::UnknownThing(_) => "unknownThing",
            Self::Kept => "keptAll",
            Self::Shorter => "noShorter",
        }
    }

    /// The words that nobody knows, each once, as they were typed.
    pub fn unknown(&self) -> &[String] {
        match self {
            Self::NoKnownWord(words) | Self::NoChange(words) | Self::UnknownThing(words) => words,
            Self::Empty | Self::Kept | Self::Shorter => &[],
        }
    }
}

/// A sentence about words that nobody knows; nothing when there are none.
fn not_known(words: &[String]) -> String {
    match words {
        [] => String::new(),
        _ => format!("I do not know {}. ", listed(words)),
    }
}

/// Names the first few words, and says when there are more.
fn listed(words: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut list: Vec<String> = words
        .iter()
        .take(SHOWN)
        .map(|word| {
            let short: String = word.chars().take(30).collect();
            if short.len() < word.len() {
                format!("“{short}…”")
            } else {
                format!("“{word}”")
            }
        })
        .collect();
    if words.len() > SHOWN {
        list.push(format!("and {} more", words.len() - SHOWN));
    }
    list.join(", ")
}
