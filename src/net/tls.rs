//! Encryption for both transports: one set of roots, one crypto provider.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Kind, Result};

/// Which certificate authorities are trusted. The roots are loaded when the first encrypted connection needs
/// them.
#[derive(Debug)]
pub struct Tls {
    ca_file: Option<PathBuf>,
    config: Mutex<Option<Arc<ClientConfig>>>,
}

impl Tls {
    /// Trusts the authorities in this PEM file, or the system's.
    pub fn new(ca_file: Option<PathBuf>) -> Tls {
        Tls { ca_file, config: Mutex::new(None) }
    }

    /// The settings for a connection.
    ///
    /// # Errors
    /// [`Kind::File`] when the authorities cannot be read, [`Kind::Tls`] when there are none.
    pub(super) fn client_config(&self) -> Result<Arc<ClientConfig>> {
        let mut loaded = self.config.lock();
        if let Some(config) = &*loaded {
            return Ok(config.clone());
        }
        let mut roots = RootCertStore::empty();
        match &self.ca_file {
            Some(path) => {
                for certificate in read_pem(path)? {
                    roots.add(certificate).map_err(|error| unreadable(path, &error.to_string()))?;
                }
            }
            None => {
                let found = rustls_native_certs::load_native_certs();
                for error in &found.errors {
                    log::warn!("a system certificate was passed over: {error}");
                }
                roots.add_parsable_certificates(found.certs);
            }
        }
        if roots.is_empty() {
            let message = match &self.ca_file {
                Some(path) => format!("{} holds no certificate", path.display()),
                None => {
                    "the system has no certificate authorities: install them or set TS_TLS_CA_FILE".into()
                }
            };
            return Err(Error::new(Kind::Tls, message));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(Kind::Tls, format!("no TLS version can be used: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(loaded.insert(Arc::new(config)).clone())
    }
}

fn read_pem(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(certificates)
}

fn unreadable(path: &Path, reason: &str) -> Error {
    let message = format!("cannot read the certificate authorities in {}: {reason}", path.display());
    Error::new(Kind::File, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_empty_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let error = Tls::new(Some(path.clone())).client_config().unwrap_err();
        assert_eq!(error.kind(), Kind::File, "{error}");
        std::fs::write(&path, "no certificate").unwrap();
        let error = Tls::new(Some(path)).client_config().unwrap_err();
        assert_eq!(error.kind(), Kind::Tls, "{error}");
    }
}
