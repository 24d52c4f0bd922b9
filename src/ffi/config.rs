//! # 5. Configuration
//!
//! Settings are texts under keys; the keys stand in docs/CONFIGURATION.md. What
//! tf_config_set() sets wins over the process environment, and that over a .env file. A client copies its
//! configuration.

use std::ffi::c_char;

use parking_lot::Mutex;

use super::error::tf_error;
use super::guard::{Checked, destroy, guard, guard_value, object, string};
use super::handle::{Handled, handled};
use super::status::tf_status;
use crate::config::Config;

/// Settings.
pub struct tf_config(Mutex<Config>);
handled!(tf_config, Config);

impl tf_config {
    pub(super) fn snapshot(&self) -> Config {
        self.0.lock().clone()
    }

    /// Makes several changes at once: all of them, or none.
    pub(super) fn change(&self, change: impl FnOnce(&mut Config) -> crate::error::Result<()>) -> Checked<()> {
        let mut config = self.0.lock();
        let mut changed = config.clone();
        change(&mut changed)?;
        *config = changed;
        Ok(())
    }
}

/// Settings that are all default; no environment is read. The caller owns them. NULL only when a million
/// are alive. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn tf_config_new() -> *mut tf_config {
    guard_value(std::ptr::null_mut(), || tf_config::table().insert(tf_config(Mutex::new(Config::new()))))
}

/// Sets one key; an empty value unsets it. ERR_CONFIG for an unknown key, which names the closest one, and
/// for a value that does not fit. Both texts are copied. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_config_set(
    config: *mut tf_config,
    key: *const c_char,
    value: *const c_char,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let config = object("config", config)?;
        let (key, value) = (string("key", key)?, zeroize::Zeroizing::new(string("value", value)?));
        config.0.lock().set(&key, &value)?;
        Ok(tf_status::Ok)
    })
}

/// Fills what is not set from the process environment, then from the nearest .env file in the current
/// folder or above it. ERR_CONFIG for a value that does not fit, ERR_FILE for a .env file that cannot be
/// read. Threads: any; not while another thread changes the environment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_config_load_environment(
    config: *mut tf_config,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let config = object("config", config)?;
        config.0.lock().load_environment()?;
        Ok(tf_status::Ok)
    })
}

/// Whether a key has a value, set or loaded. False for an unknown key and a dead handle. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_config_is_set(config: *const tf_config, key: *const c_char) -> bool {
    guard_value(false, || {
        let (Ok(config), Ok(key)) = (object("config", config), string("key", key)) else { return false };
        config.0.lock().is_set(&key)
    })
}

/// Frees settings. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_config_destroy(config: *mut tf_config) {
    destroy(config);
}
