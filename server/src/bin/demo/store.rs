//! Which store the server keeps its sessions in.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use etcetera::BaseStrategy;
use twinjar_server::store::{SessionStore, StoreUrl};

use crate::cli::StoreChoice;

/// Opens the store that was asked for, or the file in the user's data folder; answers where it is, too.
pub(crate) async fn open(choice: Option<&StoreChoice>) -> Result<(Arc<dyn SessionStore>, StoreUrl)> {
    let url = match choice {
        Some(url) => url.clone().context("--store")?,
        None => in_data_folder().context("there is no folder for sessions; choose a store with --store")?,
    };
    let store = url.open().await.with_context(|| format!("cannot open {url}"))?;
    Ok((store, url))
}

/// `twinjar/sessions.sqlite` in the folder where the platform has programs keep a user's data.
fn in_data_folder() -> Result<StoreUrl> {
    let folder = etcetera::base_strategy::choose_native_strategy()?.data_dir().join("twinjar");
    create_private(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(StoreUrl::sqlite(folder.join("sessions.sqlite")))
}

fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
