//! Session values where Rust meets JavaScript: what the npm package's session client gives and takes, as the types that
//! the server declares.
//!
//! Types are checked as the server checks them: a value that is not of its key's type is an error, not a default. Numbers
//! are passed as they are; an integer that JavaScript cannot hold exactly is an error too.
//!
//! ```no_run
//! use serde::{Deserialize, Serialize};
//! use twinjar_client::session::{self, SessionKey, View};
//! use wasm_bindgen::JsValue;
//!
//! #[derive(Serialize, Deserialize)]
//! struct Cart {
//!     items: Vec<String>,
//! }
//!
//! const CART: SessionKey<Cart> = SessionKey::new("cart"); // the server uses the same constant
//!
//! /// `view` is what `await session.view()` gave; the result is for `session.set("cart", …)`.
//! fn with_jam(view: &JsValue) -> Result<JsValue, Box<dyn std::error::Error>> {
//!     let mut cart = View::from_js(view)?.get(&CART)?.unwrap_or(Cart { items: Vec::new() });
//!     cart.items.push("plum jam".to_owned());
//!     Ok(session::to_js(&CART, &cart)?)
//! }
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
pub use twinjar_shared::contract::SessionKey;
use twinjar_shared::contract::{DecodeError, EncodeError};
pub use twinjar_shared::session::{ActiveSession, SessionView};
use wasm_bindgen::JsValue;

/// A value for JavaScript: plain objects, arrays, texts and numbers, as `JSON.parse` would give them.
///
/// # Errors
///
/// [`EncodeError::TooLarge`] if its JSON is longer than the key allows, [`EncodeError::Unrepresentable`] if JavaScript has
/// no such value.
pub fn to_js<T: Serialize + DeserializeOwned>(
    key: &SessionKey<T>,
    value: &T,
) -> Result<JsValue, EncodeError> {
    key.to_json(value)?;
    value.serialize(&Serializer::json_compatible()).map_err(|_| EncodeError::Unrepresentable)
}

/// The value that JavaScript gave.
///
/// # Errors
///
/// [`DecodeError::WrongType`].
pub fn from_js<T: DeserializeOwned>(_: &SessionKey<T>, value: &JsValue) -> Result<T, DecodeError> {
    serde_wasm_bindgen::from_value(value.clone()).map_err(|_| DecodeError::WrongType)
}

/// The session as its page sees it, with values of Rust's types.
#[derive(Clone, Debug, PartialEq)]
pub struct View(SessionView);

impl View {
    /// What `await session.view()` gave.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongType`] if it is no view.
    pub fn from_js(view: &JsValue) -> Result<Self, DecodeError> {
        serde_wasm_bindgen::from_value(view.clone()).map(Self).map_err(|_| DecodeError::WrongType)
    }

    /// The same for JavaScript.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Unrepresentable`] if a number in it is one that JavaScript cannot hold.
    pub fn to_js(&self) -> Result<JsValue, EncodeError> {
        self.0.serialize(&Serializer::json_compatible()).map_err(|_| EncodeError::Unrepresentable)
    }

    /// An entry of the session's data; `None` where there is none, or no session.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongType`] if the entry is not of the key's type.
    pub fn get<T: Serialize + DeserializeOwned>(
        &self,
        key: &SessionKey<T>,
    ) -> Result<Option<T>, DecodeError> {
        let value = self.session().and_then(|session| session.data.get(key.name()));
        value.map(|value| key.from_value(value)).transpose()
    }

    /// The session, if there is one.
    #[must_use]
    pub const fn session(&self) -> Option<&ActiveSession> {
        self.0.session.as_ref()
    }

    /// The server's time when it answered, in milliseconds since the Unix epoch: what deadlines count from.
    #[must_use]
    pub const fn server_time(&self) -> u64 {
        self.0.server_time
    }
}

impl From<SessionView> for View {
    fn from(view: SessionView) -> Self {
        Self(view)
    }
}
