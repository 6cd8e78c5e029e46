//! An allocator for a module whose functions take and give strings.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr::{copy_nonoverlapping, null_mut};

use super::{heap_base, reach};

/// Gives memory from the heap's beginning on, and starts over when everything was given back. That is after each call:
/// no call leaves anything behind. A general allocator is three times as large.
struct Arena {
    /// The first free address; 0 before the first allocation.
    top: Cell<usize>,
    /// How many allocations were not given back.
    live: Cell<usize>,
}

#[global_allocator]
static ARENA: Arena = Arena { top: Cell::new(0), live: Cell::new(0) };

// SAFETY: the module is built without the `atomics` target feature, so it has one thread.
#[allow(unsafe_code)]
unsafe impl Sync for Arena {}

// SAFETY: `reserve` gives each address at most once until no allocation is left, aligned and within the memory.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.top.get().max(heap_base()).next_multiple_of(layout.align());
        if !self.reserve(start, layout.size()) {
            return null_mut();
        }
        self.live.set(self.live.get() + 1);
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        self.live.set(self.live.get() - 1);
        if self.live.get() == 0 {
            self.top.set(0);
        }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The newest allocation grows and shrinks where it is.
        if old as usize + layout.size() == self.top.get() {
            return if self.reserve(old as usize, size) { old } else { null_mut() };
        }
        if size <= layout.size() {
            return old;
        }
        // SAFETY: the caller's promises are those of `alloc`; the new block is larger than the old and apart from it.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                copy_nonoverlapping(old, new, layout.size());
                self.dealloc(old, layout);
            }
            new
        }
    }
}

impl Arena {
    /// Moves the top to the end of a block, and sees that the memory reaches so far.
    fn reserve(&self, start: usize, size: usize) -> bool {
        let end = start + size;
        let reached = reach(end);
        if reached {
            self.top.set(end);
        }
        reached
    }
}
