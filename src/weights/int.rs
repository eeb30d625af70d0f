//! Tensors as small integers: a value is its integer times the scale of its block.
//!
//! A tensor is seen as a matrix (its first axis, and all others), and `NAME.scale` as a matrix
//! whose sides divide it, so that each scale stands for a block of equal size: for int8 one
//! output channel, for int4 32 inputs of one output channel. The inputs of a convolution are
//! taken as they lie, `in * k * k`: 32 channels at one position of the kernel are no nearer (both
//! groupings leave an error of 9.7 % of the weights, root mean square) and lie apart.

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

/// Bits of the editor's weights in a packed file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bits {
    /// Two thirds of the file, and edits that are further off.
    Four,
    /// What the page's models have.
    Eight,
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

    /// The shape in the file: int4 is kept as the matrix, two columns to a byte.
    pub fn shape(self, shape: &[usize]) -> Vec<usize> {
        match (self, shape) {
            (Self::Int4, [first, others @ ..]) => {
                vec![*first, others.iter().product::<usize>() / 2]
            }
            _ => shape.to_vec(),
        }
    }

    /// The shape of `NAME.scale`, for int8 of the tensor's rank, for int4 that of a matrix; none
    /// where the kind has no scales or the tensor cannot be of this kind.
    ///
    /// A matrix is a linear map `[in, out]`, unless its rows are looked up (`by_row`); of other
    /// tensors the first axis is the output channel.
    pub fn scales(self, shape: &[usize], by_row: bool) -> Option<Vec<usize>> {
        match (self, shape) {
            (Self::Half, _) | (_, []) => None,
            (Self::Int8, &[_, out]) if !by_row => Some(vec![1, out]),
            (Self::Int8, &[first, ref others @ ..]) => {
                Some([vec![first], vec![1; others.len()]].concat())
            }
            (Self::Int4, &[inputs, out]) if !by_row => {
                let whole = inputs.is_multiple_of(GROUP) && out.is_multiple_of(2);
                whole.then(|| vec![inputs / GROUP, out])
            }
            (Self::Int4, &[out, ref inputs @ ..]) => {
                let inputs: usize = inputs.iter().product();
                inputs
                    .is_multiple_of(GROUP)
                    .then(|| vec![out, inputs / GROUP])
            }
        }
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

    /// The scales of a row, one for each run of `width` values.
    fn row(self, scales: &[f32], row: usize) -> &[f32] {
        let across = self.columns / self.width;
        &scales[row / self.height * across..][..across]
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
    let mut values = vec![0.0; shape.iter().product()];
    let rows = values.chunks_exact_mut(blocks.columns);
    let bytes = bytes.chunks_exact(match kind {
        Kind::Int4 => blocks.columns / 2,
        _ => blocks.columns,
    });
    for (row, (values, bytes)) in rows.zip(bytes).enumerate() {
        dequantise_row(kind, blocks.row(scale, row), bytes, values);
    }
    values
}

/// The values of a row. A page waits for this: in loops that become vector instructions, and in a
/// function that is called often, in whose place browsers put faster code between two calls.
#[inline(never)]
fn dequantise_row(kind: Kind, scale: &[f32], bytes: &[u8], values: &mut [f32]) {
    match kind {
        Kind::Int4 => {
            for (pair, byte) in values.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
                *pair = [byte & 15, byte >> 4].map(|q| f32::from(q) - 8.0);
            }
        }
        _ => {
            for (value, q) in values.iter_mut().zip(bytes) {
                *value = f32::from(*q as i8);
            }
        }
    }
    if scale.len() == values.len() {
        let pairs = values.iter_mut().zip(scale);
        pairs.for_each(|(value, scale)| *value *= scale);
    } else {
        for (run, scale) in values
            .chunks_exact_mut(values.len() / scale.len())
            .zip(scale)
        {
            run.iter_mut().for_each(|value| *value *= scale);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_as_near_as_their_type_allows() {
        let shape = [64, 6];
        let values: Vec<f32> = (0..64 * 6)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) * i as f32)
            .collect();
        for (kind, by_row, shape) in [
            (Kind::Int8, false, &shape[..]),
            (Kind::Int8, true, &shape),
            (Kind::Int8, false, &[6, 4, 4, 4]),
            (Kind::Int4, false, &shape),
            (Kind::Int4, true, &[6, 64]),
            (Kind::Int4, false, &[6, 4, 4, 4]),
            (Kind::Int4, false, &[2, 6, 32]),
        ] {
            let scales = kind.scales(shape, by_row).unwrap();
            let (scale, bytes) = quantise(kind, &values, shape, &scales);
            assert_eq!(bytes.len(), kind.shape(shape).iter().product::<usize>());
            let read = dequantise(kind, &scale, &bytes, shape, &scales);
            let most = scale.iter().fold(0f32, |a, b| a.max(*b));
            for (a, b) in values.iter().zip(&read) {
                assert!(
                    (a - b).abs() <= most * 0.501,
                    "{kind:?} {shape:?}: {a} became {b}"
                );
            }
        }
        // Of a kernel, 32 inputs are alone with their scale.
        let kernel = &values[..6 * 64];
        let (scale, _) = quantise(Kind::Int4, kernel, &[6, 4, 4, 4], &[6, 2]);
        let most = kernel
            .chunks(32)
            .map(|group| group.iter().fold(0f32, |a, b| a.max(b.abs())));
        assert_eq!(scale, most.map(|most| most / 7.0).collect::<Vec<_>>());
        assert_eq!(Kind::Int4.scales(&[31, 2], false), None);
        assert_eq!(Kind::Int4.scales(&[64, 3], false), None);
        assert_eq!(Kind::Int4.scales(&[32, 3, 3, 3], false), None);
        let (scale, bytes) = quantise(Kind::Int8, &[0.0; 4], &[2, 2], &[1, 2]);
        assert_eq!((scale, bytes), (vec![0.0; 2], vec![0; 4]));
    }
}
