//! oneDNN's C interface (version 3), loaded when the trainer starts: nothing is needed to build.
//!
//! A [`Plan`] is a primitive with the shapes and types of what it reads and writes; running one checks
//! every length against them, so that no caller can reach past its memory. A primitive runs on the thread that made it
//! and on no other: whoever calls gives each thread its photos. The library's own threads wait for each other in loops
//! that take whole cores, and whatever else the machine does meanwhile makes them wait long.

mod plan;
mod primitives;

use std::cell::OnceCell;
use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::OnceLock;

use libloading::Library;

pub use plan::{Plan, Value, written};
pub use primitives::Convolution;

/// An object of oneDNN's, of one kind. Only memories are ever freed, and whatever reads one is unsafe: plans live as long as the
/// program.
#[derive(Debug)]
#[repr(transparent)]
struct Object<Kind>(NonNull<c_void>, PhantomData<Kind>);

impl<Kind> Clone for Object<Kind> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Kind> Copy for Object<Kind> {}

macro_rules! objects {
    ($($name:ident = $kind:ident;)*) => {$(
        #[derive(Debug)]
        enum $kind {}
        type $name = Object<$kind>;
    )*};
}

objects! {
    Engine = OfEngine;
    Stream = OfStream;
    Memory = OfMemory;
    MemoryDesc = OfMemoryDesc;
    Primitive = OfPrimitive;
    PrimitiveDesc = OfPrimitiveDesc;
    Attributes = OfAttributes;
}

/// Calls give 0 for success.
type Status = c_int;

/// What an argument is to a primitive: `DNNL_ARG_*`.
#[allow(missing_docs)]
pub mod arg {
    pub const SOURCE: i32 = 1;
    pub const RESULT: i32 = 17;
    pub const WEIGHT: i32 = 33;
    pub const SOURCE_GRADIENT: i32 = 129;
    pub const RESULT_GRADIENT: i32 = 145;
    pub const WEIGHT_GRADIENT: i32 = 161;
}

const CPU: c_int = 1;
const IN_ORDER: u32 = 1;
const ANY_LAYOUT: c_int = 1;

/// Types of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Type {
    /// Sixteen bits, eight of them the exponent.
    Bf16 = 2,
    /// Single precision.
    F32 = 3,
}

macro_rules! functions {
    ($($name:ident: $type:ty;)*) => {
        struct Functions {
            $($name: $type,)*
        }

        impl Functions {
            /// # Safety
            /// The library has to be oneDNN of version 3.
            unsafe fn of(library: &Library) -> Result<Self, libloading::Error> {
                Ok(Self {
                    // SAFETY: the signatures are those of dnnl.h. What is safe to call is given objects that are never freed, and
                    // arrays as long as it reads.
                    $($name: *unsafe { library.get(concat!("dnnl_", stringify!($name)).as_bytes()) }?,)*
                })
            }
        }
    };
}

/// How many dimensions a tensor has: those of [`Dims`].
#[repr(i32)]
enum Rank {
    Four = 4,
}
type Dims = [i64; 4];
/// Of height and width.
type Two = [i64; 2];
/// Where an object is written that is made.
type To<'a, T> = &'a mut Option<T>;

functions! {
    engine_create: extern "C" fn(To<Engine>, c_int, usize) -> Status;
    stream_create: extern "C" fn(To<Stream>, Engine, u32) -> Status;
    memory_desc_create_with_strides: extern "C" fn(To<MemoryDesc>, Rank, &Dims, Type, &Dims) -> Status;
    memory_desc_create_with_tag: extern "C" fn(To<MemoryDesc>, Rank, &Dims, Type, c_int) -> Status;
    memory_desc_get_size: extern "C" fn(MemoryDesc) -> usize;
    memory_create: unsafe extern "C" fn(To<Memory>, MemoryDesc, Engine, *mut c_void) -> Status;
    memory_destroy: unsafe extern "C" fn(Memory) -> Status;
    primitive_desc_query_md: extern "C" fn(PrimitiveDesc, c_int, c_int) -> Option<MemoryDesc>;
    primitive_create: extern "C" fn(To<Primitive>, PrimitiveDesc) -> Status;
    primitive_execute: unsafe extern "C" fn(Primitive, Stream, c_int, *const Argument) -> Status;
    reorder_primitive_desc_create: extern "C" fn(To<PrimitiveDesc>, MemoryDesc, Engine, MemoryDesc, Engine,
        Option<Attributes>) -> Status;
    convolution_forward_primitive_desc_create: extern "C" fn(To<PrimitiveDesc>, Engine, c_int, c_int, MemoryDesc, MemoryDesc,
        Option<MemoryDesc>, MemoryDesc, &Two, &Two, &Two, &Two, Option<Attributes>) -> Status;
    convolution_backward_data_primitive_desc_create: extern "C" fn(To<PrimitiveDesc>, Engine, c_int, MemoryDesc, MemoryDesc,
        MemoryDesc, &Two, &Two, &Two, &Two, PrimitiveDesc, Option<Attributes>) -> Status;
    convolution_backward_weights_primitive_desc_create: extern "C" fn(To<PrimitiveDesc>, Engine, c_int, MemoryDesc, MemoryDesc,
        Option<MemoryDesc>, MemoryDesc, &Two, &Two, &Two, &Two, PrimitiveDesc, Option<Attributes>) -> Status;
}

/// `dnnl_exec_arg_t`
#[repr(C)]
struct Argument {
    index: c_int,
    memory: Memory,
}

/// `omp_set_num_threads`: for what the calling thread runs.
type SetThreads = extern "C" fn(c_int);

/// The library, with its one device.
pub struct OneDnn {
    functions: Functions,
    engine: Engine,
    /// None where the library was built without OpenMP.
    set_threads: Option<SetThreads>,
    _library: Library,
}

// SAFETY: an engine may be used from any thread.
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
        // SAFETY: the signature is that of omp.h; the library brings OpenMP with it.
        let set_threads = unsafe { library.get::<SetThreads>(b"omp_set_num_threads") };
        let set_threads = set_threads.ok().map(|symbol| *symbol);
        let mut engine = None;
        (functions.engine_create)(&mut engine, CPU, 0);
        Some(Self {
            functions,
            engine: engine?,
            set_threads,
            _library: library,
        })
    }

    /// Has the library take no other threads for what the calling one makes from now on.
    fn alone(&self) {
        if let Some(set_threads) = self.set_threads {
            set_threads(1);
        }
    }

    /// The calling thread's queue.
    fn stream(&self) -> Stream {
        thread_local! {
            static STREAM: OnceCell<Stream> = const { OnceCell::new() };
        }
        let create = |to: To<_>| (self.functions.stream_create)(to, self.engine, IN_ORDER);
        STREAM.with(|stream| *stream.get_or_init(|| made(create)))
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
        let make = self.functions.memory_desc_create_with_strides;
        self.layout(made(|to| make(to, Rank::Four, &dims, of, &strides)))
    }

    /// A weight `[out, in, k, k]` in whatever order a primitive likes best.
    fn any_weight(&self, dims: [usize; 4], of: Type) -> MemoryDesc {
        let dims = dims.map(|size| size as i64);
        let make = self.functions.memory_desc_create_with_tag;
        made(|to| make(to, Rank::Four, &dims, of, ANY_LAYOUT))
    }

    fn layout(&self, desc: MemoryDesc) -> Layout {
        let bytes = (self.functions.memory_desc_get_size)(desc);
        Layout { desc, bytes }
    }

    fn asked(&self, primitive: PrimitiveDesc, what: c_int) -> Layout {
        let desc = (self.functions.primitive_desc_query_md)(primitive, what, 0);
        self.layout(desc.expect("a primitive has what it computes with"))
    }

    fn plan<const N: usize>(&self, desc: PrimitiveDesc, arguments: [(i32, Layout); N]) -> Plan {
        let primitive = made(|to| (self.functions.primitive_create)(to, desc));
        Plan::new(primitive, arguments.into())
    }
}

/// What a call makes.
fn made<T>(make: impl FnOnce(To<T>) -> Status) -> T {
    let mut object = None;
    let status = make(&mut object);
    object.unwrap_or_else(|| panic!("oneDNN refused a shape, with status {status}"))
}

/// Order and type of a tensor's elements.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    desc: MemoryDesc,
    /// Bytes that it takes.
    pub bytes: usize,
}
