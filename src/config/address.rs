//! The addresses of servers: read strictly, written in one way, and trusted with credentials or not.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Where a server is: `scheme://host[:port][/path]` and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    is_encrypted: bool,
    /// In small letters; an IPv6 address without its brackets.
    host: String,
    port: Option<u16>,
    /// Empty, or with a slash at its beginning and none at its end.
    path: String,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// What to write instead, to follow "must be".
    pub(super) fn parse(text: &str) -> Result<Address, &'static str> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('\\') {
            return Err("a URL of visible ASCII letters, without spaces and backslashes");
        }
        let scheme = text.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        let (is_encrypted, rest) = match scheme.as_ref().map(|(scheme, rest)| (scheme.as_str(), *rest)) {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            Some(("wss", _)) => return Err("a URL that starts with https:// where it has wss://"),
            Some(("ws", _)) => return Err("a URL that starts with http:// where it has ws://"),
            _ => return Err("a URL that starts with https:// or, on this machine, http://"),
        };
        if rest.contains(['?', '#']) {
            return Err("a URL without ? and # and what follows them");
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("a URL without a user name and @; credentials are settings of their own");
        }
        let (host, port) = split_port(authority)?;
        let port = port.map(read_port).transpose()?;
        let path = path.trim_end_matches('/').to_owned();
        Ok(Address { is_encrypted, host: read_host(host)?, port, path })
    }

    /// Whether what is sent there stays on this machine or goes out encrypted.
    pub(super) fn is_private(&self) -> bool {
        self.is_encrypted
            || self.host == "localhost"
            || self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || self.host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
    }

    /// The name or address of the machine, in small letters.
    pub(super) fn host(&self) -> &str {
        &self.host
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_encrypted { "https://" } else { "http://" })?;
        match self.host.contains(':') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

/// Host names in a list, separated by commas, in the spelling of [`Address::host`]; `None` if one is no name.
pub(super) fn hosts(list: &str) -> Option<Vec<String>> {
    list.split(',').map(|host| read_host(host.trim()).ok()).collect()
}

/// A URL without the parts that may hold a secret, to be shown.
pub(crate) fn without_secrets(url: &str) -> String {
    let shown = url.split(['?', '#']).next().unwrap_or_default();
    let cut = if shown.len() < url.len() { "…" } else { "" };
    let (scheme, rest) = shown.split_once("//").unwrap_or(("", shown));
    match rest.rsplit_once('@') {
        Some((_, rest)) => format!("{scheme}//***@{rest}{cut}"),
        None => format!("{shown}{cut}"),
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), &'static str> {
    let after_host = match authority.starts_with('[') {
        true => authority.find(']').ok_or(BAD_HOST)? + 1,
        false if authority.matches(':').count() > 1 => {
            return Err("a URL with one colon before the port; an IPv6 address stands in brackets");
        }
        false => authority.find(':').unwrap_or(authority.len()),
    };
    match authority.split_at(after_host) {
        (host, "") => Ok((host, None)),
        (host, port) => Ok((host, Some(port.strip_prefix(':').ok_or(BAD_HOST)?))),
    }
}

fn read_port(digits: &str) -> Result<u16, &'static str> {
    let port = digits.parse().ok().filter(|port| *port > 0);
    port.filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or("a URL whose port is a number from 1 to 65535, or that has none")
}

const BAD_HOST: &str = "a URL with a host name of letters, digits, dots and hyphens, or an IP address";

fn read_host(host: &str) -> Result<String, &'static str> {
    if host.is_empty() {
        return Err("a URL with a host name");
    }
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if let Some(literal) = literal {
        return literal.parse::<Ipv6Addr>().map(|address| address.to_string()).map_err(|_| BAD_HOST);
    }
    // What ends in a number is an address; the system would read short ones such as 127.1 its own way.
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_decimal = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    if is_decimal || last.starts_with("0x") || last.starts_with("0X") {
        return host.parse::<Ipv4Addr>().map(|address| address.to_string()).map_err(|_| BAD_HOST);
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    match name.split('.').all(is_label) && name.len() <= 253 {
        true => Ok(host.to_ascii_lowercase()),
        false => Err(BAD_HOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_urls_are_written_in_one_way() {
        for (text, written) in [
            ("https://api.topstepx.com", "https://api.topstepx.com"),
            ("HTTPS://API.TopstepX.com/", "https://api.topstepx.com"),
            ("Http://LOCALHOST:80//", "http://localhost:80"),
            ("https://rtc.topstepx.com/hubs/User/", "https://rtc.topstepx.com/hubs/User"),
            ("https://gateway:8443/a//b/", "https://gateway:8443/a//b"),
            ("http://[0:0:0::1]:1/x", "http://[::1]:1/x"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
            ("http://127.0.0.1:4000/hubs/market", "http://127.0.0.1:4000/hubs/market"),
            ("https://under_score.example.", "https://under_score.example."),
            ("https://host:00443/%7Ea@b", "https://host:443/%7Ea@b"),
        ] {
            let address = Address::parse(text).unwrap_or_else(|wanted| panic!("{text} must be {wanted}"));
            assert_eq!(address.to_string(), written);
            assert_eq!(Address::parse(written).as_ref(), Ok(&address), "{written}");
        }
    }

    #[test]
    fn bad_urls_tell_what_to_write() {
        for (text, part) in [
            ("api.topstepx.com", "starts with https://"),
            ("//host", "starts with https://"),
            ("://host", "starts with https://"),
            ("ftp://host", "starts with https://"),
            ("https:/host", "starts with https://"),
            (" https://host", "without spaces"),
            ("wss://host/hubs/user", "https:// where it has wss://"),
            ("WS://host", "http:// where it has ws://"),
            ("https://", "with a host name"),
            ("https:///path", "with a host name"),
            ("https://:443/", "with a host name"),
            ("https://host?access_token=x", "without ? and #"),
            ("https://host/a?", "without ? and #"),
            ("https://host/#top", "without ? and #"),
            ("https://jane:secret@host", "without a user name and @"),
            ("https://@host", "without a user name and @"),
            ("https://host:", "port is a number from 1 to 65535"),
            ("https://host:0", "port is a number from 1 to 65535"),
            ("https://host:65536", "port is a number from 1 to 65535"),
            ("https://host:+80", "port is a number from 1 to 65535"),
            ("https://host:80:80", "one colon before the port"),
            ("https://host:https", "port is a number from 1 to 65535"),
            ("https://ho st", "without spaces"),
            ("https://host/a b", "without spaces"),
            ("https://host\n", "without spaces"),
            ("https://host/\u{7f}", "without spaces"),
            ("https://h\u{f6}st.example", "ASCII"),
            ("https://host\\@evil.example", "backslashes"),
            ("https://ho%73t", "letters, digits, dots and hyphens"),
            ("https://a..b", "letters, digits, dots and hyphens"),
            ("https://-a.example", "letters, digits, dots and hyphens"),
            ("https://127.1", "letters, digits, dots and hyphens"),
            ("https://2130706433", "letters, digits, dots and hyphens"),
            ("https://0x7f000001", "letters, digits, dots and hyphens"),
            ("https://1.2.3.256", "letters, digits, dots and hyphens"),
            ("https://[::1", "letters, digits, dots and hyphens"),
            ("https://[::1]x", "letters, digits, dots and hyphens"),
            ("https://[host]", "letters, digits, dots and hyphens"),
            ("https://::1", "stands in brackets"),
        ] {
            let wanted = Address::parse(text).expect_err(text);
            assert!(wanted.contains(part), "{text} must be {wanted}");
        }
    }

    #[test]
    fn only_this_machine_is_private_without_encryption() {
        for (text, is_private) in [
            ("http://127.0.0.1", true),
            ("http://127.255.255.254:1", true),
            ("http://[::1]:8080", true),
            ("HTTP://LocalHost/", true),
            ("https://api.topstepx.com", true),
            ("http://api.topstepx.com", false),
            ("http://128.0.0.1", false),
            ("http://0.0.0.0", false),
            ("http://192.168.1.2", false),
            ("http://[::]", false),
            ("http://[::ffff:127.0.0.1]", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
        ] {
            assert_eq!(Address::parse(text).unwrap().is_private(), is_private, "{text}");
        }
    }

    #[test]
    fn lists_of_hosts() {
        let list = hosts("Gateway, 10.0.0.7,[::2] ,sim.internal").unwrap();
        assert_eq!(list, ["gateway", "10.0.0.7", "::2", "sim.internal"]);
        for list in ["a,,b", "*", "http://a", "a:80", "a b", "*.example"] {
            assert!(hosts(list).is_none(), "{list}");
        }
    }

    #[test]
    fn secrets_are_cut_off() {
        for (url, shown) in [
            ("https://jane:secret@host/x", "https://***@host/x"),
            ("https://host/x?access_token=secret", "https://host/x…"),
            ("https://a@secret@host#secret", "https://***@host…"),
            ("host", "host"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
