//! What `std` would bring, as small as the modules allow: memory, and a panic handler that traps.

#[cfg(feature = "inspector")]
mod arena;
#[cfg(not(feature = "inspector"))]
mod room;

use core::arch::wasm32::{memory_grow, memory_size, unreachable};

#[cfg(not(feature = "inspector"))]
pub(crate) use room::reserve;

const PAGE: usize = 65_536;

/// Sees that the memory reaches up to an address; false where there is no more.
fn reach(end: usize) -> bool {
    let missing = end.div_ceil(PAGE).saturating_sub(memory_size(0));
    missing == 0 || memory_grow(0, missing) != usize::MAX
}

/// Where the linker says that static data ends.
#[allow(unsafe_code)]
fn heap_base() -> usize {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    &raw const __heap_base as usize
}

// A panic is a defect of this crate: the trap reaches JavaScript as a RuntimeError.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unreachable()
}
