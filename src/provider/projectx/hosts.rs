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
        for firm in [
            "alphaticks",
            "aquafutures",
            "blueguardianfutures",
            "blusky",
            "bulenox",
            "daytraders",
            "e8",
            "fundingfutures",
            "futureselite",
            "fxifyfutures",
            "goatfundedfutures",
            "holaprime",
            "lucidtrading",
            "nexgen",
            "thefuturesdesk",
            "tickticktrader",
            "toponefutures",
            "tradeday",
            "tradeify",
            "tx3funding",
        ] {
            let live = hosts(&firm.to_ascii_uppercase(), Environment::Live);
            assert_eq!(live.api_url, format!("https://api.{firm}.projectx.com"));
            assert_eq!(live.market_hub_url, format!("https://rtc.{firm}.projectx.com/hubs/market"));
            assert_eq!(live.user_hub_url, format!("https://rtc.{firm}.projectx.com/hubs/user"));
            assert_eq!(hosts(firm, Environment::Demo), hosts("topstepx", Environment::Demo), "{firm}");
        }
    }

    #[test]
    fn topstepx_and_the_demonstration_have_hosts_of_their_own() {
        let live = hosts("TopstepX", Environment::Live);
        assert_eq!(live.api_url, "https://api.topstepx.com");
        assert_eq!(live.market_hub_url, "https://rtc.topstepx.com/hubs/market");
        assert_eq!(live.user_hub_url, "https://rtc.topstepx.com/hubs/user");
        let demo = hosts("topstepx", Environment::Demo);
        assert_eq!(demo.api_url, "https://gateway-api-demo.s2f.projectx.com");
        assert_eq!(demo.market_hub_url, "https://gateway-rtc-demo.s2f.projectx.com/hubs/market");
        assert_eq!(demo.user_hub_url, "https://gateway-rtc-demo.s2f.projectx.com/hubs/user");
    }
}
