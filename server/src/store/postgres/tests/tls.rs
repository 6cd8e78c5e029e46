//! Encrypted connections.

use std::path::Path;
use std::process::Command;

use super::server::Postgres;
use crate::store::test_support::{create, value};
use crate::store::{PostgresStore, SessionStore, StoreErrorKind};

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_certificate_has_to_be_valid_for_its_name() {
    let server = Postgres::start(&[]);
    certify(server.folder());
    let data = server.folder().join("data");
    for file in ["server.crt", "server.key"] {
        std::fs::copy(server.folder().join(file), data.join(file)).unwrap();
        server.give(&data.join(file));
    }
    let _ = server.sql("ALTER SYSTEM SET ssl = on");
    assert_eq!(server.sql("SELECT pg_reload_conf()"), "t");
    while !server.sql("SHOW ssl").contains("on") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let authority = server.folder().join("authority.crt").display().to_string();
    let url = |host: &str, options: &str| {
        format!("postgres://postgres@{host}:{}/postgres?sslmode=require{options}", server.port())
    };
    let trusting = format!("&sslrootcert={authority}");

    let store = PostgresStore::connect(url("localhost", &trusting).parse().unwrap()).await.unwrap();
    assert!(create(&store, 1).await.unwrap());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'twinjar'";
    assert_eq!(server.sql(encrypted), "t");
    store.ping().await.unwrap();

    for (case, url) in [
        ("another name", url("127.0.0.1", &trusting)),
        ("an unknown authority", url("localhost", "")),
        ("no authority at all", url("localhost", "&sslrootcert=/dev/null")),
    ] {
        let error = PostgresStore::connect(url.parse().unwrap()).await.expect_err(case);
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{case}");
    }
    let _ = server.sql("ALTER SYSTEM SET ssl = off");
    assert_eq!(server.sql("SELECT pg_reload_conf()"), "t");
    while !server.sql("SHOW ssl").contains("off") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let error = PostgresStore::connect(url("localhost", &trusting).parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "a server that does not encrypt");
}

/// An authority, and a certificate of its for `localhost`.
fn certify(folder: &Path) {
    openssl(
        folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
         -keyout authority.key -out authority.crt",
    );
    openssl(
        folder,
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server -addext subjectAltName=DNS:localhost \
         -addext basicConstraints=critical,CA:FALSE -keyout server.key -out server.csr",
    );
    openssl(
        folder,
        "x509 -req -in server.csr -CA authority.crt -CAkey authority.key -days 2 -copy_extensions copy \
         -out server.crt",
    );
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(folder).args(arguments.split_whitespace()).output();
    let output = output.expect("openssl is not installed: apt-get install openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
