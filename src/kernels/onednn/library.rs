//! oneDNN's C interface (version 3), loaded when the trainer starts: nothing is needed to build.
//!
//! A [`Plan`] is a primitive with the shapes and types of what it reads and writes; running one checks
//! every length against them, so that no caller can reach past its memory.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};

use half::bf16;
use libloading::Library;

/// An object of oneDNN's. None is ever freed but memories: plans live as long as the program.
type Handle = *mut c_void;

/// Calls give 0 for success.
type Status = c_int;

/// What an argument is to a primitive: `DNNL_ARG_*`.
#[allow(missing_docs)]
pub mod arg {
    pub const SOURCE: i32 = 1;
    pub const RESULT: i32 = 17;
    pub const WEIGHT: i32 = 33;
    pub const MEAN: i32 = 49;
    pub const VARIANCE: i32 = 50;
    pub const SCALE: i32 = 51;
    pub const SHIFT: i32 = 52;
    pub const WORKSPACE: i32 = 64;
    pub const SOURCE_GRADIENT: i32 = 129;
    pub const RESULT_GRADIENT: i32 = 145;
    pub const WEIGHT_GRADIENT: i32 = 161;
    pub const SCALE_GRADIENT: i32 = 255;
    pub const SHIFT_GRADIENT: i32 = 256;
}

/// What a descriptor of a primitive can be asked for: `dnnl_query_*_md`.
pub mod query {
    /// The weight, as the primitive wants it.
    pub const WEIGHT: c_int = 131;
    /// The gradient of the weight.
    pub const WEIGHT_GRADIENT: c_int = 132;
    /// What a batch norm remembers of its ReLU.
    pub const WORKSPACE: c_int = 135;
    use super::c_int;
}

const CPU: c_int = 1;
const IN_ORDER: u32 = 1;
const ANY_LAYOUT: c_int = 1;
const TRAINING: c_int = 64;
const BACKWARD: c_int = 128;
const DIRECT: c_int = 1;

/// Types of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Sixteen bits, eight of them the exponent.
    Bf16 = 2,
    /// Single precision.
    F32 = 3,
}

macro_rules! functions {
    ($($name:ident($($argument:ty),*) -> $result:ty;)*) => {
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) -> $result,)*
        }

        impl Functions {
            /// # Safety
            /// The library has to be oneDNN of version 3.
            unsafe fn of(library: &Library) -> Result<Self, libloading::Error> {
                Ok(Self {
                    // SAFETY: the signatures are those of dnnl.h.
                    $($name: *unsafe { library.get(concat!("dnnl_", stringify!($name)).as_bytes()) }?,)*
                })
            }
        }
    };
}

functions! {
    engine_create(*mut Handle, c_int, usize) -> Status;
    stream_create(*mut Handle, Handle, u32) -> Status;
    memory_desc_create_with_strides(*mut Handle, c_int, *const i64, c_int, *const i64) -> Status;
    memory_desc_create_with_tag(*mut Handle, c_int, *const i64, c_int, c_int) -> Status;
    memory_desc_get_size(Handle) -> usize;
    memory_create(*mut Handle, Handle, Handle, *mut c_void) -> Status;
    memory_destroy(Handle) -> Status;
    primitive_desc_query_md(Handle, c_int, c_int) -> Handle;
    primitive_create(*mut Handle, Handle) -> Status;
    primitive_execute(Handle, Handle, c_int, *const Argument) -> Status;
    reorder_primitive_desc_create(*mut Handle, Handle, Handle, Handle, Handle, Handle) -> Status;
    convolution_forward_primitive_desc_create(*mut Handle, Handle, c_int, c_int, Handle, Handle, Handle,
        Handle, *const i64, *const i64, *const i64, *const i64, Handle) -> Status;
    convolution_backward_data_primitive_desc_create(*mut Handle, Handle, c_int, Handle, Handle, Handle,
        *const i64, *const i64, *const i64, *const i64, Handle, Handle) -> Status;
    convolution_backward_weights_primitive_desc_create(*mut Handle, Handle, c_int, Handle, Handle, Handle,
        Handle, *const i64, *const i64, *const i64, *const i64, Handle, Handle) -> Status;
    batch_normalization_forward_primitive_desc_create(*mut Handle, Handle, c_int, Handle, Handle, f32, u32,
        Handle) -> Status;
    batch_normalization_backward_primitive_desc_create(*mut Handle, Handle, c_int, Handle, Handle, Handle,
        f32, u32, Handle, Handle) -> Status;
}

/// `dnnl_exec_arg_t`
#[repr(C)]
struct Argument {
    index: c_int,
    memory: Handle,
}

/// The library, with its one device and its one queue.
pub struct OneDnn {
    functions: Functions,
    engine: Handle,
    stream: Handle,
    /// One primitive runs at a time.
    queue: Mutex<()>,
    _library: Library,
}

// SAFETY: engines, streams and primitives may be used from any thread; the queue is locked meanwhile.
unsafe impl Send for OneDnn {}
// SAFETY: as above.
unsafe impl Sync for OneDnn {}

/// The library, where it is installed and was [loaded](load).
static LOADED: OnceLock<Option<OneDnn>> = OnceLock::new();

/// Loads the library: the file that `ONEDNN` names, else the system's `libdnnl.so.3`. Says whether it is there.
pub fn load() -> bool {
    LOADED.get_or_init(OneDnn::open).is_some()
}

/// The library, if it was loaded.
pub fn library() -> Option<&'static OneDnn> {
    LOADED.get()?.as_ref()
}

impl OneDnn {
    fn open() -> Option<Self> {
        let file = std::env::var_os("ONEDNN").unwrap_or_else(|| "libdnnl.so.3".into());
        // SAFETY: oneDNN's initialisers have no requirements.
        let library = unsafe { Library::new(file) }.ok()?;
        // SAFETY: the name ends with the major version, or the user vouches for it.
        let functions = unsafe { Functions::of(&library) }.ok()?;
        let mut engine = ptr::null_mut();
        let mut stream = ptr::null_mut();
        // SAFETY: both results are written before they are read.
        let opened = unsafe {
            (functions.engine_create)(&mut engine, CPU, 0) == 0
                && (functions.stream_create)(&mut stream, engine, IN_ORDER) == 0
        };
        opened.then_some(Self {
            functions,
            engine,
            stream,
            queue: Mutex::default(),
            _library: library,
        })
    }

    fn made(&self, make: impl FnOnce(*mut Handle) -> Status) -> Handle {
        let mut handle = ptr::null_mut();
        let status = make(&mut handle);
        assert!(status == 0, "oneDNN refused a shape, with status {status}");
        handle
    }

    /// Feature maps `[n, c, h, w]`, channels last in memory.
    pub fn channels_last(&self, [n, c, h, w]: [usize; 4], of: Type) -> Layout {
        self.strided([n, c, h, w], [c * h * w, 1, w * c, c], of)
    }

    /// A contiguous tensor `[a, b, c, d]`.
    pub fn contiguous(&self, dims: [usize; 4], of: Type) -> Layout {
        let [_, b, c, d] = dims;
        self.strided(dims, [b * c * d, c * d, d, 1], of)
    }

    fn strided(&self, dims: [usize; 4], strides: [usize; 4], of: Type) -> Layout {
        let [dims, strides] = [dims, strides].map(|sizes| sizes.map(|size| size as i64));
        // SAFETY: four dimensions and four strides are read.
        self.layout(self.made(|to| unsafe {
            (self.functions.memory_desc_create_with_strides)(
                to,
                4,
                dims.as_ptr(),
                of as c_int,
                strides.as_ptr(),
            )
        }))
    }

    /// One number for each channel.
    pub fn channels(&self, c: usize) -> Layout {
        let (dims, strides) = ([c as i64], [1]);
        // SAFETY: one dimension and one stride are read.
        self.layout(self.made(|to| unsafe {
            (self.functions.memory_desc_create_with_strides)(
                to,
                1,
                dims.as_ptr(),
                Type::F32 as c_int,
                strides.as_ptr(),
            )
        }))
    }

    /// A weight `[out, in, k, k]` in whatever order a primitive likes best.
    fn any_weight(&self, dims: [usize; 4], of: Type) -> Handle {
        let dims = dims.map(|size| size as i64);
        // SAFETY: four dimensions are read.
        self.made(|to| unsafe {
            (self.functions.memory_desc_create_with_tag)(
                to,
                4,
                dims.as_ptr(),
                of as c_int,
                ANY_LAYOUT,
            )
        })
    }

    fn layout(&self, desc: Handle) -> Layout {
        // SAFETY: `desc` is a memory descriptor.
        let bytes = unsafe { (self.functions.memory_desc_get_size)(desc) };
        Layout { desc, bytes }
    }

    fn asked(&self, primitive: Handle, what: c_int) -> Layout {
        // SAFETY: `primitive` is a primitive descriptor; a descriptor that it lacks has no bytes.
        self.layout(unsafe { (self.functions.primitive_desc_query_md)(primitive, what, 0) })
    }

    fn plan(&self, desc: Handle, arguments: Vec<(i32, Layout)>) -> Plan {
        // SAFETY: `desc` is a primitive descriptor.
        let primitive = self.made(|to| unsafe { (self.functions.primitive_create)(to, desc) });
        Plan {
            primitive,
            arguments,
        }
    }

    /// Changes order and type: [`arg::SOURCE`] to [`arg::RESULT`].
    pub fn reorder(&self, from: Layout, to: Layout) -> Plan {
        let (engine, none) = (self.engine, ptr::null_mut());
        // SAFETY: descriptors and engines are live.
        let desc = self.made(|made| unsafe {
            (self.functions.reorder_primitive_desc_create)(
                made, from.desc, engine, to.desc, engine, none,
            )
        });
        self.plan(desc, vec![(arg::SOURCE, from), (arg::RESULT, to)])
    }

    /// A convolution and its two gradients, channels last.
    pub fn convolution(&self, shape: &Convolution, of: Type) -> [Plan; 3] {
        let source = self.channels_last(shape.source, of);
        let result = self.channels_last(shape.result(), of);
        let weight = self.any_weight(shape.weight, of);
        let gradient = self.any_weight(shape.weight, Type::F32);
        let strides = [shape.stride as i64; 2];
        let dilations = [0i64; 2];
        let padding = [shape.padding as i64; 2];
        let (s, d, p) = (strides.as_ptr(), dilations.as_ptr(), padding.as_ptr());
        let (f, engine, none) = (&self.functions, self.engine, ptr::null_mut());
        // SAFETY: here and below all descriptors are live, and two sizes are read of each array.
        let forward = self.made(|to| unsafe {
            (f.convolution_forward_primitive_desc_create)(
                to,
                engine,
                TRAINING,
                DIRECT,
                source.desc,
                weight,
                none,
                result.desc,
                s,
                d,
                p,
                p,
                none,
            )
        });
        // SAFETY: as above.
        let input = self.made(|to| unsafe {
            (f.convolution_backward_data_primitive_desc_create)(
                to,
                engine,
                DIRECT,
                source.desc,
                weight,
                result.desc,
                s,
                d,
                p,
                p,
                forward,
                none,
            )
        });
        // SAFETY: as above.
        let weights = self.made(|to| unsafe {
            (f.convolution_backward_weights_primitive_desc_create)(
                to,
                engine,
                DIRECT,
                source.desc,
                gradient,
                none,
                result.desc,
                s,
                d,
                p,
                p,
                forward,
                none,
            )
        });
        let of_forward = self.asked(forward, query::WEIGHT);
        let of_input = self.asked(input, query::WEIGHT);
        let of_weights = self.asked(weights, query::WEIGHT_GRADIENT);
        [
            self.plan(
                forward,
                vec![
                    (arg::SOURCE, source),
                    (arg::WEIGHT, of_forward),
                    (arg::RESULT, result),
                ],
            ),
            self.plan(
                input,
                vec![
                    (arg::RESULT_GRADIENT, result),
                    (arg::WEIGHT, of_input),
                    (arg::SOURCE_GRADIENT, source),
                ],
            ),
            self.plan(
                weights,
                vec![
                    (arg::SOURCE, source),
                    (arg::RESULT_GRADIENT, result),
                    (arg::WEIGHT_GRADIENT, of_weights),
                ],
            ),
        ]
    }

    /// A batch norm in training and its gradient, channels last, with a ReLU behind it or none.
    pub fn batch_norm(&self, shape: [usize; 4], epsilon: f32, relu: bool, of: Type) -> [Plan; 2] {
        const SCALE: u32 = 2;
        const SHIFT: u32 = 4;
        const RELU: u32 = 8;
        let flags = SCALE | SHIFT | if relu { RELU } else { 0 };
        let (map, channels) = (self.channels_last(shape, of), self.channels(shape[1]));
        let (f, engine, none) = (&self.functions, self.engine, ptr::null_mut());
        // SAFETY: all descriptors are live.
        let forward = self.made(|to| unsafe {
            (f.batch_normalization_forward_primitive_desc_create)(
                to, engine, TRAINING, map.desc, map.desc, epsilon, flags, none,
            )
        });
        // SAFETY: as above.
        let backward = self.made(|to| unsafe {
            (f.batch_normalization_backward_primitive_desc_create)(
                to, engine, BACKWARD, map.desc, map.desc, map.desc, epsilon, flags, forward, none,
            )
        });
        let statistics = [(arg::MEAN, channels), (arg::VARIANCE, channels)];
        let workspace = relu.then(|| (arg::WORKSPACE, self.asked(forward, query::WORKSPACE)));
        let both = |first: &[(i32, Layout)], last: &[(i32, Layout)]| {
            let middle = statistics.into_iter().chain(workspace);
            first
                .iter()
                .copied()
                .chain(middle)
                .chain(last.iter().copied())
                .collect()
        };
        let scale = (arg::SCALE, channels);
        [
            self.plan(
                forward,
                both(
                    &[(arg::SOURCE, map), scale, (arg::SHIFT, channels)],
                    &[(arg::RESULT, map)],
                ),
            ),
            self.plan(
                backward,
                both(
                    &[(arg::SOURCE, map), (arg::RESULT_GRADIENT, map), scale],
                    &[
                        (arg::SOURCE_GRADIENT, map),
                        (arg::SCALE_GRADIENT, channels),
                        (arg::SHIFT_GRADIENT, channels),
                    ],
                ),
            ),
        ]
    }
}

/// Sizes of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Convolution {
    /// `[n, c, h, w]`
    pub source: [usize; 4],
    /// `[out, c, k, k]`
    pub weight: [usize; 4],
    /// Positions from one to the next.
    pub stride: usize,
    /// Zeros around the source.
    pub padding: usize,
}

impl Convolution {
    /// `[n, out, h, w]` of the result.
    pub fn result(&self) -> [usize; 4] {
        let ([n, _, h, w], [out, _, k, _]) = (self.source, self.weight);
        let side = |side: usize| (side + 2 * self.padding - k) / self.stride + 1;
        [n, out, side(h), side(w)]
    }
}

/// Order and type of a tensor's elements.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    desc: Handle,
    /// Bytes that it takes.
    pub bytes: usize,
}

/// A primitive, ready to run.
#[derive(Debug)]
pub struct Plan {
    primitive: Handle,
    arguments: Vec<(i32, Layout)>,
}

// SAFETY: a primitive has no state of its own.
unsafe impl Send for Plan {}
// SAFETY: as above.
unsafe impl Sync for Plan {}

/// Memory that a plan writes, before it is written.
pub struct Room<T> {
    values: Vec<T>,
    count: usize,
}

/// What a tensor can be made of.
pub trait Value: Copy {}
impl Value for f32 {}
impl Value for bf16 {}
impl Value for u8 {}

impl Plan {
    /// How an argument lies in memory.
    ///
    /// # Panics
    /// For one that the primitive does not have.
    pub fn layout(&self, index: i32) -> Layout {
        let found = self.arguments.iter().find(|(at, _)| *at == index);
        found.expect("an argument of this primitive").1
    }

    /// Room for what the primitive writes there.
    pub fn room<T: Value>(&self, index: i32) -> Room<T> {
        let count = self.layout(index).bytes / size_of::<T>();
        Room {
            values: Vec::with_capacity(count),
            count,
        }
    }

    /// Runs the primitive: all of `inputs` are read, all of `outputs` are written.
    ///
    /// # Panics
    /// When an argument is missing, has another length, or the library fails.
    pub fn run(&self, inputs: &[(i32, &dyn Bytes)], outputs: &mut [(i32, &mut dyn Fill)]) {
        let library = library().expect("a plan is made by the library");
        let given = inputs.len() + outputs.len();
        assert_eq!(given, self.arguments.len(), "arguments of a primitive");
        let check = |index: i32, bytes: usize| {
            let layout = self.layout(index);
            assert_eq!(bytes, layout.bytes, "bytes of argument {index}");
            layout.desc
        };
        let inputs = inputs.iter().map(|(index, values)| {
            let (pointer, bytes) = values.bytes();
            (*index, check(*index, bytes), pointer.cast_mut())
        });
        let rooms = outputs.iter_mut().map(|(index, room)| {
            let (pointer, bytes) = room.memory();
            (*index, check(*index, bytes), pointer)
        });
        let arguments: Vec<Argument> = inputs
            .chain(rooms)
            .map(|(index, desc, pointer)| Argument {
                index,
                // SAFETY: the descriptor is live, and the memory has its length.
                memory: library.made(|to| unsafe {
                    (library.functions.memory_create)(to, desc, library.engine, pointer.cast())
                }),
            })
            .collect();
        let running = library.queue.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: every argument is there, as long as its descriptor says; inputs are only read,
        // and outputs are borrowed exclusively. The stream of a CPU returns when all is done.
        let status = unsafe {
            let count = arguments.len() as c_int;
            (library.functions.primitive_execute)(
                self.primitive,
                library.stream,
                count,
                arguments.as_ptr(),
            )
        };
        drop(running);
        assert!(status == 0, "oneDNN failed with status {status}");
        for argument in arguments {
            // SAFETY: made above, and used no more.
            unsafe { (library.functions.memory_destroy)(argument.memory) };
        }
        for (_, room) in outputs {
            // SAFETY: the primitive has written all of it.
            unsafe { room.filled() };
        }
    }
}

/// What a plan can read.
pub trait Bytes {
    /// Where it begins, and how long it is.
    fn bytes(&self) -> (*const u8, usize);
}

impl<T: Value> Bytes for &[T] {
    fn bytes(&self) -> (*const u8, usize) {
        (self.as_ptr().cast(), size_of_val(*self))
    }
}

/// What a plan can write.
pub trait Fill {
    /// Where it begins, and how long it is.
    fn memory(&mut self) -> (*mut u8, usize);

    /// Says that it has been written.
    ///
    /// # Safety
    /// All of it has to be.
    unsafe fn filled(&mut self);
}

impl<T: Value> Fill for Room<T> {
    fn memory(&mut self) -> (*mut u8, usize) {
        let room = &mut self.values.spare_capacity_mut()[..self.count];
        (room.as_mut_ptr().cast(), size_of_val(room))
    }

    unsafe fn filled(&mut self) {
        // SAFETY: the caller's promise.
        unsafe { self.values.set_len(self.count) };
    }
}

impl<T> Room<T> {
    /// What was written.
    pub fn values(self) -> Vec<T> {
        self.values
    }
}
