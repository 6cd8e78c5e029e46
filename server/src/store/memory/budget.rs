//! How much the store holds, and may hold.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::MemoryLimits;
use crate::store::{StoreError, StoreErrorKind};

/// Room is reserved before anything is stored, so that the limits hold at every moment.
pub(super) struct Budget {
    limits: MemoryLimits,
    /// Sessions, and the aliases that rotations have left: clients can make both.
    entries: AtomicUsize,
    data_bytes: AtomicUsize,
}

impl Budget {
    pub(super) const fn new(limits: MemoryLimits) -> Self {
        Self { limits, entries: AtomicUsize::new(0), data_bytes: AtomicUsize::new(0) }
    }

    pub(super) const fn limits(&self) -> MemoryLimits {
        self.limits
    }

    pub(super) fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    pub(super) fn data_bytes(&self) -> usize {
        self.data_bytes.load(Ordering::Relaxed)
    }

    /// Both or nothing.
    pub(super) fn reserve(&self, entries: usize, data_bytes: usize) -> Result<(), StoreError> {
        take(&self.entries, entries, self.limits.sessions)?;
        take(&self.data_bytes, data_bytes, self.limits.data_bytes).inspect_err(|_| self.release(entries, 0))
    }

    pub(super) fn release(&self, entries: usize, data_bytes: usize) {
        if entries > 0 {
            self.entries.fetch_sub(entries, Ordering::Relaxed);
        }
        if data_bytes > 0 {
            self.data_bytes.fetch_sub(data_bytes, Ordering::Relaxed);
        }
    }
}

fn take(used: &AtomicUsize, more: usize, limit: usize) -> Result<(), StoreError> {
    if more == 0 {
        return Ok(());
    }
    let grown = |used: usize| used.checked_add(more).filter(|&used| used <= limit);
    match used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown) {
        Ok(_) => Ok(()),
        Err(_) => Err(StoreError::new(StoreErrorKind::Full)),
    }
}
