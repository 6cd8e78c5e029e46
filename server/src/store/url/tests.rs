use super::*;

fn parsed(text: &str) -> Result<String, InvalidStoreUrl> {
    text.parse::<StoreUrl>().map(|url| url.to_string())
}

#[test]
fn what_names_no_store_is_refused_without_being_repeated() {
    for text in ["", "memory ", "Memory", "memory:x", "hunter2", "mysql://root:hunter2@db/x", "/a/path", ":"]
    {
        let error = parsed(text).expect_err(text);
        assert_eq!(error, InvalidStoreUrl::UnknownScheme, "{text}");
        assert!(!error.to_string().contains("hunter2") && !format!("{error:?}").contains("hunter2"));
    }
}

#[test]
fn memory_needs_no_path() {
    for text in ["memory", "memory:", "memory://"] {
        let url: StoreUrl = text.parse().expect(text);
        assert!(url.is_in_memory());
        assert_eq!(url.to_string(), "memory");
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn a_file_is_named_by_its_path() {
    for (text, path, synchronous, near_cache) in [
        ("sqlite:sessions.sqlite", "sessions.sqlite", Synchronous::Full, true),
        ("sqlite:/var/lib/a b.sqlite", "/var/lib/a b.sqlite", Synchronous::Full, true),
        ("sqlite:///var/lib/a.sqlite", "/var/lib/a.sqlite", Synchronous::Full, true),
        ("sqlite:a?synchronous=normal", "a", Synchronous::Normal, true),
        ("sqlite:a?synchronous=full&near_cache=on", "a", Synchronous::Full, true),
        ("sqlite:a?near_cache=off&synchronous=normal", "a", Synchronous::Normal, false),
        ("sqlite::memory:", ":memory:", Synchronous::Full, true),
    ] {
        let url: StoreUrl = text.parse().expect(text);
        assert_eq!(url, StoreUrl(Kind::Sqlite { path: path.into(), synchronous, near_cache }), "{text}");
        assert_eq!(url.file(), Some(Path::new(path)));
    }
    for (text, error) in [
        ("sqlite:", InvalidStoreUrl::MissingPath),
        ("sqlite://", InvalidStoreUrl::MissingPath),
        ("sqlite:?synchronous=full", InvalidStoreUrl::MissingPath),
        ("sqlite:a?synchronous=off", InvalidStoreUrl::UnknownOption),
        ("sqlite:a?mode=memory", InvalidStoreUrl::UnknownOption),
        ("sqlite:a?", InvalidStoreUrl::UnknownOption),
        ("sqlite:a?near_cache=on&", InvalidStoreUrl::UnknownOption),
    ] {
        assert_eq!(parsed(text), Err(error), "{text}");
    }
}

#[cfg(feature = "redis")]
#[test]
fn a_password_is_not_shown_again() {
    for (text, shown) in [
        ("redis://127.0.0.1", "redis://127.0.0.1:6379/0"),
        ("redis://:hunter2@cache:7000/3", "redis://cache:7000/3"),
        ("valkey://alice:hunter2@cache/", "redis://cache:6379/0"),
        ("redis://:hunter2@cache?near_cache=on", "redis://cache:6379/0?near_cache=on"),
        ("redis://:hunter2@cache/?near_cache=off", "redis://cache:6379/0"),
        ("rediss://:hunter2@cache", "rediss://cache:6379/0"),
        ("valkeys+sentinel://:hunter2@a,b/main/2", "rediss+sentinel://a:26379,b:26379/main/2"),
        ("valkey+cluster://:hunter2@a", "redis+cluster://a:6379"),
        ("rediss+cluster://:hunter2@a,b", "rediss+cluster://a:6379,b:6379"),
        ("redis+sentinel://:hunter2@a/main", "redis+sentinel://a:26379/main/0"),
    ] {
        let url: StoreUrl = text.parse().expect(text);
        assert_eq!(url.to_string(), shown);
        assert!(!format!("{url:?}").contains("hunter2"));
    }
    for text in ["redis:", "redis://", "redis://:hunter2@", "redis://:hunter2@cache:port/", "redis://cache/x"]
    {
        let error = parsed(text).expect_err(text);
        assert_eq!(error, InvalidStoreUrl::BadAddress, "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[cfg(feature = "postgres")]
#[test]
fn a_database_is_named_by_its_server() {
    for (text, shown) in [
        ("postgres://alice:hunter2@db/shop", "postgres://db:5432/shop"),
        ("postgresql://alice:hunter2@db:1/shop?sslmode=require", "postgres://db:1/shop"),
        (
            "postgres://alice:hunter2@db/shop?sslmode=require&near_cache=on&connect_timeout=3",
            "postgres://db:5432/shop?near_cache=on",
        ),
        ("postgres://db/shop?near_cache=off", "postgres://db:5432/shop"),
    ] {
        let url: StoreUrl = text.parse().expect(text);
        assert_eq!(url.to_string(), shown);
        assert!(!format!("{url:?}").contains("hunter2"));
    }
    assert_eq!(parsed("postgres://db/?near_cache=hunter2"), Err(InvalidStoreUrl::UnknownOption));
    for text in ["postgres:", "postgres://", "postgres:hunter2", "postgres://db/?sslmode=hunter2"] {
        let error = parsed(text).expect_err(text);
        assert_eq!(error, InvalidStoreUrl::BadAddress, "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[cfg(not(all(feature = "postgres", feature = "redis", feature = "sqlite")))]
#[test]
fn a_store_that_was_left_out_says_how_to_get_it() {
    let mut left_out = 0;
    for (text, feature) in
        [("redis://cache/", "`redis`"), ("sqlite:a", "`sqlite`"), ("postgres://db/", "`postgres`")]
    {
        if let Err(error) = parsed(text) {
            assert!(error.to_string().contains(feature), "{error}");
            left_out += 1;
        }
    }
    assert!(left_out > 0);
}
