//! Sessions in a file: they survive the server, and servers share them.

use serde_json::json;
use twinjar_tests::{Answer, Curl, Server, StoredCookie, demo_server};

const API: &str = "/api/session";
const NOTE: &str = "/api/session/data/note";

/// What another server answers to somebody who brings a session along.
fn get_with(server: &Server, session: &StoredCookie, path: &str) -> Answer {
    Curl::new(server).send("GET", path, &["--cookie", &format!("{}={}", session.name, session.value)])
}

#[test]
fn sessions_survive_the_server() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = format!("sqlite:{}", folder.path().join("sessions.sqlite").display());
    let server = Server::demo_with(&["--store", &store]);
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", NOTE, r#""plum jam""#).status, 204);
    let session = visitor.session_cookie().expect("a session has a cookie");
    drop(server);

    let server = Server::demo_with(&["--store", &store]);
    let value = get_with(&server, &session, NOTE);
    assert_eq!((value.status, value.text()), (200, r#""plum jam""#));
    // Only the file with the secrets makes a cookie that the server believes.
    std::fs::remove_file(folder.path().join("sessions.sqlite.secret")).expect("it is beside the database");
    let server = Server::demo_with(&["--store", &store]);
    let view = get_with(&server, &session, API);
    assert_eq!((view.status, &view.json()["active"]), (200, &json!(false)));
}

#[test]
fn servers_share_a_file() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = format!("sqlite:{}", folder.path().join("sessions.sqlite").display());
    let [here, there] = [(); 2].map(|()| Server::demo_with(&["--store", &store]));
    let visitor = Curl::new(&here);
    assert_eq!(visitor.write("PUT", NOTE, r#""plum jam""#).status, 204);
    let session = visitor.session_cookie().expect("a session has a cookie");
    assert_eq!(get_with(&there, &session, NOTE).json(), json!("plum jam"));
    assert_eq!(visitor.act("DELETE", API).status, 204);
    assert_eq!(
        get_with(&there, &session, API).json()["active"],
        json!(false),
        "a session has outlived its end"
    );
}

#[test]
fn a_store_that_cannot_be_opened_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = folder.path().join("diary.txt");
    std::fs::write(&text, "Dear diary, today I have written a text that is no database.").expect("a file");
    let diary = format!("sqlite:{}", text.display());
    for (store, reason) in [
        (&*diary, "no session store"),
        ("sqlite:/nowhere/sessions.sqlite", "/nowhere/sessions.sqlite"),
        ("mysql://root:hunter2@db/sessions", "not known"),
        ("sqlite:a?hunter2=yes", "option"),
    ] {
        let mut command = demo_server();
        command.args(["--listen", "127.0.0.1:0", "--store", store]).env("RUST_LOG", "off");
        let output = command.output().expect("the server can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(reason) && !said.contains("hunter2"), "{store}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
    let written = std::fs::read_to_string(&text).expect("the file is there");
    assert!(written.starts_with("Dear diary"), "{written}");
}
