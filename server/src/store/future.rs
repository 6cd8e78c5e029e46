//! The future that store operations return.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::StoreError;

/// The outcome of a store operation: known already, or a boxed future.
///
/// A store in the same memory answers without an allocation; all others pay the one of a boxed future.
///
/// ```
/// use twinjar_server::store::StoreFuture;
///
/// async fn count_over_the_network() -> u64 { 7 }
///
/// let known: StoreFuture<'_, u64> = StoreFuture::ready(Ok(7));
/// let awaited: StoreFuture<'_, u64> = StoreFuture::new(async { Ok(count_over_the_network().await) });
/// # drop((known, awaited));
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct StoreFuture<'a, T>(State<'a, T>);

enum State<'a, T> {
    Ready(Option<Result<T, StoreError>>),
    Boxed(Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>),
}

impl<'a, T> StoreFuture<'a, T> {
    /// An outcome that is known already.
    pub const fn ready(outcome: Result<T, StoreError>) -> Self {
        Self(State::Ready(Some(outcome)))
    }

    /// An outcome that has to be waited for.
    pub fn new(future: impl Future<Output = Result<T, StoreError>> + Send + 'a) -> Self {
        Self(State::Boxed(Box::pin(future)))
    }
}

// No field is ever pinned in place: the boxed future is pinned on the heap.
impl<T> Unpin for StoreFuture<'_, T> {}

impl<T> Future for StoreFuture<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(outcome) => Poll::Ready(outcome.take().expect("polled after it was ready")),
            State::Boxed(future) => future.as_mut().poll(context),
        }
    }
}

impl<T> std::fmt::Debug for StoreFuture<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "StoreFuture(ready)",
            State::Boxed(_) => "StoreFuture(boxed)",
        })
    }
}
