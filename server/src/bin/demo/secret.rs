//! The secrets that sign session ids: they have to last as long as the sessions.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;
use twinjar_server::Secrets;
use twinjar_server::store::StoreUrl;

use crate::cli::Options;
use crate::store::data_folder;

/// From the file that was asked for, or from one that is made the first time: beside the database, or where the user's
/// data are. For sessions that end with the server, a random secret will do.
pub(crate) fn read(options: &Options, store: &StoreUrl) -> Result<Secrets> {
    match &options.secret_file {
        // An Express application's secret is what it is.
        Some(file) if options.express_compat => parse(file, |lines| Secrets::insecure_of_any_length(lines)),
        Some(file) => parse(file, |lines| Secrets::new(lines)),
        None => own(store),
    }
}

fn own(store: &StoreUrl) -> Result<Secrets> {
    if store.is_in_memory() {
        return Ok(Secrets::random());
    }
    let file = match store.file() {
        Some(database) => beside(database),
        None => data_folder()
            .context("there is no folder for a secret; choose a file with --secret-file")?
            .join("secret"),
    };
    create_once(&file).with_context(|| format!("cannot create {}", file.display()))?;
    parse(&file, |lines| Secrets::new(lines))
}

fn parse<E: std::error::Error + Send + Sync + 'static>(
    file: &Path,
    secrets: impl FnOnce(Vec<&str>) -> Result<Secrets, E>,
) -> Result<Secrets> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    secrets(lines).with_context(|| format!("the secrets in {}", file.display()))
}

fn beside(database: &Path) -> PathBuf {
    let mut file = database.as_os_str().to_owned();
    file.push(".secret");
    file.into()
}

/// Readable for its owner alone, and whole from the moment it is there: another server may be starting, too.
fn create_once(file: &Path) -> std::io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = NamedTempFile::new_in(folder)?;
    let secret: [u8; 32] = rand::random();
    for byte in secret {
        write!(draft, "{byte:02x}")?;
    }
    writeln!(draft)?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(file) {
        Err(lost) if lost.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome.map(drop).map_err(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let store = StoreUrl::sqlite(folder.path().join("sessions.sqlite"));
        own(&store).expect("a secret");
        let file = folder.path().join("sessions.sqlite.secret");
        let first = fs::read_to_string(&file).expect("it is beside the database");
        assert!(first.trim().len() == 64 && first.trim().bytes().all(|byte| byte.is_ascii_hexdigit()));
        own(&store).expect("the same secret");
        assert_eq!(fs::read_to_string(&file).expect("a file"), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "a draft was left behind");
    }

    #[test]
    fn memory_leaves_no_file_and_a_bad_file_is_named() {
        let memory: StoreUrl = "memory".parse().expect("a store");
        own(&memory).expect("a random secret");
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("short");
        fs::write(&file, "too short\n").expect("a file");
        let error = parse(&file, |lines| Secrets::new(lines)).expect_err("a short secret");
        assert!(format!("{error:#}").contains("short"), "{error:#}");
        assert!(!format!("{error:#}").contains("too short\n"));
    }
}
