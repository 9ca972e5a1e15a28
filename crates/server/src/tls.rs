//! The certificate and key of HTTPS.

use crate::config::TlsFiles;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Reads the files and makes what speaks TLS 1.2 and 1.3 with them.
///
/// # Errors
/// [`TlsError`] naming the file, when one cannot be read or the key is another certificate's.
pub fn load(files: TlsFiles<'_>) -> Result<TlsAcceptor, TlsError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::pem(files.certificate, error))?;
    if certificates.is_empty() {
        return Err(TlsError::pem(files.certificate, pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(files.key).map_err(|error| TlsError::pem(files.key, error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|source| TlsError::Pair { certificate: files.certificate.to_owned(), source })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The service cannot speak TLS with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or has no such item in it.
    #[error("`{}` cannot be used for TLS", .path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The key does not belong to the certificate, or is of a kind that is not supported.
    #[error("`{}` and its key cannot be used for TLS", .certificate.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// What is wrong with the two.
        source: rustls::Error,
    },
}

impl TlsError {
    fn pem(path: &Path, source: pem::Error) -> Self {
        Self::Pem { path: path.to_owned(), source }
    }
}
