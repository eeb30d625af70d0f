//! The part of ONNX's file format that an editor needs (`onnx.proto3`, IR version 8).

use prost::Message;

#[derive(Message)]
pub struct Model {
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    #[prost(string, tag = "2")]
    pub producer_name: String,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSet>,
}

#[derive(Message)]
pub struct OperatorSet {
    #[prost(int64, tag = "2")]
    pub version: i64,
}

#[derive(Message)]
pub struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Values>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<Port>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<Port>,
}

#[derive(Message)]
pub struct Node {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
}

#[derive(Message)]
pub struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int64, tag = "3")]
    pub i: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    /// 2 for `i`, 3 for `s`, 7 for `ints`.
    #[prost(int32, tag = "20")]
    pub kind: i32,
}

/// A tensor.
#[derive(Message)]
pub struct Values {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    /// An [`Element`].
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(bytes = "vec", tag = "9")]
    pub raw_data: Vec<u8>,
}

/// What goes into a graph, or comes out of it.
#[derive(Message)]
pub struct Port {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<Type>,
}

#[derive(Message)]
pub struct Type {
    #[prost(message, optional, tag = "1")]
    pub tensor: Option<TensorType>,
}

#[derive(Message)]
pub struct TensorType {
    /// An [`Element`].
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

#[derive(Message)]
pub struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// A number, or a name for any number.
#[derive(Message)]
pub struct Dimension {
    #[prost(oneof = "Size", tags = "1, 2")]
    pub size: Option<Size>,
}

#[derive(prost::Oneof)]
pub enum Size {
    #[prost(int64, tag = "1")]
    Is(i64),
    #[prost(string, tag = "2")]
    Any(String),
}

/// What a tensor holds.
#[derive(Debug, Clone, Copy)]
pub enum Element {
    Float = 1,
    Int64 = 7,
}

impl Port {
    /// A tensor; a dimension that is a name may be any.
    pub fn new(name: &str, element: Element, shape: &[&str]) -> Self {
        let dim = shape.iter().map(|size| Dimension {
            size: Some(match size.parse() {
                Ok(size) => Size::Is(size),
                Err(_) => Size::Any(size.to_string()),
            }),
        });
        let tensor = TensorType {
            elem_type: element as i32,
            shape: Some(Shape { dim: dim.collect() }),
        };
        Self {
            name: name.into(),
            r#type: Some(Type {
                tensor: Some(tensor),
            }),
        }
    }
}

impl Attribute {
    pub fn int(name: &str, i: i64) -> Self {
        let name = name.into();
        Self {
            name,
            i,
            kind: 2,
            ..Self::default()
        }
    }

    pub fn text(name: &str, s: &str) -> Self {
        let (name, s) = (name.into(), s.into());
        Self {
            name,
            s,
            kind: 3,
            ..Self::default()
        }
    }

    pub fn ints(name: &str, ints: &[i64]) -> Self {
        let (name, ints) = (name.into(), ints.into());
        Self {
            name,
            ints,
            kind: 7,
            ..Self::default()
        }
    }
}
