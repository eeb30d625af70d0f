//! Tensors as small integers: a value is its integer times the scale of its block.
//!
//! A tensor is seen as a matrix (its first axis, and all others), and `NAME.scale` as a matrix
//! whose sides divide it, so that each scale stands for a block of equal size: for int8 one
//! output channel, for int4 32 inputs of one output channel.

use half::f16;
use safetensors::Dtype;

/// How the values of a tensor are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// As they are, for small tensors.
    Half,
    /// -127 to 127, with a scale for each output channel.
    Int8,
    /// -7 to 7 and 8 added, two to a byte, the first one in the lower half; with a scale for each
    /// 32 inputs of an output channel.
    Int4,
}

/// Inputs that share a scale in int4.
const GROUP: usize = 32;

impl Kind {
    /// The type in the file.
    pub fn dtype(self) -> Dtype {
        match self {
            Self::Half => Dtype::F16,
            Self::Int8 => Dtype::I8,
            Self::Int4 => Dtype::U8,
        }
    }

    fn reach(self) -> f32 {
        match self {
            Self::Int4 => 7.0,
            _ => 127.0,
        }
    }

    /// The shape in the file.
    pub fn shape(self, shape: &[usize]) -> Vec<usize> {
        let mut shape = shape.to_vec();
        if let (Self::Int4, Some(last)) = (self, shape.last_mut()) {
            *last /= 2;
        }
        shape
    }

    /// The shape of `NAME.scale`, of the tensor's rank; none where the kind has no scales or
    /// the tensor cannot be of this kind.
    ///
    /// A matrix is a linear map `[in, out]`, unless its rows are looked up (`by_row`); of other
    /// tensors the first axis is the output channel.
    pub fn scales(self, shape: &[usize], by_row: bool) -> Option<Vec<usize>> {
        let mut scales = vec![1; shape.len()];
        match (self, shape) {
            (Self::Half, _) | (_, []) => return None,
            (Self::Int8, &[_, out]) if !by_row => scales[1] = out,
            (Self::Int8, &[first, ..]) => scales[0] = first,
            (Self::Int4, &[rows, columns]) if columns % 2 == 0 => {
                let inputs = if by_row { columns } else { rows };
                if inputs % GROUP != 0 {
                    return None;
                }
                scales = match by_row {
                    true => vec![rows, columns / GROUP],
                    false => vec![rows / GROUP, columns],
                };
            }
            (Self::Int4, _) => return None,
        }
        Some(scales)
    }
}

/// Where the blocks of a matrix are.
#[derive(Clone, Copy)]
struct Blocks {
    columns: usize,
    height: usize,
    width: usize,
}

impl Blocks {
    fn new(shape: &[usize], scales: &[usize]) -> Self {
        let matrix = |shape: &[usize]| (shape[0], shape[1..].iter().product::<usize>());
        let ((rows, columns), (down, across)) = (matrix(shape), matrix(scales));
        Self {
            columns,
            height: rows / down,
            width: columns / across,
        }
    }

    /// Runs of values of the same scale: the index of the scale for each, in order.
    fn runs(self, values: usize) -> impl Iterator<Item = usize> {
        let across = self.columns / self.width;
        (0..values / self.columns)
            .flat_map(move |row| (0..across).map(move |block| row / self.height * across + block))
    }
}

/// Scales and packed integers of finite values.
pub fn quantise(
    kind: Kind,
    values: &[f32],
    shape: &[usize],
    scales: &[usize],
) -> (Vec<f32>, Vec<u8>) {
    let blocks = Blocks::new(shape, scales);
    let mut scale = vec![0f32; scales.iter().product()];
    for (run, at) in values.chunks(blocks.width).zip(blocks.runs(values.len())) {
        scale[at] = run.iter().fold(scale[at], |most, w| most.max(w.abs()));
    }
    scale.iter_mut().for_each(|scale| *scale /= kind.reach());
    let mut integers = Vec::with_capacity(values.len());
    for (run, at) in values.chunks(blocks.width).zip(blocks.runs(values.len())) {
        integers.extend(run.iter().map(|w| match scale[at] > 0.0 {
            true => (w / scale[at]).round().clamp(-kind.reach(), kind.reach()) as i8,
            false => 0,
        }));
    }
    let bytes = match kind {
        Kind::Int4 => {
            let pair = |pair: &[i8]| (pair[0] + 8) as u8 | ((pair[1] + 8) as u8) << 4;
            integers.chunks_exact(2).map(pair).collect()
        }
        _ => integers.into_iter().map(|q| q as u8).collect(),
    };
    (scale, bytes)
}

/// The values again; lengths have been checked.
pub fn dequantise(
    kind: Kind,
    scale: &[f32],
    bytes: &[u8],
    shape: &[usize],
    scales: &[usize],
) -> Vec<f32> {
    let blocks = Blocks::new(shape, scales);
    let mut values: Vec<f32> = Vec::with_capacity(shape.iter().product());
    match kind {
        Kind::Int4 => values.extend(
            bytes
                .iter()
                .flat_map(|byte| [byte & 15, byte >> 4])
                .map(|q| f32::from(q) - 8.0),
        ),
        _ => values.extend(bytes.iter().map(|q| f32::from(*q as i8))),
    }
    let runs = blocks.runs(values.len());
    for (run, at) in values.chunks_mut(blocks.width).zip(runs) {
        run.iter_mut().for_each(|value| *value *= scale[at]);
    }
    values
}

/// As little-endian f32.
pub fn floats_to_bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// Little-endian f32, or none when one of them is not finite.
pub fn floats(bytes: &[u8]) -> Option<Vec<f32>> {
    let float = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    finite(bytes.chunks_exact(4).map(float))
}

/// As little-endian f16, or none when one of them is not finite there.
pub fn halves_to_bytes(values: &[f32]) -> Option<Vec<u8>> {
    let halves = values.iter().map(|value| f16::from_f32(*value));
    let bytes = |half: f16| half.is_finite().then(|| half.to_le_bytes());
    let pairs: Option<Vec<[u8; 2]>> = halves.map(bytes).collect();
    pairs.map(|pairs| pairs.concat())
}

/// Little-endian f16, or none when one of them is not finite.
pub fn halves(bytes: &[u8]) -> Option<Vec<f32>> {
    let half = |two: &[u8]| f16::from_le_bytes([two[0], two[1]]).to_f32();
    finite(bytes.chunks_exact(2).map(half))
}

/// The values, or none when one of them is not finite.
pub fn finite(values: impl Iterator<Item = f32>) -> Option<Vec<f32>> {
    values
        .map(|value| value.is_finite().then_some(value))
        .collect()
}
