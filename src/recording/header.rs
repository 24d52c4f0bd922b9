//! The first line of a recording.

use crate::clock::Timestamp;

const NAME: &str = "tradeforge-recording";
/// The version of the format.
pub(super) const VERSION: u32 = 1;
/// The longest first line.
pub(super) const LONGEST: usize = 4 * 1024;

/// What a recording is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// When it was begun.
    pub created: Timestamp,
    /// The host of the market hub, with its port if it was given.
    pub market_host: String,
    /// The host of the user hub, with its port if it was given.
    pub user_host: String,
}

impl Header {
    /// A header with the hosts of these URLs. Paths, queries and whatever stands before an `@` are left out, because
    /// they may hold a secret.
    pub fn new(created: Timestamp, market_url: &str, user_url: &str) -> Header {
        Header { created, market_host: host(market_url), user_host: host(user_url) }
    }

    pub(super) fn line(&self) -> String {
        let (created, market, user) = (self.created.nanos(), &self.market_host, &self.user_host);
        format!("{NAME} {VERSION} created={created} market={market} user={user}\n")
    }

    /// Reads the first line, without its end; the error says what is wrong with it.
    pub(super) fn parse(line: &[u8]) -> Result<Header, String> {
        let no_recording = || "it is no recording of this program".to_owned();
        let line = std::str::from_utf8(line).map_err(|_| no_recording())?;
        let mut words = line.split(' ');
        if words.next() != Some(NAME) {
            return Err(no_recording());
        }
        match words.next() {
            Some(version) if version.parse() == Ok(VERSION) => {}
            version => {
                let version = version.unwrap_or("without a version").escape_debug();
                return Err(format!("its format {version} is not {VERSION}, the one that can be read"));
            }
        }
        // Members of later programs are passed over.
        let members: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
        let member = |name| members.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let created = member("created").and_then(|nanos| nanos.parse().ok());
        let text = |name| member(name).unwrap_or_default().to_owned();
        Ok(Header {
            created: Timestamp::from_nanos(created.ok_or("its first line has no time")?),
            market_host: text("market"),
            user_host: text("user"),
        })
    }
}

/// Host and port of a URL, without anything that could hold a secret or break the line.
fn host(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.chars().filter(|letter| letter.is_ascii_graphic()).take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_a_url_is_kept() {
        for (url, kept) in [
            ("https://rtc.topstepx.com/hubs/market", "rtc.topstepx.com"),
            ("http://127.0.0.1:4000/hubs/user?access_token=secret", "127.0.0.1:4000"),
            ("https://jane:secret@host?token=secret", "host"),
            ("https://host#secret", "host"),
            ("", ""),
            ("https://a b\n/", "ab"),
        ] {
            assert_eq!(host(url), kept, "{url}");
        }
    }

    #[test]
    fn later_members_are_passed_over_and_later_versions_are_not() {
        let header = Header::parse(b"tradeforge-recording 1 created=5 new=x market=a user=b").unwrap();
        assert_eq!(header, Header::new(Timestamp::from_nanos(5), "http://a", "http://b"));
        for (line, why) in [
            (&b"tradeforge-recording 2 created=5"[..], "its format 2 is not 1"),
            (b"tradeforge-recording 1", "no time"),
            (b"something else", "no recording"),
            (b"\xff", "no recording"),
        ] {
            assert!(Header::parse(line).unwrap_err().contains(why));
        }
    }
}
