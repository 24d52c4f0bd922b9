//! Where the gateways of the firms are.

use crate::config::Environment;

/// The three addresses of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// Where REST requests go.
    pub api_url: String,
    /// Where market data comes from.
    pub market_hub_url: String,
    /// Where order news comes from.
    pub user_hub_url: String,
}

/// The addresses of a firm's gateway.
///
/// TopstepX has hosts of its own, the other firms follow one pattern. The demonstration hosts are the same
/// for all; they stand in the published documentation of 2025. Every address is a setting, because firms come
/// and go.
pub fn hosts(firm: &str, environment: Environment) -> Hosts {
    let firm = firm.to_ascii_lowercase();
    let (api, rtc) = match (environment, firm.as_str()) {
        (Environment::Live, "topstepx") => ("api.topstepx.com".into(), "rtc.topstepx.com".into()),
        (Environment::Live, firm) => (format!("api.{firm}.projectx.com"), format!("rtc.{firm}.projectx.com")),
        _ => ("gateway-api-demo.s2f.projectx.com".into(), "gateway-rtc-demo.s2f.projectx.com".into()),
    };
    Hosts {
        api_url: format!("https://{api}"),
        market_hub_url: format!("https://{rtc}/hubs/market"),
        user_hub_url: format!("https://{rtc}/hubs/user"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firms_follow_a_pattern() {
        let topstepx = hosts("TopstepX", Environment::Live);
        assert_eq!(topstepx.api_url, "https://api.topstepx.com");
        assert_eq!(topstepx.user_hub_url, "https://rtc.topstepx.com/hubs/user");
        assert_eq!(hosts("blusky", Environment::Live).api_url, "https://api.blusky.projectx.com");
        let demo = hosts("topstepx", Environment::Demo);
        assert_eq!(demo.market_hub_url, "https://gateway-rtc-demo.s2f.projectx.com/hubs/market");
    }
}
