//! Who the simulator is to clients that encrypt: an authority of its own, and a certificate for this machine.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;

use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Kind, Result};
use crate::sim::config::SimTls;
use crate::sim::server::ca_file::{CaFile, random_name};

/// Names that the certificate is good for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How far a client's clock may be behind.
const BEFORE: time::Duration = time::Duration::days(1);
/// How long the certificate is good for. Some systems refuse a longer time.
const AFTER: time::Duration = time::Duration::days(397);

/// What encrypted connections need, and where clients find whom to trust.
pub(in crate::sim) struct Identity {
    pub(in crate::sim) server_config: Arc<ServerConfig>,
    pub(in crate::sim) ca_certificate: String,
    pub(in crate::sim) ca_file: CaFile,
    pub(in crate::sim) handshake_timeout: Duration,
}

impl Identity {
    /// Makes an authority and a certificate, and writes the authority's certificate. The authority's key is
    /// gone when this returns.
    pub(in crate::sim) fn new(settings: &SimTls) -> Result<Identity> {
        let unmade = |error: rcgen::Error| refused(&error);
        let now = OffsetDateTime::from_unix_timestamp_nanos(SystemClock.now().nanos().into())
            .map_err(|error| refused(&error))?;
        let dated = |mut params: CertificateParams, name: &str| {
            (params.not_before, params.not_after) = (now - BEFORE, now + AFTER);
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        // No two authorities share a name, so that a file with several of them leads to the right one.
        let mut authority = dated(
            CertificateParams::default(),
            &format!("TradeForge simulator authority {}", random_name()?),
        );
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().map_err(unmade)?).map_err(unmade)?;

        let names = CertificateParams::new(NAMES.map(str::to_owned)).map_err(unmade)?;
        let mut leaf = dated(names, "TradeForge simulator");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(unmade)?;
        let leaf = leaf.signed_by(&key, &authority).map_err(unmade)?;

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server_config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key))
            .map_err(|error| refused(&error))?;
        let ca_certificate = authority.pem();
        Ok(Identity {
            server_config: Arc::new(server_config),
            ca_file: CaFile::write(settings.ca_file.as_deref(), &ca_certificate)?,
            ca_certificate,
            handshake_timeout: settings.handshake_timeout,
        })
    }
}

fn refused(reason: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Tls, format!("the simulator cannot make its certificate: {reason}"))
}
