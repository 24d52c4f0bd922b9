//! `.env` files.

use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// The variables of a `.env` file, in its order.
///
/// # Errors
/// [`Kind::File`] when it cannot be read; the message shows nothing of what is in it.
pub(super) fn read(path: &Path) -> Result<Vec<(String, Secret)>> {
    let unreadable = |reason: String| {
        // The parser's own message may quote the line, which may hold a key: only its kind is told.
        Error::new(Kind::File, format!("cannot read {}: {reason}", path.display()))
    };
    let lines = dotenvy::from_path_iter(path).map_err(|error| match error {
        dotenvy::Error::Io(error) => unreadable(error.to_string()),
        _ => unreadable("it is not a .env file".into()),
    })?;
    let mut variables = Vec::new();
    for (index, line) in lines.enumerate() {
        match line {
            Ok((name, value)) => variables.push((name, Secret::new(value))),
            Err(dotenvy::Error::Io(error)) => return Err(unreadable(error.to_string())),
            // A word alone sets nothing, such as the `ready` that `tradeforge sim` ends its settings with.
            Err(dotenvy::Error::LineParse(text, _)) if !text.contains('=') => {
                log::warn!("a line of {} sets nothing and is passed over", path.display());
            }
            Err(_) => return Err(unreadable(format!("setting {} is not NAME=value", index + 1))),
        }
    }
    Ok(variables)
}
