//! The file that tells clients whom to trust.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// A certificate in a file. Under a name that was not asked for it goes when this is dropped.
#[derive(Debug)]
pub(in crate::sim) struct CaFile {
    path: PathBuf,
    /// The process that removes it; the child of a fork does not.
    owner: Option<u32>,
}

impl CaFile {
    /// Writes `certificate` to `path`, or to a new name in the folder for temporary files. The file is there
    /// whole or not at all.
    pub(in crate::sim) fn write(path: Option<&Path>, certificate: &str) -> Result<CaFile> {
        let asked = path;
        let path = match asked {
            // Whoever reads the setting may stand in another folder.
            Some(path) => std::path::absolute(path).map_err(|error| refused(path, &error.to_string()))?,
            None => std::env::temp_dir().join(format!("tradeforge-sim-{}.pem", random_name()?)),
        };
        if path.to_str().is_none_or(|text| text.contains(['\r', '\n'])) {
            return Err(refused(&path, "the path is not a line of UTF-8 text, as TS_TLS_CA_FILE must be"));
        }
        let mut draft = path.clone().into_os_string();
        draft.push(format!(".{}.new", random_name()?));
        let draft = PathBuf::from(draft);
        let written = write_new(&draft, certificate).and_then(|()| fs::rename(&draft, &path));
        written.map_err(|error| {
            // It may never have been there.
            let _ = fs::remove_file(&draft);
            refused(&path, &error.to_string())
        })?;
        Ok(CaFile { path, owner: asked.is_none().then(std::process::id) })
    }

    /// Where it is.
    pub(in crate::sim) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        if self.owner == Some(std::process::id())
            && let Err(error) = fs::remove_file(&self.path)
        {
            log::warn!("simulator: {} could not be removed: {error}", self.path.display());
        }
    }
}

/// Writes a file that must not be there yet and that everybody may read.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    open_to_all(&file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn open_to_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_all(_: &File) -> io::Result<()> {
    Ok(())
}

fn refused(path: &Path, reason: &str) -> Error {
    let message =
        format!("the simulator's certificate authority cannot be written to {}: {reason}", path.display());
    Error::new(Kind::File, message)
}

/// Sixteen letters that nobody can guess.
pub(in crate::sim) fn random_name() -> Result<String> {
    let random = getrandom::u64()
        .map_err(|error| Error::new(Kind::State, format!("the system gives no random numbers: {error}")))?;
    Ok(format!("{random:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_file_is_replaced_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        fs::write(&path, "older").unwrap();
        drop(CaFile::write(Some(&path), "newer").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "newer");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_file_of_its_own_goes() {
        let file = CaFile::write(None, "text").unwrap();
        let path = file.path().to_owned();
        assert_eq!(fs::read_to_string(&path).unwrap(), "text");
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none/ca.pem")] {
            let error = CaFile::write(Some(&path), "text").unwrap_err();
            assert_eq!(error.kind(), Kind::File, "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no draft is left");
    }

    #[cfg(unix)]
    #[test]
    fn everybody_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let file = CaFile::write(None, "text").unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o644);
    }
}
