//! What the comparison tells of each layer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Mean IoU of the things that are there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Score {
    /// Clothes.
    pub garments: f64,
    /// What is small in a photo.
    pub small: f64,
}

/// One layer's scores.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    fusion: String,
    scores: Vec<Score>,
}

impl Row {
    /// Of all trainings of a layer.
    pub fn of(fusion: &str, scores: impl Iterator<Item = Score>) -> Self {
        Self {
            fusion: fusion.to_owned(),
            scores: scores.collect(),
        }
    }
}

/// All of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Each layer's.
    pub rows: Vec<Row>,
}

impl Report {
    /// The mean IoU of garments by each layer's name.
    pub fn garments(&self) -> BTreeMap<String, f64> {
        let mean = |row: &Row| {
            let sum: f64 = row.scores.iter().map(|score| score.garments).sum();
            sum / row.scores.len().max(1) as f64
        };
        let rows = self.rows.iter();
        rows.map(|row| (row.fusion.clone(), mean(row))).collect()
    }

    /// As a table.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "| layer | garments IoU | small things IoU | trainings |\n|---|---|---|---|\n",
        );
        for row in &self.rows {
            let told = |of: fn(&Score) -> f64| {
                let values: Vec<f64> = row.scores.iter().map(of).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let around = values.iter().map(|x| (x - mean).abs()).fold(0.0, f64::max);
                format!("{mean:.3} ± {around:.3}")
            };
            let (garments, small) = (told(|s| s.garments), told(|s| s.small));
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {} | {garments} | {small} | {} |",
                row.fusion,
                row.scores.len()
            );
        }
        text
    }
}
