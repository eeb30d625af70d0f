//! oneDNN's C interface (version 3), loaded when the trainer starts: nothing is needed to build.
//!
//! A [`Plan`] is a primitive with the shapes and types of what it reads and writes; running one checks
//! every length against them, so that no caller can reach past its memory. A primitive runs on the thread that made it
//! and on no other: whoever calls gives each thread its photos. The library's own threads wait for each other in loops
//! that take whole cores, and whatever else the machine does meanwhile makes them wait long.

mod plan;
mod primitives;

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use libloading::Library;

pub use plan::{Plan, Value, written};
pub use primitives::Convolution;

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
    pub const SOURCE_GRADIENT: i32 = 129;
    pub const RESULT_GRADIENT: i32 = 145;
    pub const WEIGHT_GRADIENT: i32 = 161;
}

const CPU: c_int = 1;
const IN_ORDER: u32 = 1;
const ANY_LAYOUT: c_int = 1;

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
}

/// `dnnl_exec_arg_t`
#[repr(C)]
struct Argument {
    index: c_int,
    memory: Handle,
}

/// `omp_set_num_threads`: for what the calling thread runs.
type SetThreads = unsafe extern "C" fn(c_int);

/// The library, with its one device.
pub struct OneDnn {
    functions: Functions,
    engine: Handle,
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
        let mut engine = ptr::null_mut();
        // SAFETY: the result is written before it is read.
        let opened = unsafe { (functions.engine_create)(&mut engine, CPU, 0) } == 0;
        opened.then_some(Self {
            functions,
            engine,
            set_threads,
            _library: library,
        })
    }

    /// Has the library take no other threads for what the calling one makes from now on.
    fn alone(&self) {
        if let Some(set_threads) = self.set_threads {
            // SAFETY: any number from 1 on will do.
            unsafe { set_threads(1) };
        }
    }

    /// The calling thread's queue.
    fn stream(&self) -> Handle {
        thread_local! {
            static STREAM: Cell<Handle> = const { Cell::new(ptr::null_mut()) };
        }
        if STREAM.get().is_null() {
            let create = self.functions.stream_create;
            // SAFETY: the engine is live.
            STREAM.set(self.made(|to| unsafe { create(to, self.engine, IN_ORDER) }));
        }
        STREAM.get()
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

    fn plan<const N: usize>(&self, desc: Handle, arguments: [(i32, Layout); N]) -> Plan {
        // SAFETY: `desc` is a primitive descriptor.
        let primitive = self.made(|to| unsafe { (self.functions.primitive_create)(to, desc) });
        Plan::new(primitive, arguments.into())
    }
}

/// Order and type of a tensor's elements.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    desc: Handle,
    /// Bytes that it takes.
    pub bytes: usize,
}
