//! Nobody waits for a store without end.

use std::future::Future;
use std::time::Duration;

use super::{StoreError, StoreErrorKind};

/// An answer within the time limit, or [`StoreErrorKind::Unavailable`].
pub(super) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer,
        Err(elapsed) => Err(StoreError::with_source(StoreErrorKind::Unavailable, elapsed)),
    }
}
