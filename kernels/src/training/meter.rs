//! How fast convolutions are in a training, and how much of its time they take.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

static OPERATIONS: AtomicU64 = AtomicU64::new(0);
static NANOSECONDS: AtomicU64 = AtomicU64::new(0);

/// What oneDNN has computed in convolutions and their gradients, and in which time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Convolutions {
    /// Multiplications and additions.
    pub operations: u64,
    /// As the thread that trains waits for them.
    pub time: Duration,
}

/// The sum so far.
pub fn convolutions() -> Convolutions {
    Convolutions {
        operations: OPERATIONS.load(Relaxed),
        time: Duration::from_nanos(NANOSECONDS.load(Relaxed)),
    }
}

/// Computes a convolution of so many operations.
pub(super) fn metered<R>(operations: usize, compute: impl FnOnce() -> R) -> R {
    let started = Instant::now();
    let result = compute();
    OPERATIONS.fetch_add(operations as u64, Relaxed);
    NANOSECONDS.fetch_add(started.elapsed().as_nanos() as u64, Relaxed);
    result
}
