//! The scripts that each operation is.

use std::sync::LazyLock;

use redis::Cmd;

/// Redis knows it by its digest, once it has seen its text.
pub(crate) struct Script {
    text: &'static str,
    digest: String,
}

impl Script {
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text, digest: redis::Script::new(text).get_hash().to_owned() }
    }

    pub(super) fn by_digest(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        call("EVALSHA", &self.digest, keys, arguments)
    }

    pub(super) fn by_text(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        call("EVAL", self.text, keys, arguments)
    }
}

fn call(command: &str, script: &str, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(command);
    command.arg(script).arg(keys.len());
    for argument in keys.iter().chain(arguments) {
        command.arg(*argument);
    }
    command
}

macro_rules! scripts {
    ($($name:ident = $($file:literal)+),+ $(,)?) => {$(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!(concat!("scripts/", $file))),+)));
    )+};
}

scripts! {
    CREATE = "common.lua" "create.lua",
    FOLLOW = "common.lua" "follow.lua",
    COMMIT = "common.lua" "commit.lua",
    TOUCH = "common.lua" "touch.lua",
    ROTATE = "common.lua" "rotate.lua",
    CONFIRM = "common.lua" "confirm.lua",
    DELETE = "common.lua" "delete.lua",
    LOCATE = "common.lua" "locate.lua",
    LIST = "common.lua" "list.lua",
    DELETE_ALL = "common.lua" "delete_all.lua",
    EXPORT = "common.lua" "export.lua",
    RESTORE = "common.lua" "restore.lua",
    RENEW = "renew.lua",
    UNLOCK = "unlock.lua",
}
