//! `cargo loom export onnx`: a packed model as a graph that other runtimes run, to compare with
//! them on the same weights.
//!
//! Inputs `ids` `[1, words]` and `photo` `[1, 3, height, width]` in [-1, 1]; outputs `edit` like the
//! photo and `mask` `[1, 1, height, width]` in [0, 1], of the mean reading of the sentence.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use prost::Message;
use wordloom::editor::{Editor, EditorConfig};
use wordloom::fusion::FusionForm;
use wordloom::weights::{self, ModelConfig, named};

use crate::onnx::{Attribute, Element, Graph, Model, Node, OperatorSet, Port, Values};

/// What `cargo loom export onnx` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// Where to write the graph.
    #[arg(short, long)]
    output: PathBuf,
    /// The packed model.
    #[arg(long, default_value = "weights/flowers.safetensors")]
    model: PathBuf,
}

/// Runs `cargo loom export onnx`.
///
/// # Errors
/// A file that cannot be read or written, a fusion layer without operators here.
pub fn run(options: &Options) -> Result<()> {
    let bytes = std::fs::read(&options.model)
        .with_context(|| format!("cannot read the model {}", options.model.display()))?;
    let graph = onnx(&bytes)?;
    std::fs::write(&options.output, graph)
        .with_context(|| format!("cannot write {}", options.output.display()))
}

/// A packed model as an ONNX file.
fn onnx(packed: &[u8]) -> Result<Vec<u8>> {
    let model = weights::unpack::<Editor>(packed, &Device::flex())?;
    let text = named::values("text", &model.text);
    let tensors = text
        .into_iter()
        .chain(named::values("editor", &model.generator));
    let tensors = tensors.map(|tensor| {
        let values = tensor.values.try_to_vec().context("a tensor of floats")?;
        Ok((tensor.name, (tensor.shape, values)))
    });
    let mut builder = Builder {
        weights: tensors.collect::<Result<_>>()?,
        graph: Graph::default(),
    };
    builder.model(&model.config)?;
    Ok(Model {
        ir_version: 8,
        producer_name: "wordloom".into(),
        graph: Some(builder.graph),
        opset_import: vec![OperatorSet { version: 17 }],
    }
    .encode_to_vec())
}

struct Builder {
    weights: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    graph: Graph,
}

impl Builder {
    fn model(&mut self, config: &ModelConfig<EditorConfig>) -> Result<()> {
        let FusionForm::LowRank(_) = config.generator.fusion else {
            bail!("only models with low-rank bilinear fusion can be exported so far")
        };
        self.graph.name = "editor".into();
        let photo = ["1", "3", "height", "width"];
        self.graph.input = vec![
            Port::new("ids", Element::Int64, &["1", "words"]),
            Port::new("photo", Element::Float, &photo),
        ];
        self.graph.output = vec![
            Port::new("edit", Element::Float, &photo),
            Port::new("mask", Element::Float, &["1", "1", "height", "width"]),
        ];
        let sentence = self.text(config.text.hidden)?;
        let mu = self.linear(&sentence, "editor.condition.mu")?;
        let t = self.op("LeakyRelu", &[&mu], [Attribute::float("alpha", 0.2)]);
        self.editor(&t, &config.generator)
    }

    /// The sentence embedding `[1, 2 hidden]`.
    fn text(&mut self, hidden: usize) -> Result<String> {
        let embedding = self.weight("text.embedding.weight")?;
        let words = self.op("Gather", &[&embedding, "ids"], []);
        let words = self.op(
            "Transpose",
            &[&words],
            [Attribute::ints("perm", &[1, 0, 2])],
        );
        // Ours are `[in, gates]`, gates in the order input, forget, cell, output; ONNX wants
        // `[gates, in]` in the order input, output, forget, cell.
        let gates = |matrix: &[f32], rows: usize| -> Vec<f32> {
            let columns = [0, 3, 1, 2]
                .into_iter()
                .flat_map(|gate| gate * hidden..(gate + 1) * hidden);
            let row = |column| (0..rows).map(move |row| matrix[row * 4 * hidden + column]);
            columns.flat_map(row).collect()
        };
        let (mut w, mut r, mut b) = (Vec::new(), Vec::new(), Vec::new());
        let mut inputs = 0;
        for direction in ["ahead", "back"] {
            let (shape, input) = self.take(&format!("text.{direction}.input.weight"))?;
            let (_, bias) = self.take(&format!("text.{direction}.input.bias"))?;
            let (_, state) = self.take(&format!("text.{direction}.state.weight"))?;
            inputs = shape[0];
            w.extend(gates(&input, inputs));
            r.extend(gates(&state, hidden));
            b.extend(gates(&bias, 1));
            b.extend(vec![0.0; 4 * hidden]);
        }
        let w = self.floats("text.w", &[2, 4 * hidden, inputs], &w);
        let r = self.floats("text.r", &[2, 4 * hidden, hidden], &r);
        let b = self.floats("text.b", &[2, 8 * hidden], &b);
        let output = ["", "text.last"].map(String::from).into();
        self.graph.node.push(Node {
            op_type: "LSTM".into(),
            input: vec![words, w, r, b],
            output,
            attribute: vec![
                Attribute::text("direction", "bidirectional"),
                Attribute::int("hidden_size", hidden as i64),
            ],
        });
        let last = [Attribute::ints("perm", &[1, 0, 2])];
        let last = self.op("Transpose", &["text.last"], last);
        Ok(self.op("Flatten", &[&last], []))
    }

    fn editor(&mut self, t: &str, config: &EditorConfig) -> Result<()> {
        let x = self.conv("photo", "editor.encoder.stem", 1)?;
        let mut x = self.relu(&x);
        let mut skips = Vec::new();
        for n in 1..config.widths.len() {
            skips.push(x.clone());
            let y = self.conv(&x, &format!("editor.encoder.downs.{}.conv", n - 1), 2)?;
            x = self.relu(&y);
        }
        if !config.skips {
            skips.clear();
        }
        let mut x = self.conv(&x, "editor.pre.conv", 1)?;
        for n in 0..config.blocks {
            let block = format!("editor.blocks.{n}");
            let u = self.conv(&x, &format!("{block}.fusion.LowRank.u"), 1)?;
            let v = self.linear(t, &format!("{block}.fusion.LowRank.v"))?;
            let axes = self.ints(&format!("{block}.axes"), &[2, 3]);
            let (u, v) = (self.relu(&u), self.relu(&v));
            let v = self.op("Unsqueeze", &[&v, &axes], []);
            let both = self.op("Mul", &[&u, &v], []);
            let fused = self.conv(&both, &format!("{block}.fusion.LowRank.p"), 1)?;
            let fused = self.relu(&fused);
            let y = self.conv(&fused, &format!("{block}.conv1.conv"), 1)?;
            let y = self.relu(&y);
            let y = self.conv(&y, &format!("{block}.conv2.conv"), 1)?;
            let sum = self.op("Add", &[&x, &y], []);
            x = self.relu(&sum);
        }
        for n in 1..config.widths.len() {
            let name = format!("editor.decoder.ups.{}.conv", n - 1);
            let scales = self.floats(&format!("{name}.scales"), &[4], &[1.0, 1.0, 2.0, 2.0]);
            let nearest = [
                Attribute::text("mode", "nearest"),
                Attribute::text("nearest_mode", "floor"),
                Attribute::text("coordinate_transformation_mode", "asymmetric"),
            ];
            let larger = self.op("Resize", &[&x, "", &scales], nearest);
            let y = self.conv(&larger, &name, 1)?;
            x = self.relu(&y);
            if let Some(skip) = skips.pop() {
                x = self.op("Add", &[&x, &skip], []);
            }
        }
        let x = self.conv(&x, "editor.decoder.out", 1)?;
        let split = self.ints("channels", &[3, 1]);
        self.graph.node.push(Node {
            op_type: "Split".into(),
            input: vec![x, split],
            output: vec!["rgb".into(), "logits".into()],
            attribute: vec![Attribute::int("axis", 1)],
        });
        self.named("Sigmoid", &["logits"], "mask");
        let rgb = self.op("Tanh", &["rgb"], []);
        let change = self.op("Sub", &[&rgb, "photo"], []);
        let change = self.op("Mul", &["mask", &change], []);
        self.named("Add", &["photo", &change], "edit");
        Ok(())
    }

    fn conv(&mut self, x: &str, name: &str, stride: i64) -> Result<String> {
        let kernel = self
            .weights
            .get(&format!("{name}.weight"))
            .map_or(0, |(shape, _)| shape[3] as i64);
        // The same padding as in `layers`: an even kernel halves.
        let padding = if stride == 2 { 1 } else { kernel / 2 };
        let (weight, bias) = (
            self.weight(&format!("{name}.weight"))?,
            format!("{name}.bias"),
        );
        let mut inputs = vec![x, weight.as_str()];
        if self.weights.contains_key(&bias) {
            self.weight(&bias)?;
            inputs.push(&bias);
        }
        let attributes = [
            Attribute::ints("strides", &[stride; 2]),
            Attribute::ints("pads", &[padding; 4]),
        ];
        Ok(self.op("Conv", &inputs, attributes))
    }

    fn linear(&mut self, x: &str, name: &str) -> Result<String> {
        let weight = self.weight(&format!("{name}.weight"))?;
        Ok(self.op("MatMul", &[x, &weight], []))
    }

    fn relu(&mut self, x: &str) -> String {
        self.op("Relu", &[x], [])
    }

    /// Adds an operator; gives its output's name.
    fn op(
        &mut self,
        kind: &str,
        inputs: &[&str],
        attributes: impl IntoIterator<Item = Attribute>,
    ) -> String {
        let output = format!("{kind}_{}", self.graph.node.len());
        self.named(kind, inputs, &output);
        let node = self.graph.node.last_mut().expect("just added");
        node.attribute.extend(attributes);
        output
    }

    fn named(&mut self, kind: &str, inputs: &[&str], output: &str) {
        self.graph.node.push(Node {
            op_type: kind.into(),
            input: inputs.iter().map(|name| name.to_string()).collect(),
            output: vec![output.into()],
            attribute: Vec::new(),
        });
    }

    fn take(&mut self, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let tensor = self.weights.remove(name);
        tensor.with_context(|| format!("the model has no tensor {name}"))
    }

    /// Moves a tensor of the model into the graph.
    fn weight(&mut self, name: &str) -> Result<String> {
        let (shape, values) = self.take(name)?;
        Ok(self.floats(name, &shape, &values))
    }

    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.initializer(name, Element::Float, shape, bytes.collect())
    }

    fn ints(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.initializer(name, Element::Int64, &[values.len()], bytes.collect())
    }

    fn initializer(
        &mut self,
        name: &str,
        element: Element,
        shape: &[usize],
        raw_data: Vec<u8>,
    ) -> String {
        self.graph.initializer.push(Values {
            dims: shape.iter().map(|size| *size as i64).collect(),
            data_type: element as i32,
            name: name.into(),
            raw_data,
        });
        name.into()
    }
}
