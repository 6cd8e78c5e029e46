//! What is stored comes back as it was, to the byte.

use std::time::Duration;

use super::fixture::{Subject, done, set};
use crate::UnixMillis;
use crate::store::{Patch, SessionData};

pub(super) async fn text_is_kept_as_it_is(subject: Subject) {
    for data in [
        "{}",
        r#"{"n":1.0,"m":-0,"e":1.50e3,"big":123456789012345678901234567890,"tiny":1E-400,"huge":1e400}"#,
        r#"{"z":1,"a":2,"m":3,"10":4,"9":5}"#,
        r#"{"__proto__":{"admin":true},"constructor":1,"toString":null,"hasOwnProperty":0}"#,
        r#"{"":1," ":2,"\u0000":3,"a\u0000b":4,"\"":5,"\\":6,"a.b":7,"a/b":8,"$set":9,"%s":10}"#,
        r#"{"escaped":"\ud83e\udd80 \u00e4 \/ \b\f\n\r\t","raw":"🦀 ä /"}"#,
        r#"{"half a character":"\ud800"}"#,
        r#"{"nothing":null,"yes":true,"no":false,"empty":"","list":[],"object":{}}"#,
        r#"{"text":"it's; -- \"quoted\" '' $1 ? :a @b"}"#,
        "{ \"spaces\" : [ 1 ,\t2 ]\r\n}",
        r#"{"same":1,"same":2}"#,
    ] {
        let key = subject.session(data).await;
        assert_eq!(subject.live(&key).await.data.as_str(), data, "created");
        // The same through a commit, value by value.
        let mut patch = Patch::default();
        for (name, value) in SessionData::parse(data).expect("an object").entries() {
            patch.set(&name, serde_json::value::RawValue::from_string(value.to_owned()).expect("JSON"));
        }
        let other = subject.session("{}").await;
        let committed = done(subject.patch(&other, &patch).await);
        assert_eq!(committed.data, patch.apply(&SessionData::default()), "committed");
        assert_eq!(subject.live(&other).await, committed);
    }
}

pub(super) async fn all_of_unicode_is_kept(subject: Subject) {
    let key = subject.session("{}").await;
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    for part in all.chunks(16 * 1024) {
        let text: String = part.iter().collect();
        let value = serde_json::Value::from(text).to_string();
        done(subject.patch(&key, &set("text", &value)).await);
        let kept = subject.live(&key).await;
        // Not assert_eq: nobody reads a difference of this size.
        assert!(
            kept.data.get("text") == Some(&*value),
            "the part that begins with {:?} is not kept",
            part[0]
        );
    }
}

pub(super) async fn large_values_are_kept(subject: Subject) {
    let key = subject.session("{}").await;
    for bytes in [1_000, 4_096, 65_535, 65_536, 300_000] {
        let value = format!("\"{}\"", "x".repeat(bytes));
        done(subject.patch(&key, &set("value", &value)).await);
        let kept = subject.live(&key).await;
        assert!(kept.data.get("value") == Some(&*value), "a value of {bytes} bytes is not kept");
    }
    done(subject.patch(&key, &set("value", "0")).await);
    assert_eq!(subject.live(&key).await.data.as_str(), r#"{"value":0}"#);
}

pub(super) async fn deep_values_are_kept(subject: Subject) {
    const DEPTH: usize = 10_000;
    let key = subject.session("{}").await;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let value = format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH));
        done(subject.patch(&key, &set("deep", &value)).await);
        done(subject.patch(&key, &set("n", "1")).await);
        assert!(subject.live(&key).await.data.get("deep") == Some(&*value), "not kept");
    }
}

pub(super) async fn times_and_flags_are_kept(subject: Subject) {
    for (case, absolute, idle, persistent) in [
        ("usual", subject.now + Duration::from_secs(60), Duration::from_millis(59_999), true),
        ("the end of time", UnixMillis::MAX, Duration::from_secs(400 * 24 * 60 * 60), false),
    ] {
        let mut record = subject.record("{}");
        record.meta.absolute_deadline = absolute;
        record.meta.idle_timeout = idle;
        record.meta.persistent = persistent;
        record.deadline = (subject.now + idle).min(absolute);
        record.revision = 1 << 40;
        let key = subject.stored(record.clone()).await;
        assert_eq!(*subject.live(&key).await, record, "{case}");
    }
}

pub(super) async fn the_store_answers_a_ping(subject: Subject) {
    subject.store.ping().await.expect("ping");
}
