//! Room for a module whose functions take and give numbers: JavaScript writes text there itself.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::unreachable;
use core::ptr::null_mut;

use super::{heap_base, reach};

/// Makes sure that so many bytes are free behind the static data, and says where they begin: always at the same
/// address, which 16 divides.
pub(crate) fn reserve(bytes: usize) -> usize {
    let start = heap_base().next_multiple_of(16);
    if !reach(start + bytes) {
        unreachable()
    }
    start
}

/// Has no memory to give: what such a module exports allocates nothing.
struct Nothing;

#[global_allocator]
static NOTHING: Nothing = Nothing;

// SAFETY: a null pointer says that an allocation failed, and without an allocation nothing is ever given back.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
