//! What `std` would bring: an allocator and a panic handler, both small.

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

// SAFETY: the module is built without the `atomics` target feature, so it has one thread and no shared memory.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };

// A panic is a defect of this crate: the trap reaches JavaScript as a RuntimeError.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
