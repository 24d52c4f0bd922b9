//! Who logs in.

use crate::secret::Secret;

/// What a login takes. Secrets are wiped from memory when dropped and not shown by `Debug`.
#[derive(Debug, Clone)]
pub(crate) enum Credentials {
    /// A user with a key made in the platform's settings.
    Key { user_name: String, api_key: Secret },
    /// An application that a firm has admitted.
    App(AppLogin),
}

/// The five parts of a login as an application, which a firm issues to those who build on its platform.
///
/// Password and verify key are wiped from memory when dropped and not shown by `Debug`.
#[derive(Debug, Clone)]
pub struct AppLogin {
    pub(crate) user_name: String,
    pub(crate) password: Secret,
    pub(crate) device_id: String,
    pub(crate) app_id: String,
    pub(crate) verify_key: Secret,
}

impl AppLogin {
    /// User name, password, a free text that names the device, the id of the application and its key.
    pub fn new(
        user_name: impl Into<String>,
        password: impl Into<String>,
        device_id: impl Into<String>,
        app_id: impl Into<String>,
        verify_key: impl Into<String>,
    ) -> AppLogin {
        AppLogin {
            user_name: user_name.into(),
            password: Secret::new(password),
            device_id: device_id.into(),
            app_id: app_id.into(),
            verify_key: Secret::new(verify_key),
        }
    }
}
