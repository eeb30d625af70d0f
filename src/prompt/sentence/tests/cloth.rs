//! Cloth as it was read, beside the tables.

use super::fabrics::{CHINESE, FABRICS, FURTHER};
use super::*;

/// A clause as the table of cloths writes it, its colours as numbers: "shirt=Stripes:#f2f2f0/-:2:Down".
fn woven(clause: &Clause) -> String {
    let Some(fabric) = clause.fabric else {
        return told(clause);
    };
    let thing = clause.thing.map_or("*", |thing| thing.name);
    let colour = |rgb: Option<[u8; 3]>| match rgb {
        Some([r, g, b]) => format!("#{r:02x}{g:02x}{b:02x}"),
        None => "-".to_owned(),
    };
    let colours = fabric.colours.map(colour).join("/");
    let change = match (clause.change, fabric.colours[0]) {
        (Change::Relative { lightness, chroma }, None) if lightness == 0.0 && chroma == 0.0 => {
            String::new()
        }
        (Change::Relative { lightness, chroma }, None) => format!(" {lightness:+} {chroma:+}"),
        (Change::Colour(rgb), Some(ground)) if rgb == ground => String::new(),
        (change, _) => format!(" {change:?} is not its ground"),
    };
    let plain = if clause.plain { " plain" } else { "" };
    let (scale, direction) = (fabric.scale, fabric.direction);
    format!(
        "{thing}={:?}:{colours}:{scale:.2}:{direction:?}{change}{plain}",
        fabric.kind
    )
}

/// What that table expects, with all that it leaves out.
fn expected_woven(clause: &str) -> String {
    let (thing, cloth) = clause.split_once('=').expect("thing=cloth");
    let (cloth, change) = match cloth.split_once(' ') {
        Some((kind, change)) if change.starts_with(['+', '-']) => (kind, format!(" {change}")),
        _ => (cloth, String::new()),
    };
    let mut fields = cloth.split(':');
    let kind = fields.next().unwrap_or_default();
    if !kind.starts_with(|c: char| c.is_ascii_uppercase()) || thing.contains("plain") {
        return expected(clause);
    }
    let mut colours = fields
        .next()
        .unwrap_or("-")
        .split('/')
        .map(|name| match name {
            "-" => "-".to_owned(),
            name => {
                let [r, g, b] = colours::read(name).expect("a colour");
                format!("#{r:02x}{g:02x}{b:02x}")
            }
        });
    let colours: [String; 3] = std::array::from_fn(|_| colours.next().unwrap_or("-".to_owned()));
    let scale: f32 = fields
        .next()
        .map_or(1.0, |scale| scale.parse().expect("a scale"));
    let direction = fields.next().unwrap_or("Usual");
    format!(
        "{thing}={kind}:{}:{scale:.2}:{direction}{change}",
        colours.join("/")
    )
}

#[test]
fn cloth_is_what_people_mean() {
    let mut wrong = Vec::new();
    // Words that nobody knows, in the table on purpose.
    let strange = [
        "kilt",
        "flannel",
        "classic",
        "burberry",
        "half",
        "seersucker",
        "bee",
        "like",
        "cover",
        "牛仔",
        "itsy",
        "bitsy",
        "rainbow",
        "leather",
        "greener",
        "sides",
        "animal",
        "看看",
        "样子",
        "胸前",
        "candy",
        "pleated",
        "holding",
    ];
    let sentences = || FABRICS.iter().chain(FURTHER).chain(CHINESE);
    for (sentence, clauses) in sentences() {
        let clauses: Vec<String> = clauses.split("; ").map(expected_woven).collect();
        let (ours, unknown) = match read(sentence) {
            Ok(read) => (read.clauses.iter().map(woven).collect(), read.unknown),
            Err(error) => (vec![error.to_string()], Vec::new()),
        };
        let known = unknown.iter().all(|word| strange.contains(&word.as_str()));
        if ours != clauses || !known {
            wrong.push(format!(
                "{sentence:?}: {ours:?} and not {clauses:?}, unknown {unknown:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong\n{}",
        wrong.len(),
        sentences().count(),
        wrong.join("\n")
    );
    assert!(sentences().count() >= 600);
}
