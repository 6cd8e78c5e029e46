//! The scripts that each operation is.

use std::borrow::Cow;
use std::sync::LazyLock;

use redis::Cmd;

use super::record::{ENDLESS, NEVER};

/// Redis knows it by its digest, once it has seen its text.
pub(crate) struct Script {
    text: Cow<'static, str>,
    digest: String,
}

impl Script {
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        let digest = redis::Script::new(&text).get_hash().to_owned();
        Self { text, digest }
    }

    pub(super) fn by_digest(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        call("EVALSHA", &self.digest, keys, arguments)
    }

    pub(super) fn by_text(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        call("EVAL", &self.text, keys, arguments)
    }
}

fn call(command: &str, script: &str, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
    let arguments = keys.iter().chain(arguments);
    let (count, bytes) =
        arguments.clone().fold((3, 64), |(count, bytes), argument| (count + 1, bytes + argument.len()));
    let mut call = Cmd::with_capacity(count, command.len() + script.len() + bytes);
    call.arg(command).arg(script).arg(keys.len());
    for argument in arguments {
        call.arg(*argument);
    }
    call
}

/// A script that knows the limits of times by their names here.
fn with_limits(script: &str) -> Script {
    Script::new(format!("local ENDLESS, NEVER = {ENDLESS}, {NEVER}\n{script}"))
}

macro_rules! scripts {
    ($($name:ident = $($file:literal)+),+ $(,)?) => {$(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| with_limits(concat!($(include_str!(concat!("scripts/", $file))),+)));
    )+};
}

scripts! {
    CREATE = "records.lua" "users.lua" "lineages.lua" "put.lua" "create.lua",
    FOLLOW = "records.lua" "lineages.lua" "follow.lua",
    COMMIT = "usual_commit.lua" "records.lua" "users.lua" "put.lua" "commit.lua",
    TOUCH = "records.lua" "users.lua" "touch.lua",
    ROTATE = "records.lua" "users.lua" "lineages.lua" "put.lua" "rotate.lua",
    CONFIRM = "records.lua" "lineages.lua" "confirm.lua",
    DELETE = "records.lua" "users.lua" "lineages.lua" "delete.lua",
    LOCATE = "records.lua" "lineages.lua" "locate.lua",
    LIST = "records.lua" "users.lua" "list.lua",
    DELETE_ALL = "records.lua" "users.lua" "lineages.lua" "delete_all.lua",
    EXPORT = "records.lua" "lineages.lua" "export.lua",
    RESTORE = "records.lua" "users.lua" "lineages.lua" "put.lua" "restore.lua",
    RENEW = "renew.lua",
    UNLOCK = "unlock.lua",
}
