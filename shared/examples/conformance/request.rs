//! One line of the input, read tolerantly.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// A question. Its fields may stand in `input` or beside it; `null` is the same as absent.
pub(crate) struct Request<'a> {
    id: &'a str,
    kind: String,
    input: Option<&'a RawValue>,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Request<'a> {
    /// Reads a line, or says to whom to answer that it cannot be read.
    pub(crate) fn parse(line: &'a str) -> Result<Self, (&'a str, &'static str)> {
        let Ok(mut fields) = serde_json::from_str::<BTreeMap<String, &'a RawValue>>(line) else {
            return Err(("null", "not a JSON object"));
        };
        let id = fields.get("id").map_or("null", |raw| raw.get());
        let Some(Value::String(kind)) = fields.get("kind").and_then(|raw| value(raw)) else {
            return Err((id, "no kind"));
        };
        let input = fields.remove("input");
        // Inner fields go before outer ones.
        if let Some(inner) = input.and_then(|raw| serde_json::from_str::<BTreeMap<_, _>>(raw.get()).ok()) {
            fields.extend(inner);
        }
        Ok(Self { id, kind, input, fields })
    }

    /// The id as it was written.
    pub(crate) fn id(&self) -> &'a str {
        self.id
    }

    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The `input` itself, where it is a text.
    pub(crate) fn text_input(&self) -> Result<String, &'static str> {
        match self.input.map(value) {
            Some(Some(Value::String(text))) => Ok(text),
            Some(None) => Err(NOT_UNICODE),
            _ => Err("input is not a text"),
        }
    }

    /// The `input` itself, where it is a whole number.
    pub(crate) fn integer_input(&self) -> Result<i64, &'static str> {
        self.input.and_then(value).as_ref().and_then(integer).ok_or("input is not a whole number")
    }

    /// The JSON text of a field.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name).map(|raw| raw.get()).filter(|&text| text != "null")
    }

    /// A field's value.
    pub(crate) fn field(&self, name: &str) -> Result<Option<Value>, &'static str> {
        self.raw(name).map(|text| serde_json::from_str(text).map_err(|_| NOT_UNICODE)).transpose()
    }

    /// A text field, if it is there.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<String>, &'static str> {
        match self.field(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err("a field is not a text"),
        }
    }

    /// A text field.
    pub(crate) fn text(&self, name: &str) -> Result<String, &'static str> {
        self.optional_text(name)?.ok_or("a field is missing")
    }

    /// A flag, which is off when it is absent.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, &'static str> {
        match self.field(name)? {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err("a field is not true or false"),
        }
    }

    /// A list of texts; a single text is a list of one, and an absent field an empty list.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, &'static str> {
        let items = match self.field(name)? {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(single) => vec![single],
        };
        items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                _ => Err("a field is not a list of texts"),
            })
            .collect()
    }
}

/// A whole number, however it is written.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let float = value.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
    })
}

const NOT_UNICODE: &str = "a text has a lone surrogate, which no header can hold";

fn value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}
