//! Connections over TLS, to servers with certificates by an authority of the test's own.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::server::Server;
use crate::store::test_support::hearing::until_current;
use crate::store::test_support::{create, kind, value};
use crate::store::{RedisAddress, RedisStore, SessionStore, StoreError, StoreErrorKind};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A server that speaks TLS only, with a certificate for this host.
    fn server(&self, host: &str, folder: &Path) -> Server {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let file = |name: &str, content: String| {
            let path = folder.join(name);
            std::fs::write(&path, content).unwrap();
            path.into_os_string().into_string().unwrap()
        };
        Server::start_encrypted(&[
            "--tls-cert-file",
            &file("certificate.pem", certificate.pem()),
            "--tls-key-file",
            &file("key.pem", key.serialize_pem()),
            "--tls-ca-cert-file",
            &file("authority.pem", self.0.pem()),
            "--tls-auth-clients",
            "no",
        ])
    }

    async fn connect(&self, server: &Server, scheme: &str) -> Result<RedisStore, StoreError> {
        let address: RedisAddress = format!("{scheme}://127.0.0.1:{}", server.port()).parse().unwrap();
        RedisStore::builder().root_certificate(self.0.pem()).connect(address).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_kept_over_tls() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = authority.server("127.0.0.1", folder.path());
    let store = authority.connect(&server, "rediss").await.unwrap();
    assert!(create(&store, 1).await.unwrap());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    until_current(&store).await;
    assert!(store.lock(&crate::store::test_support::key(1)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_cannot_be_trusted_are_refused() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = authority.server("127.0.0.1", folder.path());
    let by_another = Authority::new().connect(&server, "rediss").await;
    assert_eq!(kind(by_another), StoreErrorKind::Unavailable, "signed by nobody we know");
    let by_the_system = RedisStore::connect(format!("rediss://127.0.0.1:{}", server.port()).parse().unwrap());
    assert_eq!(kind(by_the_system.await), StoreErrorKind::Unavailable, "signed by nobody the system knows");
    assert_eq!(kind(authority.connect(&server, "redis").await), StoreErrorKind::Unavailable, "not encrypted");

    let folder = tempfile::tempdir().unwrap();
    let impostor = authority.server("example.com", folder.path());
    assert_eq!(
        kind(authority.connect(&impostor, "rediss").await),
        StoreErrorKind::Unavailable,
        "another host's"
    );

    let nonsense = RedisStore::builder().root_certificate("no certificate");
    let address = format!("rediss://127.0.0.1:{}", server.port()).parse().unwrap();
    assert_eq!(kind(nonsense.connect(address).await), StoreErrorKind::Unavailable);
}
