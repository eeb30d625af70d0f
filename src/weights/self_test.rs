//! A small output, kept in the file, to notice a device that computes something else.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use wordloom_kernels::tensor;

use super::{Generator, WeightsError};

/// What a model computed when it was packed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// The condition that the first of the prompts stands for; empty before packing.
    pub condition: Vec<f32>,
    /// Averages over the [`CELLS`] x [`CELLS`] cells of each channel of what the generator is
    /// [probed](Generator::probe) with, as shares of their range, in [0, 1]; empty before packing.
    pub values: Vec<f32>,
    /// How far apart they may be, as a share of the range; at most two steps of an 8-bit picture.
    pub tolerance: f32,
    /// Side of the drawing that an editor is probed with; a multiple of 32.
    #[serde(default = "large")]
    pub side: usize,
}

/// What files have that do not say it.
fn large() -> usize {
    64
}

/// Two steps of an 8-bit picture: single precision is a thousand times nearer, and what is
/// further off would be seen.
const TOLERANCE: f32 = 2.0 / 255.0;

/// Averages across and down.
const CELLS: usize = 8;

/// Side of the drawing: twice the trunk's stride, a small part of the work of a photo. A page waits for
/// the test.
const SIDE: usize = 32;

impl Default for SelfTest {
    /// Of a model that has not been packed.
    fn default() -> Self {
        Self {
            condition: Vec::new(),
            values: Vec::new(),
            tolerance: TOLERANCE,
            side: SIDE,
        }
    }
}

impl SelfTest {
    /// Of a model that is being packed, whose generator takes a condition of so many numbers.
    pub(super) fn draft(condition: usize) -> Self {
        Self {
            condition: vec![0.0; condition],
            ..Self::default()
        }
    }

    /// What a generator computes under a condition `[1, condition]`, on a device that need not be
    /// waited for.
    ///
    /// # Errors
    /// When the device fails.
    pub(super) fn new<G: Generator>(
        generator: &G,
        condition: Tensor<2>,
    ) -> Result<Self, WeightsError> {
        let short = |values: Vec<f32>| {
            let short = |value: f32| (value * 1e4).round() / 1e4;
            values.into_iter().map(short).collect()
        };
        let mut values = Vec::new();
        for picture in generator.probe(condition.clone(), SIDE) {
            values.extend(averages(picture.dims(), &numbers(picture.into_data())?));
        }
        Ok(Self {
            condition: short(numbers(condition.into_data())?),
            values: short(values),
            ..Self::default()
        })
    }

    /// Refuses a drawing that no editor takes, or that fills the memory, a condition that the generator
    /// does not take, and a tolerance that would pass what can be seen.
    pub(super) fn check(&self, condition: usize) -> Result<(), WeightsError> {
        let refuse = |why| Err(WeightsError::metadata("self_test", why));
        let (side, found) = (self.side, self.condition.len());
        if !(side.is_multiple_of(SIDE) && (SIDE..=1 << 10).contains(&side)) {
            return refuse(format!("side is {side}, not 32, 64 ... 1024"));
        }
        if found != condition {
            return refuse(format!("condition has {found} numbers, not {condition}"));
        }
        if !(0.0..=TOLERANCE).contains(&self.tolerance) {
            let found = self.tolerance;
            return refuse(format!("tolerance is {found}, not 0 to {TOLERANCE}"));
        }
        Ok(())
    }

    /// Compares how the first prompt is read now with how it was read when packed.
    pub(super) async fn read(&self, condition: Tensor<2>) -> Result<f32, WeightsError> {
        self.compare(&self.condition, &read_back(condition).await?)
    }

    /// Compares what a generator computes now with what it computed when packed, and gives the
    /// largest difference as a share of the range.
    ///
    /// # Errors
    /// When a value is further off than allowed, or the device fails.
    pub async fn paint<G: Generator>(&self, generator: &G) -> Result<f32, WeightsError> {
        let device = generator.devices().swap_remove(0);
        let condition = tensor(self.condition.clone(), [1, self.condition.len()], &device);
        let mut values = Vec::new();
        for picture in generator.probe(condition, self.side) {
            values.extend(averages(picture.dims(), &read_back(picture).await?));
        }
        self.compare(&self.values, &values)
    }

    pub(super) fn compare(&self, packed: &[f32], values: &[f32]) -> Result<f32, WeightsError> {
        let apart = packed.iter().zip(values).map(|(a, b)| (a - b).abs());
        // A NaN is as far off as can be.
        let difference = apart.fold(0.0, |most: f32, d| match d.is_nan() {
            true => f32::INFINITY,
            false => most.max(d),
        });
        match difference <= self.tolerance && packed.len() == values.len() {
            true => Ok(difference),
            false => Err(WeightsError::SelfTest {
                difference,
                tolerance: self.tolerance,
            }),
        }
    }
}

/// The averages of a picture `[1, c, s, s]` that the self-test compares, as shares of the range.
pub(super) fn averages([_, channels, side, _]: [usize; 4], values: &[f32]) -> Vec<f32> {
    let cell = side.div_ceil(CELLS);
    let mut averages = vec![0.0; channels * CELLS * CELLS];
    for (i, value) in values.iter().enumerate() {
        let (channel, y, x) = (i / (side * side), i / side % side, i % side);
        averages[(channel * CELLS + y / cell) * CELLS + x / cell] += (value + 1.0) / 2.0;
    }
    let pixels = (cell * cell) as f32;
    averages.iter_mut().for_each(|sum| *sum /= pixels);
    averages
}

/// The values of a tensor, off its device.
pub(super) async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, WeightsError> {
    let data = tensor.into_data_async().await;
    numbers(data.map_err(|error| WeightsError::Device(error.to_string()))?)
}

pub(super) fn numbers(data: TensorData) -> Result<Vec<f32>, WeightsError> {
    let error = |error: &dyn std::fmt::Debug| WeightsError::Device(format!("{error:?}"));
    data.try_into_vec().map_err(|e| error(&e))
}

/// What models are tried on without a photo: a round flower left of the middle of a green picture,
/// `[1, 3, side, side]` in [-1, 1].
pub fn drawing(side: usize, device: &Device) -> Tensor<4> {
    let pixel = |channel: usize, y: usize, x: usize| {
        let [x, y] = [x, y].map(|at| (at * 64) as f32 / side as f32);
        let (dx, dy) = (x - 28.0, y - 34.0);
        let light = (x + y) / 512.0;
        let colour = match dx * dx + dy * dy {
            d if d < 25.0 => [0.8, 0.6, -0.6],
            d if d < 324.0 => [0.5, -0.2, 0.4],
            _ => [-0.7, -0.1, -0.8],
        };
        colour[channel] + light - 0.125
    };
    let planes: Vec<f32> = (0..3 * side * side)
        .map(|i| pixel(i / (side * side), i / side % side, i % side))
        .collect();
    tensor(planes, [1, 3, side, side], device)
}
