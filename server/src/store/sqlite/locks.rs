//! A session's lock, across all processes that share the database.
//!
//! Each held lock is a lock of the operating system's on a file of its own, in a directory beside the database. The
//! operating system lets go of it when its process ends, however that happens: no lease has to run out, no clock is
//! asked, and nothing is written to the database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::file_error;
use crate::StoreKey;
use crate::store::locks::{Held, SessionLocks};
use crate::store::{StoreError, StoreErrorKind};

/// How often a lock that another process holds is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_millis(16);

/// The locks of one store. Within the process, waiters stand in line; only the first asks the operating system.
pub(super) struct FileLocks {
    directory: Arc<Path>,
    local: Arc<SessionLocks>,
}

impl FileLocks {
    pub(super) fn new(database: &Path) -> Self {
        let mut directory = database.as_os_str().to_owned();
        directory.push("-locks");
        remove_left_over(Path::new(&directory));
        Self { directory: PathBuf::from(directory).into(), local: Arc::default() }
    }

    pub(super) async fn acquire(&self, key: &StoreKey) -> Result<impl Send + Sync + use<>, StoreError> {
        let local = Arc::clone(&self.local).acquire(*key).await;
        let path = self.directory.join(file_name(key));
        let mut wait = FIRST_WAIT;
        loop {
            let attempt = tokio::task::spawn_blocking({
                let path = path.clone();
                move || try_lock(&path)
            });
            match attempt.await.map_err(|_| StoreError::new(StoreErrorKind::Unavailable))? {
                Ok(Some(file)) => return Ok(Guard(Some(Release { _file: file, _local: local }))),
                Ok(None) => tokio::time::sleep(wait).await,
                Err(error) => return Err(file_error(error)),
            }
            wait = LONGEST_WAIT.min(wait * 2);
        }
    }
}

/// Gives the lock up where the file system may be waited for.
struct Guard(Option<Release>);

/// In this order: the next in this process finds the file free.
struct Release {
    _file: LockedFile,
    _local: Held,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let release = self.0.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || drop(release));
        }
    }
}

/// The file's lock. The name is removed while it is held: whoever has opened the file before finds that out.
struct LockedFile {
    path: PathBuf,
    _file: File,
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Where open files cannot be removed, it is left, and taken again the next time.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn try_lock(path: &Path) -> io::Result<Option<LockedFile>> {
    loop {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) if is_still_at(&file, path)? => {
                return Ok(Some(LockedFile { path: path.to_owned(), _file: file }));
            }
            // Its last holder has removed it meanwhile.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match (options.open(path), path.parent()) {
        (Err(error), Some(directory)) if error.kind() == io::ErrorKind::NotFound => {
            create_directory(directory)?;
            options.open(path)
        }
        (opened, _) => opened,
    }
}

fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Where open files cannot be removed, the name stays with the file.
#[cfg(not(unix))]
fn is_still_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Of processes that were killed. What cannot be removed now is in nobody's way.
fn remove_left_over(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        drop(try_lock(&entry.path()));
    }
}

/// Half of the key is enough to tell sessions apart.
fn file_name(key: &StoreKey) -> String {
    use std::fmt::Write;
    key.as_bytes()[..16].iter().fold(String::with_capacity(32), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}
