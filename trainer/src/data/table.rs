//! Tables in CSV files.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv_core::ReadRecordResult;

use super::skipped::Skipped;

/// How a table's fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// Fields with commas are in quotes, as usual.
    Quoted,
    /// Nothing is; commas beyond the last column belong to its text.
    Bare,
}

/// A table: named columns, and the rows that have as many fields.
pub struct Table {
    name: String,
    headers: Vec<String>,
    /// Its lines behind the first.
    pub rows: Vec<Vec<String>>,
    /// The lines that have too few fields, or too many.
    pub broken: Skipped,
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// One that cannot be read or is no UTF-8 text.
    pub fn read(path: &Path, quoting: Quoting) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let text = text + "\n";
        let mut reader = csv_core::ReaderBuilder::new()
            .quoting(quoting == Quoting::Quoted)
            .build();
        let mut table = Self {
            name,
            headers: Vec::new(),
            rows: Vec::new(),
            broken: Skipped::default(),
        };
        let mut left = text.as_bytes();
        // No record is longer than what is left, nor has it more fields than that has bytes.
        let (mut bytes, mut ends) = (vec![0; left.len()], vec![0; left.len() + 1]);
        loop {
            let line = reader.line();
            let (result, read, written, fields) = reader.read_record(left, &mut bytes, &mut ends);
            left = &left[read..];
            match result {
                ReadRecordResult::Record => {
                    let row = row(&bytes, &ends[..fields]);
                    if table.headers.is_empty() {
                        table.headers = row;
                    } else {
                        table.add(row, line, quoting);
                    }
                }
                ReadRecordResult::End => return Ok(table),
                // At the end of the input; the next call says so again.
                _ => ensure!(
                    written + fields == 0,
                    "{} ends inside of quotes",
                    table.name
                ),
            }
        }
    }

    fn add(&mut self, mut row: Vec<String>, line: u64, quoting: Quoting) {
        let columns = self.headers.len();
        if quoting == Quoting::Bare && row.len() > columns {
            let text = row.split_off(columns - 1).join(", ");
            row.push(text);
        }
        if row.len() == columns {
            self.rows.push(row);
        } else {
            let (name, fields) = (&self.name, row.len());
            self.broken.add(format!(
                "line {line} of {name} has {fields} fields instead of {columns}"
            ));
        }
    }

    /// Where these columns are.
    ///
    /// # Errors
    /// One that is missing, by its name.
    pub fn columns<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N]> {
        let mut columns = [0; N];
        for (column, name) in columns.iter_mut().zip(names) {
            match self.column(name) {
                Some(found) => *column = found,
                None => bail!(
                    "{} has no column “{name}”, only: {}",
                    self.name,
                    self.headers.join(", ")
                ),
            }
        }
        Ok(columns)
    }

    /// Where a column is that may be missing.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }
}

/// The fields of a record, which end at these bytes.
fn row(bytes: &[u8], ends: &[usize]) -> Vec<String> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let fields = starts.zip(ends).map(|(start, &end)| &bytes[start..end]);
    let fields = fields.map(|field| String::from_utf8_lossy(field).trim().to_owned());
    fields.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, quoting: Quoting) -> Result<Table> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        Table::read(&path, quoting)
    }

    fn table(text: &str, quoting: Quoting) -> Table {
        read(text, quoting).unwrap()
    }

    #[test]
    fn commas_belong_to_quoted_fields_or_to_the_last_one() {
        let quoted = table(
            "\u{feff}file,caption\na.jpg,\"red, round\"\n",
            Quoting::Quoted,
        );
        assert_eq!(quoted.rows, [["a.jpg", "red, round"]]);
        assert_eq!(quoted.columns(["caption", "file"]).unwrap(), [1, 0]);
        let bare = table("id,name\n1,A 5\" shirt, blue,new\n2,b\n", Quoting::Bare);
        assert_eq!(bare.rows, [["1", "A 5\" shirt, blue, new"], ["2", "b"]]);
    }

    #[test]
    fn broken_lines_and_missing_columns_are_named() {
        let table = table("a,b\n1,2\n3\n4,5,6\n7,8\n", Quoting::Quoted);
        assert_eq!(table.rows.len(), 2);
        let error = table.broken.tell(1, "lines").unwrap_err().to_string();
        assert!(
            error.contains("2 of 3") && error.contains("line 3"),
            "{error}"
        );
        let open = read("a,b\n1,\"2\n", Quoting::Quoted).err().unwrap();
        assert!(open.to_string().contains("inside of quotes"), "{open}");
        assert_eq!(read("", Quoting::Quoted).unwrap().rows.len(), 0);
        let error = table.columns(["b", "c"]).unwrap_err().to_string();
        assert!(error.contains("no column “c”, only: a, b"), "{error}");
    }
}
