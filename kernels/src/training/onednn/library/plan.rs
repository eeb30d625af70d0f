//! What runs: a primitive with the memory that it reads and writes.

use std::ffi::c_int;
use std::sync::PoisonError;

use half::bf16;

use super::{Argument, Handle, Layout, library};

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
    /// Of a primitive, and how each of its arguments lies in memory.
    pub(super) fn new(primitive: Handle, arguments: Vec<(i32, Layout)>) -> Self {
        Self {
            primitive,
            arguments,
        }
    }

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
