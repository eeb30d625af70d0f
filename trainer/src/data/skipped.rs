//! What cannot be used of a data set.

use std::fmt::Display;

use anyhow::{Result, ensure};

/// Counts what is left out, and keeps the first reason.
#[derive(Debug, Default)]
pub struct Skipped {
    count: usize,
    first: String,
}

impl Skipped {
    /// Leaves something out; the reason names it.
    pub fn add(&mut self, reason: impl Display) {
        if self.count == 0 {
            self.first = reason.to_string();
        }
        self.count += 1;
    }

    /// The value, or nothing and a reason more.
    pub fn ok<T>(&mut self, result: Result<T>) -> Option<T> {
        // `{:#}`: with its causes, in one line.
        result.map_err(|error| self.add(format!("{error:#}"))).ok()
    }

    /// Says what was left out of `what`, when something was.
    ///
    /// # Errors
    /// When that is more than the half: then the folder, or how it is read, is wrong.
    pub fn tell(&self, used: usize, what: &str) -> Result<()> {
        let all = used + self.count;
        ensure!(
            self.count <= used,
            "{} of {all} {what} cannot be used: {}",
            self.count,
            self.first
        );
        if self.count > 0 {
            eprintln!("{} of {all} {what} left out: {}", self.count, self.first);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn a_few_are_left_out_and_many_are_refused() {
        let mut skipped = Skipped::default();
        assert_eq!(skipped.ok(Ok(3)), Some(3));
        assert!(skipped.tell(0, "photos").is_ok());
        assert_eq!(
            skipped.ok::<u8>(Err(anyhow!("cause").context("a.jpg"))),
            None
        );
        skipped.add("b.jpg");
        assert!(skipped.tell(2, "photos").is_ok());
        let error = skipped.tell(1, "photos").unwrap_err().to_string();
        assert_eq!(error, "2 of 3 photos cannot be used: a.jpg: cause");
    }
}
