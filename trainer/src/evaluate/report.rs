//! What an evaluation found, as JSON, Markdown and plots.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::colour::{TERMS, typical};
use super::following::{Count, Followed, Row};
use super::names::Names;
use super::preserve::Preserved;
use super::scores::{Score, Scores};
use super::sentences::Wanted;
use crate::plot::{self, Bar};
use crate::run::write_json;

/// Everything that an evaluation of one model found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// Bytes of its file.
    pub bytes: usize,
    /// Digest of its file.
    pub sha256: String,
    /// Where the random numbers start.
    pub seed: u64,
    /// Photos that were asked for colours.
    pub photos: usize,
    /// What colours are called.
    pub names: Names,
    /// Colour following, set by set.
    pub followed: Vec<Followed>,
    /// What the judges say, if there were any.
    pub scores: Option<Scores>,
}

/// The columns of the table that compares models.
const COLUMNS: [&str; 12] = [
    "Inception Score",
    "FID",
    "top-1 of 100",
    "manipulative precision",
    "one colour",
    "Chinese",
    "two colours",
    "change outside",
    "SSIM outside",
    "change on backdrops",
    "mask",
    "bytes",
];

impl Report {
    /// What came out of the set of this name.
    pub fn followed(&self, name: &str) -> Option<&Followed> {
        self.followed.iter().find(|set| set.name == name)
    }

    /// The share of the first set's edits that have their colour.
    pub fn colours(&self) -> Option<f64> {
        self.followed.first().and_then(|set| set.edits().share())
    }

    /// Writes `report.json`, `report.md` and the plots into a folder.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let text = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        write_json(&folder.join("report.json"), self)?;
        text("report.md", &self.markdown())?;
        if let Some(set) = self.followed.first() {
            text("colours.svg", &bars(set))?;
            text("confusion.svg", &confusion(set))?;
        }
        Ok(())
    }

    /// The tables.
    pub fn markdown(&self) -> String {
        let mut text = comparison(&[self]);
        for set in self.followed.iter().filter(|set| !set.rows.is_empty()) {
            text += &format!("\nAsked for {}:\n\n{}", set.name, table(set));
        }
        let unread = self.followed.iter().flat_map(|set| &set.unread);
        let unread: Vec<_> = unread.map(|sentence| format!("“{sentence}”")).collect();
        if !unread.is_empty() {
            text += &format!("\nThe model knows no word of {}.\n", unread.join(", "));
        }
        text += &format!("\n{} photos that were not trained on", self.photos);
        match &self.scores {
            Some(scores) => {
                text += &format!(
                    " for colours; {} for the judges, whose classifier names the class of {} of them.\n",
                    scores.photos,
                    percent(Some(scores.accuracy)),
                );
            }
            None => {
                text += ". Inception Score, FID, top-1 and manipulative precision need judges: \
                         `cargo loom train judges`, then --judges.\n";
            }
        }
        text
    }

    fn cells(&self) -> [String; COLUMNS.len()] {
        let set = |name| percent(self.followed(name).and_then(|set| set.edits().share()));
        let all = self.followed.first().map(Followed::preserved);
        let [difference, ssim, backdrop, mask] = preserved(all.unwrap_or_default());
        let [inception, fid, top_1, precision] =
            score(self.scores.as_ref().map(|scores| &scores.edits));
        [
            inception,
            fid,
            top_1,
            precision,
            percent(self.colours()),
            set("one colour, Chinese"),
            set("two colours"),
            difference,
            ssim,
            backdrop,
            mask,
            self.bytes.to_string(),
        ]
    }
}

/// A line for each model, and one for the photos as they are.
pub fn comparison(reports: &[&Report]) -> String {
    let mut text = line(&[&["model"], &COLUMNS[..]].concat());
    text += &"|---".repeat(COLUMNS.len() + 1);
    text += "|\n";
    for report in reports {
        let cells = report.cells();
        let cells = cells.iter().map(String::as_str);
        text += &line(
            &std::iter::once(report.model.as_str())
                .chain(cells)
                .collect::<Vec<_>>(),
        );
    }
    if let Some((first, scores)) = reports
        .iter()
        .find_map(|report| Some((report, report.scores.as_ref()?)))
    {
        let real = |name| {
            let count = first.followed(name).and_then(Followed::real);
            percent(count.and_then(Count::share))
        };
        let mut cells = vec!["the photos as they are".to_string()];
        cells.extend(score(Some(&scores.real)));
        cells.extend([
            real(first.followed[0].name),
            String::new(),
            real("two colours"),
        ]);
        cells.resize(COLUMNS.len() + 1, String::new());
        text += &line(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}

/// A set's sentences, and all of them together.
fn table(set: &Followed) -> String {
    let mut text = line(&[
        "sentence",
        "photos",
        "colour followed",
        "strictly",
        "before",
        "real photos",
        "strictly",
        "else",
        "change outside",
        "SSIM outside",
        "change on backdrops",
        "mask",
    ]);
    text += &"|---".repeat(12);
    text += "|\n";
    let mut row = |name: &str, [edits, before]: [Count; 2], real, instead: &_, kept| {
        let [difference, ssim, backdrop, mask] = preserved(kept);
        let [real, strictly_real] = real_photos(real);
        text += &line(&[
            name,
            &edits.photos.to_string(),
            &percent(edits.share()),
            &percent(edits.strict_share()),
            &percent(before.share()),
            &real,
            &strictly_real,
            &counts(instead),
            &difference,
            &ssim,
            &backdrop,
            &mask,
        ]);
    };
    for Row {
        sentence,
        edits,
        before,
        real,
        instead,
        preserved,
        ..
    } in &set.rows
    {
        let sentence = format!("“{sentence}”");
        row(&sentence, [*edits, *before], *real, instead, *preserved);
    }
    row(
        "all",
        [set.edits(), set.before()],
        set.real(),
        &set.instead(),
        set.preserved(),
    );
    text
}

/// Bars of a set's shares, with those of real photos across.
fn bars(set: &Followed) -> String {
    let label = |row: &Row| match row.wanted {
        Wanted::One(colour) => colour.to_string(),
        Wanted::Two(petals, centre) => format!("{petals}, {centre}"),
    };
    let labels: Vec<String> = set.rows.iter().map(label).collect();
    let bars: Vec<Bar> = set
        .rows
        .iter()
        .zip(&labels)
        .map(|(row, label)| Bar {
            label,
            share: row.edits.share(),
            mark: row.real.and_then(Count::share),
            fill: fill(label),
        })
        .collect();
    let marked = "real photos of that colour";
    plot::bars(
        "Edits that have the colour that was asked for",
        marked,
        &bars,
    )
}

fn fill(colour: &str) -> String {
    let [r, g, b] = typical(colour).unwrap_or([128; 3]);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A heat map of what came out for each colour that was asked for.
fn confusion(set: &Followed) -> String {
    let mut found: Vec<&str> = TERMS.iter().map(|(term, _)| *term).collect();
    found.push("none");
    let mut rows = Vec::new();
    for row in &set.rows {
        if let Wanted::One(wanted) = row.wanted {
            let count = |term: &&str| match *term == wanted {
                true => row.edits.followed,
                false => row.instead.get(*term).copied().unwrap_or(0),
            };
            let all = row.edits.photos.max(1) as f64;
            let shares = found.iter().map(|term| count(term) as f64 / all);
            rows.push((wanted, shares.collect::<Vec<_>>()));
        }
    }
    let (asked, shares): (Vec<&str>, Vec<Vec<f64>>) = rows.into_iter().unzip();
    plot::heat_map("The colour of the edits", &asked, &found, &shares)
}

/// What came out how often, commonest first: "grey 12, green 3".
fn counts(counts: &BTreeMap<String, usize>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let counts = counts.iter().map(|(name, count)| format!("{name} {count}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// The share of real photos, and that by the nearest basic terms.
fn real_photos(count: Option<Count>) -> [String; 2] {
    let count = count.filter(|count| count.photos > 0);
    count.map_or_else(Default::default, |count| {
        let share = format!("{} of {}", percent(count.share()), count.photos);
        [share, percent(count.strict_share())]
    })
}

fn preserved(preserved: Preserved) -> [String; 4] {
    [
        number(preserved.difference.value(), 4),
        number(preserved.ssim.value(), 3),
        number(preserved.backdrop.value(), 4),
        number(preserved.mask.value(), 2),
    ]
}

fn score(score: Option<&Score>) -> [String; 4] {
    let inception = score.and_then(|score| score.inception);
    [
        inception.map_or(String::new(), |(mean, deviation)| {
            format!("{mean:.2} ± {deviation:.2}")
        }),
        number(score.and_then(|score| score.fid), 2),
        percent(score.and_then(|score| score.top_1)),
        number(score.and_then(|score| score.precision), 3),
    ]
}

fn percent(share: Option<f64>) -> String {
    share.map_or(String::new(), |share| format!("{:.0} %", 100.0 * share))
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or(String::new(), |value| format!("{value:.digits$}"))
}

fn line(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
