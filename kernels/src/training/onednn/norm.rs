//! A convolution and its batch norm in training, with a ReLU behind them or none, as one operation.

use super::*;
use crate::training::Normed;

/// `norm(conv(x, weight))`, or its ReLU, the norm by the batch's own statistics (Ioffe and Szegedy 2015,
/// algorithm 1).
///
/// # Shapes
/// - `x`: `[b, in, h, w]` in bf16
/// - `weight`: `[out, in, k, k]`, `gamma` and `beta`: `[out]`, in single precision
pub fn conv_norm(
    x: Tensor<4>,
    weight: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    options: NormOptions,
) -> Normed {
    let (output, mean, variance) = <Dispatch as HalfNorm>::half_norm(
        x.into_dispatch(),
        weight.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        options,
    );
    Normed {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// What such a layer is, beside its weights.
#[derive(Debug, Clone, Copy)]
pub struct NormOptions {
    /// Positions from one to the next.
    pub stride: usize,
    /// Zeros around the source.
    pub padding: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether a ReLU follows.
    pub relu: bool,
}

#[backend_extension(Flex, Autodiff)]
trait HalfNorm: Backend {
    fn half_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        options: NormOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Shape of the map, bits of epsilon, ReLU.
type Key = ([usize; 4], u32, bool);

fn plans_of((shape, epsilon, relu): Key) -> Arc<[Plan; 2]> {
    static PLANS: LazyLock<Mutex<HashMap<Key, Arc<[Plan; 2]>>>> = LazyLock::new(Mutex::default);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let library = library().expect("maps in bf16 are made where the library is");
        Arc::new(library.batch_norm(shape, f32::from_bits(epsilon), relu, Type::Bf16))
    };
    plans
        .entry((shape, epsilon, relu))
        .or_insert_with(make)
        .clone()
}

/// What the layer computed on the way, for its gradient.
#[derive(Debug, Clone)]
struct Kept {
    x: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    gamma: FloatTensor<Flex>,
    /// The convolution, before the norm.
    z: Arc<Vec<bf16>>,
    mean: Arc<Vec<f32>>,
    variance: Arc<Vec<f32>>,
    /// Where the ReLU let through.
    open: Option<Arc<Vec<u8>>>,
    shape: Convolution,
    key: Key,
}

fn forward(
    x: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    gamma: FloatTensor<Flex>,
    beta: &FloatTensor<Flex>,
    options: NormOptions,
) -> (FloatTensor<Flex>, Kept) {
    let shape = convolution(&x, &weight, options.stride, options.padding);
    let (x, weight, gamma) = (last(x), weight.to_contiguous(), gamma.to_contiguous());
    let beta = beta.to_contiguous();
    let z = plan_of(shape).forward(elements(&x), floats(&weight));
    let key = (shape.result(), options.epsilon.to_bits(), options.relu);
    let plans = plans_of(key);
    let plan = &plans[0];
    let mut y = plan.room::<bf16>(arg::RESULT);
    let mut mean = plan.room::<f32>(arg::MEAN);
    let mut variance = plan.room::<f32>(arg::VARIANCE);
    let mut open = options.relu.then(|| plan.room::<u8>(arg::WORKSPACE));
    let mut outputs: Vec<(i32, &mut dyn library::Fill)> = vec![
        (arg::RESULT, &mut y),
        (arg::MEAN, &mut mean),
        (arg::VARIANCE, &mut variance),
    ];
    if let Some(open) = &mut open {
        outputs.push((arg::WORKSPACE, open));
    }
    plan.run(
        &[
            (arg::SOURCE, &&z[..]),
            (arg::SCALE, &floats(&gamma)),
            (arg::SHIFT, &floats(&beta)),
        ],
        &mut outputs,
    );
    let kept = Kept {
        x,
        weight,
        gamma,
        z: Arc::new(z),
        mean: Arc::new(mean.values()),
        variance: Arc::new(variance.values()),
        open: open.map(|open| Arc::new(open.values())),
        shape,
        key,
    };
    (maps(y.values(), shape.result()), kept)
}

impl Kept {
    fn statistics(&self) -> [FloatTensor<Flex>; 2] {
        let channels = [self.key.0[1]];
        [&self.mean, &self.variance].map(|of| flex(of.to_vec(), channels))
    }

    /// Gradients of the convolution's result, of gamma and of beta.
    fn gradients(&self, gradient: &[bf16]) -> (Vec<bf16>, Vec<f32>, Vec<f32>) {
        let plans = plans_of(self.key);
        let plan = &plans[1];
        let mut dz = plan.room::<bf16>(arg::SOURCE_GRADIENT);
        let mut dgamma = plan.room::<f32>(arg::SCALE_GRADIENT);
        let mut dbeta = plan.room::<f32>(arg::SHIFT_GRADIENT);
        let (z, mean, variance) = (&self.z[..], &self.mean[..], &self.variance[..]);
        let gamma = floats(&self.gamma);
        let open = self.open.as_ref().map(|open| &open[..]);
        let mut inputs: Vec<(i32, &dyn library::Bytes)> = vec![
            (arg::SOURCE, &z),
            (arg::RESULT_GRADIENT, &gradient),
            (arg::SCALE, &gamma),
            (arg::MEAN, &mean),
            (arg::VARIANCE, &variance),
        ];
        if let Some(open) = &open {
            inputs.push((arg::WORKSPACE, open));
        }
        plan.run(
            &inputs,
            &mut [
                (arg::SOURCE_GRADIENT, &mut dz),
                (arg::SCALE_GRADIENT, &mut dgamma),
                (arg::SHIFT_GRADIENT, &mut dbeta),
            ],
        );
        (dz.values(), dgamma.values(), dbeta.values())
    }
}

impl HalfNorm for Flex {
    fn half_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        options: NormOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (y, kept) = forward(x, weight, gamma, &beta, options);
        let [mean, variance] = kept.statistics();
        (y, mean, variance)
    }
}

#[derive(Debug)]
struct HalfNormBackward;

impl Backward<Flex, 4> for HalfNormBackward {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = last(grads.consume::<Flex>(&ops.node));
        let [x_node, weight_node, gamma_node, beta_node] = ops.parents;
        let kept = ops.state;
        let channels = [kept.key.0[1]];
        let (dz, dgamma, dbeta) = kept.gradients(elements(&gradient));
        let plan = plan_of(kept.shape);
        if let Some(node) = x_node {
            let dx = plan.input_gradient(&dz, floats(&kept.weight));
            grads.register::<Flex>(node.id, maps(dx, kept.shape.source));
        }
        if let Some(node) = weight_node {
            let dw = plan.weight_gradient(elements(&kept.x), &dz);
            grads.register::<Flex>(node.id, flex(dw, kept.shape.weight));
        }
        for (node, gradient) in [(gamma_node, dgamma), (beta_node, dbeta)] {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, flex(gradient, channels));
            }
        }
    }
}

impl<C: CheckpointStrategy> HalfNorm for Autodiff<Flex, C> {
    fn half_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        options: NormOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [x.node(), weight.node(), gamma.node(), beta.node()];
        let operation = HalfNormBackward.prepare::<C>(nodes);
        let (y, kept) = forward(
            x.into_primitive(),
            weight.into_primitive(),
            gamma.into_primitive(),
            &beta.into_primitive(),
            options,
        );
        let [mean, variance] = kept.statistics().map(Self::from_inner);
        let y = match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(kept, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        (y, mean, variance)
    }
}
