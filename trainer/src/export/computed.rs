//! What an exported graph computes: ONNX's operators (operator set 17), number by number, with nothing of
//! burn's and none of our kernels.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use prost::Message;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use wordloom::weights::named;

use super::onnx::{Element, Graph, Model, Node};
use super::tests::config;
use super::{head, trunk, weights_of};

/// A shape and its numbers; whole numbers are floats here, too.
#[derive(Debug, Clone)]
struct Array {
    shape: Vec<usize>,
    numbers: Vec<f32>,
}

impl Array {
    fn new(shape: &[usize], numbers: Vec<f32>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), numbers.len(), "{shape:?}");
        Self {
            shape: shape.to_vec(),
            numbers,
        }
    }

    fn map(&self, of: impl Fn(f32) -> f32) -> Self {
        let numbers = self.numbers.iter().map(|x| of(*x));
        Self::new(&self.shape, numbers.collect())
    }

    /// Its numbers as sizes, or axes.
    fn sizes(&self) -> Vec<usize> {
        self.numbers.iter().map(|size| *size as usize).collect()
    }

    fn dims<const D: usize>(&self) -> [usize; D] {
        self.shape.as_slice().try_into().expect("another rank")
    }

    /// Of two that are broadcast to each other.
    fn with(&self, other: &Self, of: impl Fn(f32, f32) -> f32) -> Self {
        let rank = self.shape.len().max(other.shape.len());
        let padded = |shape: &[usize]| [&vec![1; rank - shape.len()][..], shape].concat();
        let (a, b) = (padded(&self.shape), padded(&other.shape));
        let shape: Vec<usize> = a.iter().zip(&b).map(|(a, b)| *a.max(b)).collect();
        let fits = |from: &[usize]| from.iter().zip(&shape).all(|(a, b)| *a == 1 || a == b);
        assert!(fits(&a) && fits(&b), "{a:?} {b:?}");
        let number = |at: usize, from: &[usize], numbers: &[f32]| {
            let (mut rest, mut place, mut stride) = (at, 0, 1);
            for (size, own) in shape.iter().zip(from).rev() {
                place += rest % size % own * stride;
                (rest, stride) = (rest / size, stride * own);
            }
            numbers[place]
        };
        let all = 0..shape.iter().product();
        let numbers = all.map(|at| {
            of(
                number(at, &a, &self.numbers),
                number(at, &b, &other.numbers),
            )
        });
        Self::new(&shape, numbers.collect())
    }
}

/// Runs a graph; gives what comes out, by its name.
fn run(graph: &Graph, inputs: &BTreeMap<String, Array>) -> BTreeMap<String, Array> {
    let constants = graph.initializer.iter().map(|values| {
        let shape: Vec<usize> = values.dims.iter().map(|size| *size as usize).collect();
        let numbers = if values.data_type == Element::Int64 as i32 {
            let wholes = values.raw_data.as_chunks().0.iter();
            wholes
                .map(|bytes| i64::from_le_bytes(*bytes) as f32)
                .collect()
        } else {
            let floats = values.raw_data.as_chunks().0.iter();
            floats.map(|bytes| f32::from_le_bytes(*bytes)).collect()
        };
        (values.name.clone(), Array::new(&shape, numbers))
    });
    let mut known: BTreeMap<String, Array> = constants.collect();
    for port in &graph.input {
        known.insert(port.name.clone(), inputs[&port.name].clone());
    }
    for node in &graph.node {
        let given = node.input.iter().map(|name| known.get(name));
        let made = operator(node, &given.collect::<Vec<_>>());
        assert_eq!(made.len(), node.output.len(), "{}", node.op_type);
        known.extend(node.output.iter().cloned().zip(made));
    }
    let made = graph.output.iter().map(|port| {
        let made = known.remove(&port.name).expect("an output");
        (port.name.clone(), made)
    });
    made.collect()
}

/// An operator; an input that is left out is none.
fn operator(node: &Node, inputs: &[Option<&Array>]) -> Vec<Array> {
    let input = |n: usize| inputs[n].expect("an input");
    let x = input(0);
    let attribute = |name: &str| node.attribute.iter().find(|given| given.name == name);
    let int = |name: &str| attribute(name).expect(name).i;
    let ints = |name: &str| -> Vec<usize> {
        let ints = attribute(name).expect(name).ints.iter();
        ints.map(|int| *int as usize).collect()
    };
    let one = match &node.op_type[..] {
        "Identity" => x.clone(),
        "Relu" => x.map(|x| x.max(0.0)),
        "Sigmoid" => x.map(|x| 1.0 / (1.0 + (-x).exp())),
        "Add" => x.with(input(1), |a, b| a + b),
        "Mul" => x.with(input(1), |a, b| a * b),
        "Div" => x.with(input(1), |a, b| a / b),
        "MatMul" => product(x, input(1)),
        "Conv" => {
            // What is left out is a stride of 1 and no padding.
            let same = |name: &str, count: usize, left_out: usize| {
                let given = attribute(name).map_or(vec![left_out; count], |_| ints(name));
                assert_eq!(given, vec![given[0]; count], "{name}");
                given[0]
            };
            let (stride, pad) = (same("strides", 2, 1), same("pads", 4, 0));
            convolution(x, input(1), inputs.get(2).copied().flatten(), stride, pad)
        }
        "Resize" => {
            let text = |name: &str| attribute(name).expect(name).s.as_slice();
            assert_eq!(text("mode"), b"nearest");
            assert_eq!(text("nearest_mode"), b"floor");
            assert_eq!(text("coordinate_transformation_mode"), b"asymmetric");
            assert!(inputs[1].is_none());
            enlarged(x, &input(2).numbers)
        }
        kind @ ("ReduceMean" | "ReduceMax" | "ReduceSum") => {
            // Of the sum alone the axes are an input in this operator set.
            let axes = match kind {
                "ReduceSum" => input(1).sizes(),
                _ => ints("axes"),
            };
            assert!(axes == [2, 3] && int("keepdims") == 0);
            let [b, c, h, w] = x.dims();
            let of = |plane: &[f32]| match kind {
                "ReduceMax" => plane.iter().copied().fold(f32::NEG_INFINITY, f32::max),
                "ReduceMean" => plane.iter().sum::<f32>() / plane.len() as f32,
                _ => plane.iter().sum(),
            };
            Array::new(&[b, c], x.numbers.chunks_exact(h * w).map(of).collect())
        }
        "Unsqueeze" => {
            let mut shape = x.shape.clone();
            input(1)
                .sizes()
                .into_iter()
                .for_each(|axis| shape.insert(axis, 1));
            Array::new(&shape, x.numbers.clone())
        }
        "Reshape" => Array::new(&input(1).sizes(), x.numbers.clone()),
        // Of single rows.
        "Split" => {
            let [1, _] = x.dims() else { panic!("rows") };
            assert_eq!(int("axis"), 1);
            let mut rest = &x.numbers[..];
            let parts = input(1).sizes().into_iter().map(|count| {
                let part;
                (part, rest) = rest.split_at(count);
                Array::new(&[1, count], part.to_vec())
            });
            let parts = parts.collect();
            assert!(rest.is_empty());
            return parts;
        }
        "Concat" => {
            assert_eq!(int("axis"), 1);
            let rows = (0..inputs.len()).map(|n| {
                let [1, _] = input(n).dims() else {
                    panic!("rows")
                };
                &input(n).numbers[..]
            });
            let row = rows.collect::<Vec<_>>().concat();
            Array::new(&[1, row.len()], row)
        }
        other => panic!("the operator {other}"),
    };
    vec![one]
}

fn product(a: &Array, b: &Array) -> Array {
    let ([m, k], [rows, n]) = (a.dims(), b.dims());
    assert_eq!(k, rows);
    let term = |y: usize, x: usize, i: usize| a.numbers[y * k + i] * b.numbers[i * n + x];
    let sum = |y: usize, x: usize| (0..k).map(|i| term(y, x, i)).sum::<f32>();
    let all = (0..m * n).map(|at| sum(at / n, at % n));
    Array::new(&[m, n], all.collect())
}

fn convolution(
    x: &Array,
    weight: &Array,
    bias: Option<&Array>,
    stride: usize,
    pad: usize,
) -> Array {
    let ([b, cin, h, w], [cout, channels, k, kw]) = (x.dims(), weight.dims());
    assert!(cin == channels && k == kw);
    let size = |side: usize| (side + 2 * pad - k) / stride + 1;
    let (oh, ow) = (size(h), size(w));
    let mut numbers = Vec::new();
    for (n, o) in (0..b).flat_map(|n| (0..cout).map(move |o| (n, o))) {
        for (oy, ox) in (0..oh).flat_map(|oy| (0..ow).map(move |ox| (oy, ox))) {
            let mut sum = bias.map_or(0.0, |bias| bias.numbers[o]);
            for i in 0..cin {
                for (ky, kx) in (0..k).flat_map(|ky| (0..k).map(move |kx| (ky, kx))) {
                    let (y, x_) = (oy * stride + ky, ox * stride + kx);
                    if (pad..h + pad).contains(&y) && (pad..w + pad).contains(&x_) {
                        let at = ((n * cin + i) * h + y - pad) * w + x_ - pad;
                        sum += x.numbers[at] * weight.numbers[((o * cin + i) * k + ky) * k + kx];
                    }
                }
            }
            numbers.push(sum);
        }
    }
    Array::new(&[b, cout, oh, ow], numbers)
}

fn enlarged(x: &Array, scales: &[f32]) -> Array {
    let &[1.0, 1.0, down, across] = scales else {
        panic!("{scales:?}")
    };
    let [b, c, h, w] = x.dims();
    let (oh, ow) = ((h as f32 * down) as usize, (w as f32 * across) as usize);
    let planes = x.numbers.chunks_exact(h * w).flat_map(|plane| {
        let row = move |y: usize| &plane[(y as f32 / down) as usize * w..][..w];
        (0..oh * ow).map(move |at| row(at / ow)[((at % ow) as f32 / across) as usize])
    });
    Array::new(&[b, c, oh, ow], planes.collect())
}

fn random(rng: &mut SmallRng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn assert_near(what: &str, graph: &Array, ours: TensorData) {
    assert_eq!(graph.shape, ours.shape().to_vec(), "{what}");
    let ours: Vec<f32> = ours.try_to_vec().unwrap();
    let most = ours.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    assert!(most > 0.05, "{what}: {most} says nothing");
    for (a, b) in graph.numbers.iter().zip(&ours) {
        assert!((a - b).abs() < 1e-4 * most.max(1.0), "{what}: {a} {b}");
    }
}

#[test]
fn the_graphs_compute_what_the_editor_does() {
    let (device, mut rng) = (Device::flex(), SmallRng::seed_from_u64(5));
    for layers in [0, 2] {
        let config = config(layers);
        // Every weight and bias has its part.
        let weights = |_: &str, shape: &[usize]| {
            let inputs: usize = shape.iter().skip(1).product::<usize>().max(shape[0]);
            let reach = (3.0 / inputs as f32).sqrt();
            let values = random(&mut rng, shape.iter().product()).into_iter();
            Ok::<_, ()>(values.map(|value| reach * value).collect())
        };
        let editor = named::load("editor", config.init_folded(&device), weights).unwrap();
        let graph = |builder: anyhow::Result<super::Builder>| {
            let model = Model::decode(builder.unwrap().file().as_slice()).unwrap();
            model.graph.unwrap()
        };
        let weights = || weights_of(&editor).unwrap();

        let [h, w] = [32, 48];
        let photo = random(&mut rng, 3 * h * w);
        let t = random(&mut rng, config.sentence);
        let sentence = Array::new(&[1, config.sentence], t.clone());
        let mut inputs = BTreeMap::from([
            ("photo".to_owned(), Array::new(&[1, 3, h, w], photo.clone())),
            ("sentence".to_owned(), sentence),
        ]);
        inputs.extend(run(&graph(trunk(weights(), &config)), &inputs));
        let made = run(&graph(head(weights(), &config)), &inputs);

        let photo = Tensor::from_data(TensorData::new(photo, [1, 3, h, w]), &device);
        let t = Tensor::from_data(TensorData::new(t, [1, config.sentence]), &device);
        let seen = editor.look(photo);
        assert_near("places", &inputs["places"], seen.places.clone().into_data());
        let mask = editor.mask(&seen, t.clone()).into_data();
        assert_near("mask", &made["mask"], mask);
        let presence = editor.presence(&seen, t).into_data();
        assert_near("presence", &made["presence"], presence);
    }
}
