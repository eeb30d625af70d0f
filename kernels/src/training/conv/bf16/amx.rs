//! A product of two blocks, of two tiles each way, in the eight tile registers of a core (AMX: Intel
//! since Sapphire Rapids).

use std::arch::asm;
use std::marker::PhantomData;

use super::shape::Stride;

/// The shape of all eight tiles: 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Shape {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static SHAPE: Shape = {
    let (mut row_bytes, mut rows, mut tile) = ([0; 16], [0; 16], 0);
    while tile < 8 {
        (row_bytes[tile], rows[tile]) = (64, 16);
        tile += 1;
    }
    Shape {
        palette: 1,
        start: 0,
        reserved: [0; 14],
        row_bytes,
        rows,
    }
};

/// The processor has tiles for bf16 and AVX-512 beside them, and the system lets this process use them:
/// whoever holds this has asked.
#[derive(Debug, Clone, Copy)]
pub struct HasTiles(());

impl HasTiles {
    /// Asks.
    pub fn find() -> Option<Self> {
        let vectors = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        // Leaf 7: AMX-BF16 is bit 22 of EDX, AMX-TILE bit 24.
        let leaf = std::arch::x86_64::__cpuid_count(7, 0);
        let tiles = leaf.edx & (1 << 22) != 0 && leaf.edx & (1 << 24) != 0;
        (vectors && tiles && permitted()).then_some(Self(()))
    }
}

/// Asks Linux for the state that tiles need (arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA).
#[cfg(target_os = "linux")]
fn permitted() -> bool {
    let result: isize;
    // SAFETY: a system call that touches no memory of ours.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") 158isize => result,
            in("rdi") 0x1023,
            in("rsi") 18,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn permitted() -> bool {
    false
}

/// This thread's tiles, until it is dropped; another thread has its own.
pub struct Tiles(PhantomData<*const ()>);

impl Tiles {
    /// Gives the tiles their shape.
    pub fn new(_: HasTiles) -> Self {
        // SAFETY: the instruction exists, and the shape is a valid one.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const SHAPE, options(nostack, readonly)) };
        Self(PhantomData)
    }

    /// As [`super::blocks::Products::block`].
    ///
    /// # Safety
    /// The same.
    pub unsafe fn block(
        &self,
        steps: impl Iterator<Item = (*const u16, *const u32)>,
        (a_stride, b_stride): (Stride, Stride),
        c: *mut f32,
        row: usize,
        add: bool,
    ) {
        let below = c.wrapping_byte_add(16 * row);
        let corners = [c, c.wrapping_add(16), below, below.wrapping_add(16)];
        // SAFETY: the caller's promise; the compiler itself never uses the tile registers.
        unsafe {
            if add {
                asm!(
                    "tileloadd tmm0, [{0} + {row}*1]",
                    "tileloadd tmm1, [{1} + {row}*1]",
                    "tileloadd tmm2, [{2} + {row}*1]",
                    "tileloadd tmm3, [{3} + {row}*1]",
                    in(reg) corners[0],
                    in(reg) corners[1],
                    in(reg) corners[2],
                    in(reg) corners[3],
                    row = in(reg) row,
                    options(nostack, readonly),
                );
            } else {
                asm!(
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "tilezero tmm2",
                    "tilezero tmm3",
                    options(nostack, nomem),
                );
            }
            for (a, b) in steps {
                asm!(
                    "tileloadd tmm4, [{a} + {a_row}*1]",
                    "tileloadd tmm6, [{b} + {b_row}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tileloadd tmm7, [{b_next} + {b_row}*1]",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm5, [{a_next} + {a_row}*1]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    a = in(reg) a,
                    a_next = in(reg) a.wrapping_byte_add(a_stride.half),
                    a_row = in(reg) a_stride.row,
                    b = in(reg) b,
                    b_next = in(reg) b.wrapping_byte_add(b_stride.half),
                    b_row = in(reg) b_stride.row,
                    options(nostack, readonly),
                );
            }
            asm!(
                "tilestored [{0} + {row}*1], tmm0",
                "tilestored [{1} + {row}*1], tmm1",
                "tilestored [{2} + {row}*1], tmm2",
                "tilestored [{3} + {row}*1], tmm3",
                in(reg) corners[0],
                in(reg) corners[1],
                in(reg) corners[2],
                in(reg) corners[3],
                row = in(reg) row,
                options(nostack),
            );
        }
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: gives the registers back, which this thread configured.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}
