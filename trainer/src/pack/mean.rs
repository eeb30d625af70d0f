//! The mean of packed editors.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use wordloom::editor::Editor;
use wordloom::weights::Model;

use crate::heads;
use crate::run::average;

/// The mean of editors that were trained from each other, which keeps most of what any of them does well (Wortsman et al.
/// 2022, "Model soups").
///
/// # Errors
/// A file that is no editor; editors that have networks of other sizes, or read other words.
pub fn of(files: &[PathBuf]) -> Result<Model<Editor>> {
    let editors: Result<Vec<_>> = files.iter().map(|file| heads::editor(file)).collect();
    let mut editors = editors?.into_iter().map(|(editor, _)| editor);
    let mut mean = editors.next().context("no editor to take the mean of")?;
    for (before, other) in (1..).zip(editors) {
        let sizes = |editor: &Model<Editor>| format!("{:?}", editor.config);
        ensure!(
            sizes(&mean) == sizes(&other)
                && mean.vocabulary.to_json()? == other.vocabulary.to_json()?,
            "these editors have networks of other sizes, or read other words"
        );
        let kept = f64::from(before) / f64::from(before + 1);
        mean.text = average(mean.text, &other.text, kept);
        mean.generator = average(mean.generator, &other.generator, kept);
        mean.facts.command = both(&mean.facts.command, &other.facts.command);
        mean.facts.steps = mean.facts.steps.max(other.facts.steps);
    }
    Ok(mean)
}

/// The commands of two lines, those that both begin with once.
fn both(one: &str, other: &str) -> String {
    let mut commands: Vec<&str> = Vec::new();
    for command in one.split(" && ").chain(other.split(" && ")) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands.join(" && ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::{Module, ModuleVisitor, Param};
    use burn::tensor::{Device, Tensor};
    use std::path::Path;
    use wordloom::weights::{self, Bits};

    #[test]
    fn a_mean_has_as_much_of_each_editor() {
        struct Sum(f64);
        impl ModuleVisitor for Sum {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0 += param.val().sum().into_scalar::<f64>();
            }
        }
        let sum = |editor: &Model<Editor>| {
            let mut sum = Sum(0.0);
            editor.generator.visit(&mut sum);
            editor.text.visit(&mut sum);
            sum.0
        };
        let folder = tempfile::tempdir().unwrap();
        let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../weights/editor.safetensors");
        let (first, _) = heads::editor(&packed).unwrap();
        let mut other = first.clone();
        let drawn = first.config.generator.init_folded(&Device::flex());
        other.generator = average(other.generator, &drawn, 0.5);
        let file = folder.path().join("other.safetensors");
        std::fs::write(&file, weights::pack(&other, Bits::Eight).unwrap()).unwrap();
        let (other, _) = heads::editor(&file).unwrap();
        let both = of(&[packed.clone(), file.clone(), file]).unwrap();
        let [one, two, mean_of_three] = [&first, &other, &both].map(sum);
        let error = (mean_of_three - (one + 2.0 * two) / 3.0).abs();
        assert!(
            error < 0.01 * (one - two).abs(),
            "{one}, {two}: {mean_of_three}"
        );
        assert_eq!(both.facts.command, first.facts.command);
        assert!(of(&[]).is_err());
    }
}
