//! An ONNX graph, operator by operator, with the weights that its operators use.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use prost::Message;

use super::onnx::{Attribute, Element, Graph, Model, Node, OperatorSet, Port, Values};

/// Tensors by name: shape and values.
pub type Weights = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// A graph in the making.
pub struct Builder {
    weights: Weights,
    graph: Graph,
}

impl Builder {
    /// An empty graph.
    pub fn new(name: &str, weights: Weights) -> Self {
        let graph = Graph {
            name: name.into(),
            ..Graph::default()
        };
        Self { weights, graph }
    }

    /// The graph as an ONNX file.
    pub fn file(self) -> Vec<u8> {
        let model = Model {
            ir_version: 8,
            producer_name: "wordloom".into(),
            graph: Some(self.graph),
            opset_import: vec![OperatorSet { version: 17 }],
        };
        model.encode_to_vec()
    }

    /// Something that goes in.
    pub fn input(&mut self, name: &str, element: Element, shape: &[&str]) {
        self.graph.input.push(Port::new(name, element, shape));
    }

    /// Floats that come out.
    pub fn output(&mut self, name: &str, shape: &[&str]) {
        self.graph
            .output
            .push(Port::new(name, Element::Float, shape));
    }

    /// The convolution of this name, with the padding that it has in `layers`.
    pub fn conv(&mut self, x: &str, name: &str, stride: i64) -> Result<String> {
        let kernel = self
            .weights
            .get(&format!("{name}.weight"))
            .map_or(0, |(shape, _)| shape[3] as i64);
        // An even kernel halves.
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

    /// The linear map of this name, `[1, in]` to `[1, out]`.
    pub fn linear(&mut self, x: &str, name: &str) -> Result<String> {
        let weight = self.weight(&format!("{name}.weight"))?;
        let y = self.op("MatMul", &[x, &weight], []);
        let bias = format!("{name}.bias");
        if !self.weights.contains_key(&bias) {
            return Ok(y);
        }
        self.weight(&bias)?;
        Ok(self.op("Add", &[&y, &bias], []))
    }

    /// A row of numbers as its first `count` and its last one.
    pub fn split(&mut self, row: &str, count: i64) -> [String; 2] {
        let at = self.graph.node.len();
        let parts = self.ints(&format!("parts_{at}"), &[count, 1]);
        let outputs = ["first", "last"].map(|part| format!("{part}_{at}"));
        self.graph.node.push(Node {
            op_type: "Split".into(),
            input: vec![row.into(), parts],
            output: outputs.to_vec(),
            attribute: vec![Attribute::int("axis", 1)],
        });
        outputs
    }

    /// A ReLU.
    pub fn relu(&mut self, x: &str) -> String {
        self.op("Relu", &[x], [])
    }

    /// Twice the height and width, nearest neighbour.
    pub fn enlarged(&mut self, x: &str) -> String {
        let name = format!("scales_{}", self.graph.node.len());
        let scales = self.floats(&name, &[4], &[1.0, 1.0, 2.0, 2.0]);
        let nearest = [
            Attribute::text("mode", "nearest"),
            Attribute::text("nearest_mode", "floor"),
            Attribute::text("coordinate_transformation_mode", "asymmetric"),
        ];
        self.op("Resize", &[x, "", &scales], nearest)
    }

    /// The mean over all places of `[1, c, h, w]`, `[1, c]`.
    pub fn mean_over_places(&mut self, x: &str) -> String {
        let attributes = [
            Attribute::ints("axes", &[2, 3]),
            Attribute::int("keepdims", 0),
        ];
        self.op("ReduceMean", &[x], attributes)
    }

    /// The sum over all places of `[1, c, h, w]`, `[1, c]`.
    pub fn sum_over_places(&mut self, x: &str) -> String {
        let axes = self.ints(&format!("axes_{}", self.graph.node.len()), &[2, 3]);
        self.op("ReduceSum", &[x, &axes], [Attribute::int("keepdims", 0)])
    }

    /// Rows of numbers, one behind the other.
    pub fn join(&mut self, rows: &[&str]) -> String {
        self.op("Concat", rows, [Attribute::int("axis", 1)])
    }

    /// Adds an operator; gives its output's name.
    pub fn op(
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

    /// Adds an operator whose output has this name.
    pub fn named(&mut self, kind: &str, inputs: &[&str], output: &str) {
        self.graph.node.push(Node {
            op_type: kind.into(),
            input: inputs.iter().map(|name| name.to_string()).collect(),
            output: vec![output.into()],
            attribute: Vec::new(),
        });
    }

    /// Whole numbers as a tensor of the graph.
    pub fn ints(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.initializer(name, Element::Int64, &[values.len()], bytes.collect())
    }

    /// Moves a tensor of the model into the graph.
    fn weight(&mut self, name: &str) -> Result<String> {
        let tensor = self.weights.remove(name);
        let (shape, values) = tensor.with_context(|| format!("the model has no tensor {name}"))?;
        Ok(self.floats(name, &shape, &values))
    }

    /// Numbers as a tensor of the graph.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.initializer(name, Element::Float, shape, bytes.collect())
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
