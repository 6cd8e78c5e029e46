//! How a session waits for its store.

/// Waits for a step that needs the store. With one that answers at once there is nothing to wait for, and the step
/// runs on the stack; else it is boxed, so that the futures of handlers stay small either way. A step that has to
/// wait after all waits for a lock, and has changed nothing so far: it is begun again.
///
/// What waits does so in a span of its own, named after the step.
macro_rules! drive {
    ($engine:expr, $name:literal, $step:expr) => {{
        let at_once = if $engine.answers_at_once { $step.now_or_never() } else { None };
        match at_once {
            Some(outcome) => outcome,
            None => Box::pin($crate::session::spans::spanned($name, $step)).await,
        }
    }};
}

/// Leaves a step to the foreign format, where the engine keeps its sessions in one.
macro_rules! foreign {
    ($engine:expr, $foreign:ident => $step:expr) => {
        if let Some($foreign) = &$engine.foreign {
            return $step;
        }
    };
}
