//! Where settings come from, and which are refused.

use super::*;

fn load(config: &mut Config, variables: &[(&str, &str)], dotenv: Option<&str>) -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("project/src");
    std::fs::create_dir_all(&inner).unwrap();
    if let Some(text) = dotenv {
        std::fs::write(folder.path().join("project/.env"), text).unwrap();
    }
    let find = |name: &str| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value))
    };
    config.load(find, &inner)
}

#[test]
fn explicit_wins_over_environment_over_file() {
    let mut config = Config::new();
    config.set("firm", "bulenox").unwrap();
    let variables = [("TS_FIRM", "blusky"), ("TS_USERNAME", "jane"), ("TRADING_ENVIRONMENT", "live")];
    load(
        &mut config,
        &variables,
        Some("USERNAME=file\nTS_API_KEY='a$b#c=='\nACCOUNT_ID_TO_WATCH=42\nTS_ENVIRONMENT=SIM\n"),
    )
    .unwrap();
    assert_eq!(config.firm(), "bulenox");
    assert_eq!(config.environment(), Environment::Live);
    let (user_name, api_key) = config.credentials().unwrap();
    assert_eq!((user_name, api_key.expose()), ("jane", "a$b#c=="));
    assert_eq!(config.account(), Some(AccountId::new(42)));
}

/// Every setting with its variables: the own one first, older ones after it.
#[test]
fn every_variable_is_read_from_both_places() {
    let aliases: [(&str, &[&str], &str); 13] = [
        ("environment", &["TS_ENVIRONMENT", "TRADING_ENVIRONMENT"], "LIVE"),
        ("firm", &["TS_FIRM"], "bulenox"),
        ("user_name", &["TS_USERNAME", "USERNAME"], "jane"),
        ("api_key", &["TS_API_KEY", "API_KEY"], "aB3+/x=="),
        ("api_url", &["TS_API_URL", "API_BASE_URL_OVERRIDE_ENV"], "https://a.example"),
        ("market_hub_url", &["TS_MARKET_HUB_URL", "MARKET_HUB_URL_OVERRIDE_ENV"], "https://a.example/m"),
        ("user_hub_url", &["TS_USER_HUB_URL", "USER_HUB_URL_OVERRIDE_ENV"], "https://a.example/u"),
        ("plain_http", &["TS_PLAIN_HTTP"], "sim.internal"),
        ("tls_ca_file", &["TS_TLS_CA_FILE"], "/etc/ca.pem"),
        (
            "contract",
            &["TS_CONTRACT", "CONTRACT_ID", "TS_CAPTURE_CONTRACT_ID", "DEFAULT_CAPTURE_CONTRACT_ID"],
            "CON.F.US.MES.Z26",
        ),
        ("account", &["TS_ACCOUNT", "ACCOUNT_ID_TO_WATCH", "DEFAULT_CAPTURE_ACCOUNT_ID"], "20000001"),
        ("cache_seconds", &["TS_CACHE_SECONDS"], "60"),
        ("resolve_seconds", &["TS_RESOLVE_SECONDS"], "60"),
    ];
    for (key, names, text) in aliases {
        let index = KEYS.iter().position(|known| known.name == key).unwrap();
        let value = |config: &Config| config.values[index].as_ref().map(|value| value.expose().to_owned());
        let listed: Vec<&str> =
            std::iter::once(KEYS[index].variable).chain(KEYS[index].aliases.iter().copied()).collect();
        assert_eq!(listed, names, "{key}");
        for (place, name) in names.iter().enumerate() {
            let mut config = Config::new();
            load(&mut config, &[(name, text)], None).unwrap();
            let is_the_systems = *name == "USERNAME";
            assert_eq!(value(&config).as_deref(), (!is_the_systems).then_some(text), "{name}");
            // Bare, quoted and exported, as shells write them.
            for line in [format!("{name}={text}"), format!("export {name} = '{text}'  # {key}\r")] {
                let mut config = Config::new();
                load(&mut config, &[], Some(&format!("\u{feff}# a comment\n\n{line}\nOTHER=1\n"))).unwrap();
                assert_eq!(value(&config).as_deref(), Some(text), "{line}");
            }
            // The name that comes first in the list wins, in any order of the lines.
            let others: String = names[place + 1..].iter().map(|other| format!("{other}=1\n")).collect();
            let mut config = Config::new();
            load(&mut config, &[], Some(&format!("{others}{name}={text}\n"))).unwrap();
            assert_eq!(value(&config).as_deref(), Some(text), "{name} before {others}");
        }
    }
}

#[test]
fn the_systems_own_user_name_is_not_taken() {
    let mut config = Config::new();
    load(&mut config, &[("USERNAME", "windows-user"), ("API_KEY", "0123456789ab")], None).unwrap();
    let message = config.credentials().unwrap_err().to_string();
    assert!(message.contains("TS_USERNAME is not set") && message.contains("SIM"), "{message}");
}

#[test]
fn bad_values_are_told_with_their_source() {
    let mut config = Config::new();
    for (key, value, part) in [
        ("environment", "PROD", "SIM, DEMO or LIVE"),
        ("api_url", "api.topstepx.com", "https://"),
        (
            "api_url",
            "https://jane:very-secret@host",
            "api_url is \"https://***@host\" but must be a URL without",
        ),
        ("user_hub_url", "https://h/x?access_token=very-secret", "\"https://h/x…\" but must be"),
        ("market_hub_url", "https://h\n/", "market_hub_url is \"https://h\\n/\" but must be"),
        ("plain_http", "http://sim:80", "without port, separated by commas"),
        ("account", "PRAC-1", "whole number"),
        ("sim_speed", "-1", "above 0"),
        ("rate_limit", "200", "200/60"),
        ("rate_limit_bars", "0/30", "or off"),
        ("rate_limit_reserve", "-1", "zero at least"),
        ("cache_seconds", "86401", "0 to 86400"),
        ("resolve_seconds", "soon", "0 to 86400"),
        ("sim_brackets", "oco", "auto-oco or position"),
        ("firm", "a/b", "hyphens"),
        ("user_nam", "x", "did you mean `user_name`"),
    ] {
        let error = config.set(key, value).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains("very-secret"), "{error}");
    }
    let error = load(&mut config, &[("TS_ENVIRONMENT", "prod")], None).unwrap_err();
    assert!(error.to_string().starts_with("TS_ENVIRONMENT is \"prod\""), "{error}");
}

#[test]
fn a_value_that_does_not_fit_leaves_the_old_one() {
    let mut config = Config::new();
    config.set("api_url", "HTTPS://Gateway.Example/").unwrap();
    assert!(config.set("api_url", "gateway").is_err());
    assert_eq!(config.api_url(), Some("https://gateway.example"));
}

#[test]
fn other_machines_need_encryption_or_a_name() {
    for key in ["api_url", "market_hub_url", "user_hub_url"] {
        let mut config = Config::new();
        config.set(key, "http://Sim.Internal:4000/x").unwrap();
        let error = config.check_encryption().unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        let told = format!("{key} is \"http://sim.internal:4000/x\"");
        assert!(error.message().starts_with(&told), "{error}");
        assert!(error.message().contains("TS_PLAIN_HTTP=sim.internal"), "{error}");
        config.set("plain_http", "other, internal").unwrap();
        assert!(config.check_encryption().is_err(), "a part of the name is not the name");
        config.set("plain_http", "other, SIM.internal").unwrap();
        config.check_encryption().unwrap();
        config.set("plain_http", "").unwrap();
        config.set(key, "http://127.0.0.1:4000").unwrap();
        config.check_encryption().unwrap();
    }
}

#[test]
fn limits_have_the_published_defaults() {
    let mut config = Config::new();
    let limits = config.rate_limits();
    assert_eq!(limits.rest, Some(RateLimit::new(200, 60)));
    assert_eq!((limits.bars, limits.reserve), (Some(RateLimit::new(50, 30)), 20));
    config.set("rate_limit", "5/1").unwrap();
    config.set("rate_limit_bars", "off").unwrap();
    assert_eq!((config.rate_limits().bars, config.rate_limits().reserve), (None, 0));
    config.set("rate_limit_reserve", "7").unwrap();
    assert_eq!(config.rate_limits().reserve, 4, "one request is left for the rest");
}

#[test]
fn a_broken_file_does_not_show_its_secrets() {
    let error = load(&mut Config::new(), &[], Some("TS_API_KEY='very-secret\n")).unwrap_err();
    assert_eq!(error.kind(), Kind::File);
    assert!(!format!("{error} {error:?}").contains("very-secret"), "{error}");
}

#[test]
fn a_word_alone_is_passed_over() {
    let mut config = Config::new();
    load(&mut config, &[], Some("TS_FIRM=blusky\nready\nTS_ACCOUNT=7\n")).unwrap();
    assert_eq!((config.firm(), config.account()), ("blusky", Some(AccountId::new(7))));
}

#[test]
fn debug_hides_the_key() {
    let mut config = Config::new();
    config.set("api_key", "very-secret").unwrap();
    config.set("user_name", "jane").unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("jane") && !shown.contains("very-secret"), "{shown}");
    assert!(config.is_set("user_name") && !config.is_set("firm") && !config.is_set("nonsense"));
    config.set("user_name", "").unwrap();
    assert!(config.credentials().is_err() && !config.is_set("user_name"));
}
