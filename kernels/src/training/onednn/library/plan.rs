//! What runs: a primitive with the memory that it reads and writes.

use std::ffi::c_int;
use std::mem::MaybeUninit;

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Element;
use half::bf16;
use rayon::prelude::*;

use super::{Argument, Layout, Primitive, To, Type, library, made};

/// A primitive, ready to run on the thread that made it: its scratch memory is that thread's.
#[derive(Debug)]
pub struct Plan {
    primitive: Primitive,
    /// What it reads, and last what it writes.
    arguments: Vec<(i32, Layout)>,
}

/// What a map can be made of.
pub trait Value: Element + Default {
    /// As the library knows it.
    const TYPE: Type;

    /// In single precision.
    fn wide(self) -> f32;

    /// The nearest to a number.
    fn nearest(x: f32) -> Self;

    /// What a tensor of these is stored in.
    fn storage(tensor: &FloatTensor<Flex>) -> &[Self];
}

impl Value for f32 {
    const TYPE: Type = Type::F32;

    #[inline(always)]
    fn wide(self) -> f32 {
        self
    }

    #[inline(always)]
    fn nearest(x: f32) -> Self {
        x
    }

    fn storage(tensor: &FloatTensor<Flex>) -> &[Self] {
        tensor.storage()
    }
}

impl Value for bf16 {
    const TYPE: Type = Type::Bf16;

    // Rounding as `half` does, without its branches for NaN: the compiler makes vectors of these.
    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    #[inline(always)]
    fn nearest(x: f32) -> Self {
        let bits = x.to_bits();
        Self::from_bits((bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16)
    }

    fn storage(tensor: &FloatTensor<Flex>) -> &[Self] {
        tensor.storage()
    }
}

/// Memory that will be written.
pub type Room<T> = [MaybeUninit<T>];

/// A vector that `write` writes on all cores, `chunk` values at a time: `write(start, room)`.
///
/// # Panics
/// When it has not written all of a room.
pub fn written<T: Value>(
    count: usize,
    chunk: usize,
    write: impl for<'a> Fn(usize, &'a mut Room<T>) -> &'a mut [T] + Sync,
) -> Vec<T> {
    let mut values = Vec::with_capacity(count);
    let room = &mut values.spare_capacity_mut()[..count];
    let parts = room.par_chunks_mut(chunk).enumerate();
    parts.for_each(|(i, room)| {
        let given = room.as_ptr_range();
        let written = write(i * chunk, room).as_ptr_range();
        assert!(given.start.cast() == written.start && given.end.cast() == written.end);
    });
    // SAFETY: `write` has given back all that it was given, as values.
    unsafe { values.set_len(count) };
    values
}

impl Plan {
    /// Of a primitive, and how each of its arguments lies in memory, the one that it writes last.
    pub(super) fn new(primitive: Primitive, arguments: Vec<(i32, Layout)>) -> Self {
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

    /// What the primitive makes of its inputs.
    ///
    /// # Panics
    /// When an argument is missing or has another length, or the library fails.
    pub fn made<F: Value, T: Value>(&self, inputs: &[&[F]]) -> Vec<T> {
        let count = self.arguments.last().map_or(0, |(_, of)| of.bytes) / size_of::<T>();
        let mut values = Vec::with_capacity(count);
        self.run(inputs, &mut values.spare_capacity_mut()[..count]);
        // SAFETY: all of it has been written.
        unsafe { values.set_len(count) };
        values
    }

    /// The same, into an output that is there.
    ///
    /// # Panics
    /// As [`made`](Self::made).
    pub fn run<'a, F: Value, T: Value>(
        &self,
        inputs: &[&[F]],
        output: &'a mut Room<T>,
    ) -> &'a mut [T] {
        let library = library().expect("a plan is made by the library");
        let stream = library.stream();
        let inputs = inputs.iter();
        let given = inputs.map(|values| (values.as_ptr().cast_mut().cast(), size_of_val(*values)));
        let written = (output.as_mut_ptr().cast(), size_of_val(output));
        let given: Vec<(*mut u8, usize)> = given.chain([written]).collect();
        assert_eq!(
            given.len(),
            self.arguments.len(),
            "arguments of a primitive"
        );
        let arguments = self.arguments.iter().zip(given);
        let arguments: Vec<Argument> = arguments
            .map(|((index, layout), (pointer, bytes))| {
                assert_eq!(bytes, layout.bytes, "bytes of argument {index}");
                let (make, desc) = (library.functions.memory_create, layout.desc);
                // SAFETY: the memory has the descriptor's length.
                let make = |to: To<_>| unsafe { make(to, desc, library.engine, pointer.cast()) };
                Argument {
                    index: *index,
                    memory: made(make),
                }
            })
            .collect();
        // SAFETY: every argument is there, as long as its descriptor says; inputs are only read (what is padded in a packed
        // weight is zeroed once more, and that is this thread's own), and the output is borrowed exclusively. The stream of a CPU returns when all is done.
        let status = unsafe {
            let count = arguments.len() as c_int;
            let (all, execute) = (arguments.as_ptr(), library.functions.primitive_execute);
            execute(self.primitive, stream, count, all)
        };
        assert!(status == 0, "oneDNN failed with status {status}");
        for argument in arguments {
            // SAFETY: made above, and used no more.
            unsafe { (library.functions.memory_destroy)(argument.memory) };
        }
        // SAFETY: the primitive has written all of it.
        unsafe { output.assume_init_mut() }
    }
}
