//! The shape that every error of this crate has: a small `Copy` enum whose variants each carry
//! a stable code, one sentence that says what to change, and the rule's place in its RFC.

/// Defines such an enum. A variant reads `Name = "code", "section", "sentence"`.
macro_rules! reasons {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$doc:meta])* $variant:ident = $code:expr, $section:expr, $message:expr, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$doc])* $variant, )+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// A stable `snake_case` word for programs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// One sentence for people that says what to change.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $( Self::$variant => $message, )+ }
            }

            /// Where the rule is written down.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self { $( Self::$variant => $section, )+ }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.message())
            }
        }

        impl core::error::Error for $name {}
    };
}

pub(crate) use reasons;
