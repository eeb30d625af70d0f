//! `cargo loom export onnx`: a packed editor as graphs that other runtimes run, to compare with
//! them on the same weights.
//!
//! `trunk.onnx`: from `photo` `[1, 3, height, width]` in [-1, 1] to `places` `[1, embedding, height / 2,
//! width / 2]` and `whole` `[1, whole]`. `head.onnx`: from these two and the `sentence`
//! embedding `[1, 128]` to the logits `mask` `[1, 1, height / 2, width / 2]` and `presence` `[1, 1]`.

#[cfg(test)]
mod computed;
mod graph;
mod onnx;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use wordloom::editor::{Editor, EditorConfig};
use wordloom::fusion::FusionForm;
use wordloom::weights::{self, named};

use graph::{Builder, Weights};
use onnx::Element;

/// What `cargo loom export onnx` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The folder for trunk.onnx and head.onnx.
    #[arg(short, long)]
    output: PathBuf,
    /// The packed model.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
}

/// Runs `cargo loom export onnx`.
///
/// # Errors
/// A file that cannot be read or written, a fusion layer without operators here.
pub fn run(options: &Options) -> Result<()> {
    let bytes = std::fs::read(&options.model)
        .with_context(|| format!("cannot read the model {}", options.model.display()))?;
    let model = weights::unpack::<Editor>(&bytes, &Device::flex())?;
    let config = &model.config.generator;
    std::fs::create_dir_all(&options.output)
        .with_context(|| format!("cannot make {}", options.output.display()))?;
    write(
        &options.output.join("trunk.onnx"),
        trunk(weights_of(&model.generator)?, config)?,
    )?;
    write(
        &options.output.join("head.onnx"),
        head(weights_of(&model.generator)?, config)?,
    )
}

fn write(path: &Path, graph: Builder) -> Result<()> {
    std::fs::write(path, graph.file()).with_context(|| format!("cannot write {}", path.display()))
}

/// The tensors of an editor whose norms are folded.
fn weights_of(editor: &Editor) -> Result<Weights> {
    let tensors = named::values("editor", editor).into_iter();
    let tensors = tensors.map(|tensor| {
        let values = tensor.values.try_to_vec().context("a tensor of floats")?;
        Ok((tensor.name, (tensor.shape, values)))
    });
    tensors.collect()
}

const PLACES: [&str; 4] = ["1", "embedding", "half height", "half width"];

/// What a photo is to the editor, as in [`Trunk::forward`](wordloom::trunk::Trunk::forward).
fn trunk(weights: Weights, config: &EditorConfig) -> Result<Builder> {
    let mut graph = Builder::new("trunk", weights);
    graph.input("photo", Element::Float, &["1", "3", "height", "width"]);
    graph.output("places", &PLACES);
    graph.output("whole", &["1", "numbers"]);
    let mut x = "photo".to_owned();
    let mut levels = Vec::new();
    for depth in 0..config.trunk.widths.len() {
        let y = graph.conv(&x, &format!("editor.trunk.downs.{depth}.conv"), 2)?;
        x = graph.relu(&y);
        if depth == 2 {
            for n in 0..config.trunk.eighth[0] {
                x = block(&mut graph, &x, &format!("editor.trunk.eighth.{n}"))?;
            }
        }
        levels.push(x.clone());
    }
    levels.pop();
    for n in 0..config.trunk.sixteenth {
        x = block(&mut graph, &x, &format!("editor.trunk.sixteenth.{n}"))?;
        if n == 1 {
            let mean = graph.mean_over_places(&x);
            let whole = graph.linear(&mean, "editor.trunk.whole")?;
            let axes = graph.ints("places.axes", &[2, 3]);
            let whole = graph.op("Unsqueeze", &[&whole, &axes], []);
            x = graph.op("Add", &[&x, &whole], []);
        }
    }
    let whole = graph.mean_over_places(&x);
    for n in 0..config.trunk.widths.len() - 1 {
        let larger = graph.enlarged(&x);
        let y = graph.conv(&larger, &format!("editor.trunk.ups.{n}.conv"), 1)?;
        x = graph.relu(&y);
        if let Some(level) = levels.pop() {
            x = graph.op("Add", &[&x, &level], []);
        }
        if n == 0 {
            for n in 0..config.trunk.eighth[1] {
                x = block(&mut graph, &x, &format!("editor.trunk.eighth_up.{n}"))?;
            }
        }
    }
    let places = graph.conv(&x, "editor.trunk.out", 1)?;
    graph.named("Identity", &[&places], "places");
    graph.named("Identity", &[&whole], "whole");
    Ok(graph)
}

/// `relu(x + conv(relu(conv(x))))`
fn block(graph: &mut Builder, x: &str, name: &str) -> Result<String> {
    let y = graph.conv(x, &format!("{name}.conv1.conv"), 1)?;
    let y = graph.relu(&y);
    let y = graph.conv(&y, &format!("{name}.conv2.conv"), 1)?;
    let sum = graph.op("Add", &[x, &y], []);
    Ok(graph.relu(&sum))
}

/// What a sentence is to a photo, as in [`Head`](wordloom::head::Head).
fn head(weights: Weights, config: &EditorConfig) -> Result<Builder> {
    let mut graph = Builder::new("head", weights);
    let sentence = config.sentence.to_string();
    graph.input("places", Element::Float, &PLACES);
    graph.input("whole", Element::Float, &["1", "numbers"]);
    graph.input("sentence", Element::Float, &["1", &sentence]);
    graph.output("mask", &["1", "1", "half height", "half width"]);
    graph.output("presence", &["1", "1"]);
    let embedding = config.trunk.embedding as i64;
    let query = graph.linear("sentence", "editor.head.mask")?;
    let mut x = "places".to_owned();
    for n in 0..config.layers {
        let FusionForm::LowRank(_) = config.fusion else {
            bail!("only heads with low-rank bilinear layers, or none, can be exported so far")
        };
        let layer = format!("editor.head.layers.{n}.LowRank");
        let text = graph.linear("sentence", &format!("{layer}.v"))?;
        let axes = graph.ints(&format!("{layer}.axes"), &[2, 3]);
        let text = graph.relu(&text);
        let text = graph.op("Unsqueeze", &[&text, &axes], []);
        let image = graph.conv(&x, &format!("{layer}.u"), 1)?;
        let image = graph.relu(&image);
        let both = graph.op("Mul", &[&image, &text], []);
        let fused = graph.conv(&both, &format!("{layer}.p"), 1)?;
        let fused = graph.relu(&fused);
        x = graph.op("Add", &[&x, &fused], []);
    }
    let found = found(&mut graph, &x, &query, embedding);
    let update = graph.linear(&found, "editor.head.update")?;
    let updated = graph.op("Add", &[&query, &update], []);
    let mask = bilinear(&mut graph, &x, &updated, embedding);
    graph.named("Identity", &[&mask], "mask");
    // Presence is told by the words alone, without the fusing layers.
    let found = match config.layers {
        0 => found,
        _ => self::found(&mut graph, "places", &query, embedding),
    };
    let seen = config.trunk.widths[3] as i64 + embedding;
    let query = graph.linear("sentence", "editor.head.presence")?;
    let [query, bias] = graph.split(&query, seen);
    let shape = graph.ints("presence.shape", &[seen, 1]);
    let query = graph.op("Reshape", &[&query, &shape], []);
    let all = graph.join(&["whole", &found]);
    let fits = graph.op("MatMul", &[&all, &query], []);
    graph.named("Add", &[&fits, &bias], "presence");
    Ok(graph)
}

/// The bilinear form is a 1x1 convolution with the query as its weight, and its last number as bias.
fn bilinear(graph: &mut Builder, x: &str, query: &str, embedding: i64) -> String {
    let [query, bias] = graph.split(query, embedding);
    let shape = graph.ints(&format!("{query}.shape"), &[1, embedding, 1, 1]);
    let query = graph.op("Reshape", &[&query, &shape], []);
    let one = graph.ints(&format!("{bias}.shape"), &[1]);
    let bias = graph.op("Reshape", &[&bias, &one], []);
    graph.op("Conv", &[x, &query, &bias], [])
}

/// The mean embedding under the mask of a query, as in [`Head::ask`](wordloom::head::Head::ask).
fn found(graph: &mut Builder, x: &str, query: &str, embedding: i64) -> String {
    let mask = bilinear(graph, x, query, embedding);
    let share = graph.op("Sigmoid", &[&mask], []);
    let under = graph.op("Mul", &[x, &share], []);
    let [sum, area] = [under, share].map(|values| graph.sum_over_places(&values));
    let one = graph.floats(&format!("{area}.one"), &[1], &[1.0]);
    let area = graph.op("Add", &[&area, &one], []);
    graph.op("Div", &[&sum, &area], [])
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message;
    use wordloom::trunk::TrunkConfig;

    pub fn config(layers: usize) -> EditorConfig {
        let trunk = TrunkConfig::new()
            .with_widths([8, 8, 16, 16])
            .with_embedding(12);
        EditorConfig::new(trunk)
            .with_fusion(FusionForm::LowRank(4))
            .with_layers(layers)
            .with_sentence(10)
    }

    fn graphs(config: &EditorConfig) -> [onnx::Graph; 2] {
        let editor = config.init(&Device::flex()).fold();
        let weights = || weights_of(&editor).unwrap();
        [trunk(weights(), config), head(weights(), config)].map(|graph| {
            let model = onnx::Model::decode(graph.unwrap().file().as_slice()).unwrap();
            model.graph.unwrap()
        })
    }

    fn count(graph: &onnx::Graph, kind: &str) -> usize {
        graph
            .node
            .iter()
            .filter(|node| node.op_type == kind)
            .count()
    }

    #[test]
    fn every_operator_has_its_inputs_and_every_weight_a_user() {
        for layers in [0, 2] {
            for graph in graphs(&config(layers)) {
                let mut known: Vec<&str> = graph
                    .input
                    .iter()
                    .map(|port| port.name.as_str())
                    .chain(graph.initializer.iter().map(|values| values.name.as_str()))
                    .chain([""])
                    .collect();
                for node in &graph.node {
                    for input in &node.input {
                        assert!(
                            known.contains(&input.as_str()),
                            "{input} in {}",
                            node.op_type
                        );
                    }
                    known.extend(node.output.iter().map(String::as_str));
                }
                for output in &graph.output {
                    assert!(known.contains(&output.name.as_str()), "{}", output.name);
                }
                for values in &graph.initializer {
                    let used = graph
                        .node
                        .iter()
                        .any(|node| node.input.contains(&values.name));
                    assert!(used, "nobody uses {}", values.name);
                }
            }
        }
    }

    #[test]
    fn the_graphs_have_the_networks_operators() {
        let [trunk, head] = graphs(&config(2));
        // 4 down, 2 + 4 blocks of 2, 3 up, and the last.
        assert_eq!(count(&trunk, "Conv"), 4 + 12 + 3 + 1);
        assert_eq!(count(&trunk, "Resize"), 3);
        // A U and a P in each layer, and three forms: of both masks, and of the one that presence sees.
        assert_eq!((count(&head, "Conv"), count(&head, "MatMul")), (4 + 3, 6));
        let shape = |graph: &onnx::Graph, name: &str| {
            let values = graph.initializer.iter().find(|values| values.name == name);
            values.map(|values| values.dims.clone())
        };
        assert_eq!(
            shape(&trunk, "editor.trunk.downs.0.conv.weight"),
            Some(vec![8, 3, 4, 4])
        );
        assert_eq!(shape(&head, "editor.head.mask.weight"), Some(vec![10, 13]));
        assert_eq!(
            shape(&head, "editor.head.presence.weight"),
            Some(vec![10, 16 + 12 + 1])
        );
        let [_, plain] = graphs(&config(0));
        assert_eq!((count(&plain, "Conv"), count(&plain, "Mul")), (2, 1));
    }

    #[test]
    fn a_layer_without_operators_here_is_refused() {
        let config = config(1).with_fusion(FusionForm::Film);
        let editor = config.init(&Device::flex()).fold();
        let error = head(weights_of(&editor).unwrap(), &config).err().unwrap();
        assert!(error.to_string().contains("low-rank"), "{error}");
    }
}
