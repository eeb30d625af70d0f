//! Each operation and its gradients beside burn's own in single precision.

use super::casts::maps_of;
use super::*;
use std::cell::Cell;
use std::io::Write;

use burn::tensor::activation::{leaky_relu, sigmoid as burns_sigmoid};
use burn::tensor::module::{batch_norm_train, conv2d, interpolate};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, TensorData};

/// bf16 has eight bits: each number is rounded by at most a 256th of itself, and sums of rounded
/// numbers are off by as much of their spread.
fn rounded(of: Type) -> f64 {
    match of {
        Type::Bf16 => 1.0 / 256.0,
        Type::F32 => 1e-5,
    }
}

/// Where rounding opens or closes a ReLU: a sum of numbers with eight bits is often about 0.
fn opened(of: Type) -> f64 {
    match of {
        Type::Bf16 => 0.1,
        Type::F32 => 1e-4,
    }
}

/// Runs a test of both types of maps, on two threads, however many the machine has.
fn in_both(test: impl Fn(Type) + Send) {
    if ready() {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let half = has_bf16().then_some(Type::Bf16);
        let both = || half.into_iter().chain([Type::F32]).for_each(test);
        threads.expect("two threads").install(both);
    }
}

/// Says so, past what the test runner hides, where there is nothing to test.
fn ready() -> bool {
    let ready = load();
    if !ready {
        let why = "skipped: no oneDNN here (libdnnl.so.3, or the file that ONEDNN names)";
        let _ = writeln!(std::io::stderr(), "{}: {why}", module_path!());
    }
    ready
}

fn device() -> Device {
    Device::flex().autodiff()
}

thread_local! {
    /// Each test draws the same numbers, whichever run beside it.
    static DRAWN: Cell<u64> = const { Cell::new(1) };
}

/// Normal, around 0.2: Box and Muller's pairs of a linear congruential generator (Knuth's MMIX).
fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    let uniform = || {
        let next = DRAWN.get().wrapping_mul(6_364_136_223_846_793_005);
        DRAWN.set(next.wrapping_add(1_442_695_040_888_963_407));
        ((DRAWN.get() >> 40) as f32 + 0.5) / (1u64 << 24) as f32
    };
    let normal =
        || 0.2 + (-2.0 * uniform().ln()).sqrt() * (std::f32::consts::TAU * uniform()).cos();
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| normal()).collect();
    Tensor::from_data(TensorData::new(values, shape), &device())
}

/// The same photos as maps and as burn's tensor, both with gradients.
fn maps_and_floats(of: Type, shape: [usize; 4]) -> [Tensor<4>; 2] {
    let maps = maps_of(random(shape), of);
    let exact = maps.to_data().convert::<f32>();
    let floats = Tensor::from_data(exact, &device());
    [maps.require_grad(), floats.require_grad()]
}

fn values(data: TensorData) -> Vec<f64> {
    let values = data.convert::<f32>().try_into_vec::<f32>().expect("floats");
    values.into_iter().map(f64::from).collect()
}

/// That what is ours differs by at most this share of burn's, in the mean square.
fn assert_near(what: &str, ours: TensorData, burns: TensorData, share: f64) {
    assert_eq!(ours.shape(), burns.shape(), "{what}");
    let (ours, burns) = (values(ours), values(burns));
    let squares = |of: &mut dyn Iterator<Item = f64>| of.map(|x| x * x).sum::<f64>();
    let apart = squares(&mut ours.iter().zip(&burns).map(|(a, b)| a - b));
    let size = squares(&mut burns.iter().copied());
    let off = (apart / size).sqrt();
    assert!(off <= share, "{what} is {off:.5} of its size off");
}

/// Compares two maps, and the gradients of each pair of tensors, under the same pull at every value.
struct Compared {
    gradients: [Gradient; 2],
    share: f64,
}

type Gradient = burn::tensor::Gradients;

impl Compared {
    /// Ours as maps, burn's as its tensor.
    fn maps(of: Type, what: &str, ours: Tensor<4>, burns: Tensor<4>, share: f64) -> Self {
        let dtype = match of {
            Type::Bf16 => DType::BF16,
            Type::F32 => DType::F32,
        };
        assert_eq!(ours.dtype(), dtype, "{what}");
        let rows: Tensor<3> = burns.flatten(2, 3);
        Self::of(what, float(ours), rows.swap_dims(1, 2), share)
    }

    fn of<const D: usize>(what: &str, ours: Tensor<D>, burns: Tensor<D>, share: f64) -> Self {
        assert_near(what, ours.to_data(), burns.to_data(), share);
        let pull = random(ours.dims());
        let gradients = [ours, burns].map(|y| (y * pull.clone()).sum().backward());
        Self { gradients, share }
    }

    fn gradient<const D: usize>(&self, of: &str, [ours, burns]: &[Tensor<D>; 2]) {
        let gradient = |tensor: &Tensor<D>, i: usize| {
            let gradient = tensor.grad(&self.gradients[i]);
            gradient.expect("a gradient").into_data()
        };
        assert_near(of, gradient(ours, 0), gradient(burns, 1), self.share);
    }
}

/// A weight in single precision, once for ours and once for burn's.
fn weights<const D: usize>(shape: [usize; D]) -> [Tensor<D>; 2] {
    let weight = random(shape);
    [weight.clone().detach(), weight.detach()].map(Tensor::require_grad)
}

fn burns_conv(x: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
    conv2d(x, weight, None, options)
}

/// (batch, channels in and out, height, width, kernel, stride, padding)
const CONVOLUTIONS: [[usize; 8]; 7] = [
    [1, 3, 32, 16, 16, 4, 2, 1],
    [2, 3, 5, 8, 10, 4, 2, 1],
    [2, 16, 16, 6, 7, 3, 1, 1],
    [3, 40, 24, 5, 9, 3, 1, 1],
    [1, 7, 48, 12, 4, 3, 1, 1],
    [2, 32, 8, 5, 3, 1, 1, 0],
    // More than a core works on at a time, and an odd number of photos for two.
    [5, 8, 24, 24, 25, 3, 1, 1],
];

#[test]
fn convolutions_agree() {
    in_both(|of| {
        for [b, cin, cout, h, w, k, stride, padding] in CONVOLUTIONS {
            let x = maps_and_floats(of, [b, cin, h, w]);
            let weight = weights([cout, cin, k, k]);
            let ours = super::conv2d(x[0].clone(), weight[0].clone(), stride, padding);
            let burns = burns_conv(x[1].clone(), weight[1].clone(), stride, padding);
            let compared = Compared::maps(of, "a convolution", ours, burns, rounded(of));
            compared.gradient("its input's gradient", &x);
            compared.gradient("its weight's gradient", &weight);
        }
    });
}

#[test]
fn convolutions_with_their_norms_agree() {
    in_both(|of| {
        for (shape, slope) in CONVOLUTIONS
            .into_iter()
            .flat_map(|s| [(s, 0.0), (s, 0.2), (s, 1.0)])
        {
            let [b, cin, cout, h, w, k, stride, padding] = shape;
            let x = maps_and_floats(of, [b, cin, h, w]);
            let weight = weights([cout, cin, k, k]);
            let (gamma, beta) = (weights([cout]), weights([cout]));
            let options = NormOptions {
                stride,
                padding,
                epsilon: 1e-5,
                slope,
            };
            let ours = conv_norm(
                x[0].clone(),
                weight[0].clone(),
                gamma[0].clone(),
                beta[0].clone(),
                options,
            );
            let z = burns_conv(x[1].clone(), weight[1].clone(), stride, padding);
            let burns = batch_norm_train(z, gamma[1].clone(), beta[1].clone(), 1e-5);
            for (what, ours, burns) in [
                ("a mean", ours.mean, burns.mean),
                ("a variance", ours.variance, burns.variance),
            ] {
                assert_near(what, ours.into_data(), burns.into_data(), 4.0 * rounded(of));
            }
            let output = leaky_relu(burns.output, f64::from(slope));
            let what = format!("{shape:?} with its norm, slope {slope}");
            let mut compared = Compared::maps(of, &what, ours.output, output, 4.0 * rounded(of));
            compared.share = if slope < 1.0 {
                opened(of)
            } else {
                8.0 * rounded(of)
            };
            compared.gradient("its input's gradient", &x);
            compared.gradient("its weight's gradient", &weight);
            compared.gradient("gamma's gradient", &gamma);
            compared.gradient("beta's gradient", &beta);
        }
    });
}

/// More values than a core works on at a time are in the last one.
const MAPS: [[usize; 4]; 4] = [[1, 8, 1, 1], [2, 3, 4, 5], [3, 48, 2, 7], [2, 40, 24, 25]];

#[test]
fn sums_agree() {
    in_both(|of| {
        for (shape, slope) in MAPS
            .into_iter()
            .flat_map(|s| [(s, 0.0), (s, 0.25), (s, 1.0)])
        {
            let (a, b) = (maps_and_floats(of, shape), maps_and_floats(of, shape));
            let ours = add(a[0].clone(), b[0].clone(), slope);
            let burns = a[1].clone() + b[1].clone();
            let burns = leaky_relu(burns, slope);
            let mut compared = Compared::maps(of, "a sum", ours, burns, rounded(of));
            compared.share = if slope == 1.0 {
                rounded(of)
            } else {
                opened(of)
            };
            compared.gradient("its first gradient", &a);
            compared.gradient("its second gradient", &b);
        }
    });
}

#[test]
fn upsampling_agrees() {
    in_both(|of| {
        for [n, c, h, w] in MAPS {
            let x = maps_and_floats(of, [n, c, h, w]);
            let twice =
                InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * h, 2 * w]);
            let burns = interpolate(x[1].clone(), twice);
            let ours = upsample(x[0].clone());
            // Nothing is computed, so nothing is rounded.
            assert_near("upsampled", ours.to_data(), burns.to_data(), 0.0);
            let compared = Compared::maps(of, "upsampled", ours, burns, rounded(of));
            compared.gradient("its gradient", &x);
        }
    });
}

#[test]
fn means_and_what_is_added_to_places_agree() {
    in_both(|of| {
        for [n, c, h, w] in MAPS {
            let x = maps_and_floats(of, [n, c, h, w]);
            let burns: Tensor<3> = x[1].clone().flatten(2, 3);
            let burns: Tensor<2> = burns.mean_dim(2).squeeze_dim(2);
            let ours = mean_over_places(x[0].clone());
            assert_eq!(ours.dtype(), DType::F32);
            let compared = Compared::of("a mean", ours, burns, rounded(of));
            compared.gradient("its gradient", &x);

            let x = maps_and_floats(of, [n, c, h, w]);
            let v = weights([n, c]);
            let ours = add_to_places(x[0].clone(), v[0].clone(), 1.0);
            let burns = x[1].clone() + v[1].clone().reshape([n, c, 1, 1]);
            let compared = Compared::maps(of, "added to places", ours, burns, rounded(of));
            compared.gradient("the map's gradient", &x);
            compared.gradient("the vector's gradient", &v);

            let x = maps_and_floats(of, [n, c, h, w]);
            let bias = weights([c]);
            let ours = add_to_all(x[0].clone(), bias[0].clone(), 0.2);
            let burns = x[1].clone() + bias[1].clone().reshape([1, c, 1, 1]);
            let burns = leaky_relu(burns, 0.2);
            let mut compared = Compared::maps(of, "a bias", ours, burns, rounded(of));
            compared.share = opened(of);
            compared.gradient("the map's gradient", &x);
            compared.gradient("the bias's gradient", &bias);
        }
    });
}

#[test]
fn places_are_floats_in_their_order() {
    in_both(|of| {
        for shape in MAPS {
            let x = maps_and_floats(of, shape);
            let burns: Tensor<3> = x[1].clone().flatten(2, 3);
            let burns = burns.swap_dims(1, 2);
            let ours = float(x[0].clone());
            assert_eq!(ours.dtype(), DType::F32);
            assert_near("places", ours.to_data(), burns.to_data(), 0.0);
            let compared = Compared::of("places", ours, burns, rounded(of));
            compared.gradient("their gradient", &x);
        }
    });
}

#[test]
fn sigmoids_agree() {
    in_both(|_| {
        let x = weights([2, 3, 40_000]);
        let (ours, burns) = (sigmoid(x[0].clone()), burns_sigmoid(x[1].clone()));
        let compared = Compared::of("a sigmoid", ours, burns, 1e-4);
        compared.gradient("its gradient", &x);
    });
}

#[test]
fn a_cost_has_the_gradient_that_it_is_given() {
    in_both(|_| {
        let [x, gradient] = weights([2, 3, 20_000]);
        let numbers = gradient.into_data().try_into_vec().unwrap();
        let pulled = with_gradient(x.clone(), numbers.clone()) * 3.0;
        let found = x.grad(&pulled.backward()).unwrap().into_data();
        let thrice: Vec<f32> = numbers.into_iter().map(|slope| 3.0 * slope).collect();
        assert_eq!(found, TensorData::new(thrice, [2, 3, 20_000]));
    });
}

#[test]
fn gated_linear_units_agree() {
    in_both(|of| {
        for [n, c, h, w] in MAPS {
            let x = maps_and_floats(of, [n, 2 * c, h, w]);
            let [values, gates] = [0, c].map(|from| x[1].clone().narrow(1, from, c));
            let ours = glu(x[0].clone());
            let compared = Compared::maps(
                of,
                "a gate",
                ours,
                values * burns_sigmoid(gates),
                rounded(of),
            );
            compared.gradient("its gradient", &x);
        }
    });
}

#[test]
fn maps_are_joined_in_their_order() {
    in_both(|of| {
        for [n, c, h, w] in MAPS {
            let (a, b) = (
                maps_and_floats(of, [n, c, h, w]),
                maps_and_floats(of, [n, c + 3, h, w]),
            );
            let ours = join(a[0].clone(), b[0].clone());
            let burns = Tensor::cat(vec![a[1].clone(), b[1].clone()], 1);
            assert_near("joined", ours.to_data(), burns.to_data(), 0.0);
            let compared = Compared::maps(of, "joined", ours, burns, rounded(of));
            compared.gradient("the first one's gradient", &a);
            compared.gradient("the second one's gradient", &b);
        }
    });
}

#[test]
fn a_tensor_has_the_gradient_of_its_map() {
    in_both(|of| {
        let x = weights([2, 5, 3, 4]);
        let ours = maps_of(x[0].clone(), of);
        let compared = Compared::maps(of, "a map", ours, x[1].clone(), rounded(of));
        compared.gradient("its gradient", &x);
    });
}

#[test]
fn photos_are_rounded_to_the_nearest_and_no_further() {
    in_both(|of| {
        let photo = random([2, 3, 5, 4]);
        let map = maps_of(photo.clone(), of);
        let (map, exact) = (values(map.into_data()), values(photo.into_data()));
        for (map, exact) in map.into_iter().zip(exact) {
            let off = (map - exact).abs();
            assert!(off <= rounded(of) * exact.abs(), "{map} {exact}");
        }
    });
}

#[test]
fn what_a_network_is_given_stays_as_it_is_until_the_library_is_used() {
    let photo = random([1, 3, 2, 2]);
    let given = given(photo.clone());
    assert!(!takes(&given));
    given.into_data().assert_eq(&photo.into_data(), true);
}
