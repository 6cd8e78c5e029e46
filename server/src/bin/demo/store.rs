//! Which store the server keeps its sessions in.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use etcetera::BaseStrategy;
use twinjar_server::store::{SessionStore, StoreUrl};

use crate::cli::StoreChoice;

/// Opens a store.
pub(crate) async fn open(url: &StoreUrl) -> Result<Arc<dyn SessionStore>> {
    url.open().await.with_context(|| format!("cannot open {url}"))
}

/// The store that was asked for, or the file in the user's data folder.
pub(crate) fn choose(choice: Option<&StoreChoice>) -> Result<StoreUrl> {
    match choice {
        Some(url) => url.clone().context("--store"),
        None => in_data_folder().context("there is no folder for sessions; choose a store with --store"),
    }
}

fn in_data_folder() -> Result<StoreUrl> {
    Ok(StoreUrl::sqlite(data_folder()?.join("sessions.sqlite")))
}

/// `twinjar` in the folder where the platform has programs keep a user's data. It is there afterwards.
pub(crate) fn data_folder() -> Result<PathBuf> {
    let folder = etcetera::base_strategy::choose_native_strategy()?.data_dir().join("twinjar");
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}
