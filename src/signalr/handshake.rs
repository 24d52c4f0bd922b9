//! The first record of each direction.

use serde::Deserialize;

use super::text::Text;
use crate::error::{Error, Kind, Result};

/// What the client says first: JSON, version 1.
pub const HANDSHAKE: &str = "{\"protocol\":\"json\",\"version\":1}\u{1e}";

/// Reads the server's answer, the first record of a connection.
///
/// # Errors
/// [`Kind::Protocol`] with the server's reason when it refuses, or when the record is no answer.
pub fn handshake_answer(record: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        error: Option<Text<'a>>,
    }
    match serde_json::from_slice::<Answer<'_>>(record) {
        Ok(Answer { error: None }) => Ok(()),
        Ok(Answer { error: Some(reason) }) => {
            Err(Error::new(Kind::Protocol, "the hub refused the handshake")
                .with_gateway(None, Some(reason.into())))
        }
        Err(error) => Err(Error::new(Kind::Protocol, format!("the hub answered no handshake: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_without_error_is_consent() {
        handshake_answer(b"{}").unwrap();
        handshake_answer(b"{\"minorVersion\":0}").unwrap();
        let error =
            handshake_answer(b"{\"error\":\"Requested protocol 'x' is not available.\"}").unwrap_err();
        assert_eq!(error.gateway_text(), Some("Requested protocol 'x' is not available."));
        handshake_answer(b"<html>").unwrap_err();
    }
}
