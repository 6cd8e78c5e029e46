//! Sessions on the way from store to store, by the commands of the demo server.

use std::path::Path;
use std::process::Output;

use twinjar_tests::{Postgres, Redis, demo_server};

use crate::Store;
use crate::wire::Wire;

fn command(store: &str, arguments: &[&str]) -> Output {
    let mut command = demo_server();
    command.args(["store", "--store", store]).args(arguments);
    command.output().expect("the demo server can be started")
}

/// What the command prints, and what it says of its work.
fn run(store: &str, arguments: &[&str]) -> (String, String) {
    let output = command(store, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {said}");
    (printed, said)
}

/// The exported lines, sorted.
fn exported(store: &Store) -> Vec<String> {
    let mut lines: Vec<_> = run(&store.url(), &["export"]).0.lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), r#"{"format":"twinjar sessions","version":1}"#);
    let end = lines.pop().expect("a last line");
    assert_eq!(end, format!(r#"{{"sessions":{}}}"#, lines.len()));
    lines.sort();
    lines
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a path of letters")
}

#[test]
fn sessions_move_from_store_to_store_and_nobody_is_logged_out() {
    const VISITORS: usize = 30;
    let first = Store::sqlite();
    let server = first.server(&[]);
    let mut visitors: Vec<_> = (0..VISITORS).map(|_| Wire::visitor(&server)).collect();
    // Some have been given another id, and still hold the one before.
    let mut before = Vec::new();
    for (number, visitor) in visitors.iter_mut().enumerate() {
        for _ in 0..number % 3 {
            before.push(visitor.at(&server));
            assert_eq!(visitor.ask("POST", "/regenerate").expect("an answer").0, 200);
        }
        visitor.n("POST", "/incr");
    }
    drop(server);
    let lines = exported(&first);
    assert_eq!(lines.len(), VISITORS);
    let secrets = visitors.iter().map(Wire::secret).collect::<Vec<_>>();
    assert!(
        lines.iter().all(|line| secrets.iter().all(|secret| !line.contains(secret))),
        "a secret is exported"
    );

    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("sessions.jsonl");
    let others =
        [Store::Redis(Redis::start(&[]), ""), Store::Postgres(Postgres::start(&[]), ""), Store::sqlite()];
    let mut from = &first;
    for to in &others {
        run(&from.url(), &["export", "--to", path(&file)]);
        let (_, said) = run(&to.url(), &["import", "--from", path(&file)]);
        assert!(said.contains(&format!("{VISITORS} sessions were imported, 0 were there already")), "{said}");
        assert_eq!(exported(to), lines, "from {} to {}", from.name(), to.name());
        let (_, said) = run(&to.url(), &["import", "--from", path(&file)]);
        assert!(said.contains(&format!("0 sessions were imported, {VISITORS} were there already")), "{said}");
        let (stats, _) = run(&to.url(), &["stats"]);
        assert!(stats.contains(&format!("sessions                 {VISITORS}\n")), "{stats}");
        assert!(stats.contains(&format!("former keys              {VISITORS}\n")), "{stats}");
        from = to;
    }
    for store in &others {
        let server = store.server(&[]);
        for visitor in &visitors {
            assert_eq!(visitor.at(&server).n("GET", "/read"), 2, "{}", store.name());
        }
    }
    // Those with an older id as well, as long as its successor has not been seen for a while.
    let server = others[2].server(&[]);
    let known = before.iter().filter(|visitor| visitor.at(&server).n("GET", "/read") == 2).count();
    assert!(known > 0, "no former id leads to its session");
}

#[test]
fn what_cannot_be_done_is_said() {
    let store = Store::sqlite();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("sessions.jsonl");
    let refused = |store: &str, arguments: &[&str]| {
        let output = command(store, arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let header = r#"{"format":"twinjar sessions","version":1}"#;
    for (content, advice) in [
        ("", "the first line is not that of an export"),
        ("{\"format\":\"something else\"}\n", "the first line is not that of an export"),
        (&format!("{header}\n{{\"hunter2\":1}}\n") as &str, "line 2: this is no session"),
        (&format!("{header}\n") as &str, "the export has been cut short"),
        (&format!("{header}\n{{\"sessions\":1}}\n") as &str, "line 2: this is no session"),
    ] {
        std::fs::write(&file, content).expect("a file can be written");
        let said = refused(&store.url(), &["import", "--from", path(&file)]);
        assert!(said.contains(advice) && !said.contains("hunter2"), "{said}");
    }
    for (url, advice) in [
        ("memory", "sessions in memory end with their server"),
        ("mysql://alice:hunter2@db/shop", "this store is not known; use memory, sqlite:PATH"),
        ("postgres://alice:hunter2@127.0.0.1:1/shop", "cannot open postgres://127.0.0.1:1/shop"),
        ("redis://alice:hunter2@127.0.0.1:1/", "cannot open redis://127.0.0.1:1/0"),
    ] {
        let said = refused(url, &["stats"]);
        assert!(said.contains(advice) && !said.contains("hunter2"), "{said}");
    }
    let postgres = Postgres::start_with_password("right-password", &[]);
    let wrong = postgres.url().replace("right-password", "hunter2");
    let said = refused(&wrong, &["migrate"]);
    assert!(said.contains("the session store denies access") && !said.contains("hunter2"), "{said}");
    assert!(run(&postgres.url(), &["migrate"]).0.contains("is ready"));
    assert_eq!(run(&postgres.url(), &["sweep"]).0, "0 sessions had ended\n");
}
