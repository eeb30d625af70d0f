//! On WebGPU: one kernel in WGSL, launched on burn's own buffers and queue.
//!
//! burn's convolution compiles a kernel for every shape and chooses among several by timing them;
//! this one is compiled three times for a whole editor (3x3, 4x4 with stride 2, 1x1), whatever
//! the photo's shape, needs no feature that a browser may lack, and does the bias, the activation
//! and the upsampling as well.

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeDim, KernelSource, SourceKernel, SourceTemplate, into_contiguous};
use burn::backend::{Backend, Cube, Dispatch, TensorMetadata, backend_extension};
use burn::cubecl::CubeCount;
use burn::cubecl::prelude::KernelId;
use burn::cubecl::server::KernelArguments;
use burn::tensor::{DType, Tensor};

use super::{Fused, Shape};

/// Channels, and neighbouring positions, that one invocation computes.
const BLOCK: usize = 4;
/// Invocations of a workgroup: blocks of positions across, rows, blocks of channels.
const WORKGROUP: [u32; 3] = [4, 4, 4];

/// Weights as `[in, kernel, kernel, out]` and a bias, `out` a multiple of four.
#[derive(Debug, Clone)]
pub struct Weights {
    weight: Tensor<4>,
    bias: Tensor<1>,
}

impl Weights {
    pub fn new(weight: Tensor<4>, bias: Option<Tensor<1>>) -> Self {
        let device = weight.device();
        let [out, cin, k, _] = weight.dims();
        let bias = bias.unwrap_or_else(|| Tensor::zeros([out], &device));
        let missing = out.next_multiple_of(BLOCK) - out;
        let (weight, bias) = match missing {
            0 => (weight, bias),
            _ => (
                Tensor::cat(
                    vec![weight, Tensor::zeros([missing, cin, k, k], &device)],
                    0,
                ),
                Tensor::cat(vec![bias, Tensor::zeros([missing], &device)], 0),
            ),
        };
        // Flattened and back: that moves the numbers, once.
        let flat: Tensor<1> = weight.permute([1, 2, 3, 0]).reshape([-1]);
        let weight = flat.reshape([cin, k, k, out + missing]);
        Self { weight, bias }
    }
}

/// As [`PrepackedConv::forward`](super::PrepackedConv::forward).
pub fn forward(x: Tensor<4>, weights: &Weights, shape: Shape, fused: Fused) -> Tensor<4> {
    let Weights { weight, bias } = weights.clone();
    let (x, weight, bias) = (
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    );
    let y = <Dispatch as GpuKernels>::conv(x, weight, bias, shape, fused);
    Tensor::from_dispatch(y)
}

#[backend_extension(Cube)]
trait GpuKernels: Backend {
    fn conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: Shape,
        fused: Fused,
    ) -> FloatTensor<Self>;
}

impl GpuKernels for Cube {
    fn conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: Shape,
        fused: Fused,
    ) -> FloatTensor<Self> {
        let x = into_contiguous(x);
        let &[batch, cin, h, w] = &x.shape()[..] else {
            panic!("conv2d: the input is not of rank 4: {:?}", x.shape())
        };
        let scale = fused.scale();
        let [oh, ow] = shape.output([h * scale, w * scale]);
        let y_shape = [batch, shape.out, oh, ow].into();
        let size = batch * shape.out * oh * ow * size_of::<f32>();
        let client = x.client.clone();
        let y = client.empty(size);
        let y = FloatTensor::<Self>::new_contiguous(
            client.clone(),
            x.device.clone(),
            y_shape,
            y,
            DType::F32,
        );

        let numbers = [cin, h, w, shape.out, oh, ow, usize::from(fused.upsample)].map(|n| n as u32);
        let slope = (fused.activation.slope() as f32).to_bits();
        let numbers: Vec<u8> = numbers
            .into_iter()
            .chain([slope])
            .flat_map(u32::to_ne_bytes)
            .collect();
        let numbers = client.create_from_slice(&numbers);

        let blocks = [ow.div_ceil(BLOCK), oh, shape.out.div_ceil(BLOCK) * batch];
        let [across, down, deep] = [0, 1, 2].map(|i| (blocks[i] as u32).div_ceil(WORKGROUP[i]));
        let [wx, wy, wz] = WORKGROUP;
        let tensors = [&x, &weight, &bias, &y].map(|tensor| tensor.handle.clone().binding());
        let arguments = KernelArguments::new()
            .with_buffers(tensors.into())
            .with_buffer(numbers.binding());
        let kernel = SourceKernel::new(Source(shape), CubeDim::new_3d(wx, wy, wz));
        client.launch(
            Box::new(kernel),
            CubeCount::Static(across, down, deep),
            arguments,
        );
        y
    }
}

/// The kernel for one kind of convolution; the number of channels is not among what it depends on.
struct Source(Shape);

impl Source {
    fn kind(&self) -> [usize; 3] {
        [self.0.kernel, self.0.stride, self.0.padding]
    }
}

impl KernelSource for Source {
    /// What an invocation does for one row of the kernel is written out here: not every driver
    /// unrolls loops, and an array that is not unrolled is no register.
    fn source(&self) -> SourceTemplate {
        let [kernel, stride, padding] = self.kind();
        let lines = |lines: Vec<String>| lines.join("\n");
        let seen = stride * (BLOCK - 1) + kernel;
        let places = (0..seen).map(|i| {
            format!("let c{i} = left + {i}; let in{i} = f32(c{i} >= 0 && c{i} < columns); let o{i} = u32(clamp(c{i}, 0, columns - 1)) >> p.upsample;")
        });
        let load = (0..seen).map(|i| format!("let s{i} = in{i} * x[row + o{i}];"));
        let add = (0..kernel).map(|kx| {
            let sums = (0..BLOCK).map(|j| format!("a{j} += w{kx} * s{};", j * stride + kx));
            format!(
                "let w{kx} = weights[w + {kx}u * blocks]; {}",
                sums.collect::<String>()
            )
        });
        let sums = (0..BLOCK).map(|j| format!("var a{j} = bias[block];"));
        let store = (0..BLOCK).map(|j| format!("store(at, {j}u, a{j});"));
        SourceTemplate::new(include_str!("conv.wgsl"))
            .register("kernel", kernel.to_string())
            .register("stride", stride.to_string())
            .register("padding", padding.to_string())
            .register("x", WORKGROUP[0].to_string())
            .register("y", WORKGROUP[1].to_string())
            .register("z", WORKGROUP[2].to_string())
            .register("places", lines(places.collect()))
            .register("load", lines(load.collect()))
            .register("add", lines(add.collect()))
            .register("sums", lines(sums.collect()))
            .register("store", lines(store.collect()))
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.kind())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
