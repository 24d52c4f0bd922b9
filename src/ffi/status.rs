//! # 2. Status
//!
//! Every call that can fail returns one: 0 is success, above 0 is no failure, below 0 tells whose
//! fault it is: -1xx the caller's, -2xx the network's, -3xx the gateway's or what it thinks of the request,
//! -9xx a defect of the library. Numbers are never reused; treat one that you do not know by its band.

use std::ffi::c_char;

use crate::error::Kind;

/// What a call came to.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_status {
    /// Done.
    Ok = 0,
    /// The time passed and nothing came.
    Timeout = 1,
    /// tf_stream_wake() was called.
    Woken = 2,
    /// Closed, and nothing is left to read.
    Closed = 3,
    /// A function of the program ended the call; what came until then is there.
    Stopped = 4,
    /// A pointer that must not be NULL is NULL.
    ErrNull = -100,
    /// An argument is out of range or not UTF-8.
    ErrArgument = -101,
    /// The call does not fit the present state, such as an order before the login.
    ErrState = -102,
    /// A setting is missing or wrong.
    ErrConfig = -103,
    /// A file cannot be read or written.
    ErrFile = -104,
    /// The handle was destroyed, is of another type, or was never one.
    ErrHandle = -105,
    /// The client was closed while the call was under way, or before it.
    ErrClosed = -106,
    /// No connection, or it broke.
    ErrNetwork = -200,
    /// The time of the call passed first.
    ErrDeadline = -201,
    /// The encrypted connection could not be set up.
    ErrTls = -202,
    /// The gateway does not accept the credentials or the token.
    ErrAuth = -300,
    /// Too many requests: wait.
    ErrRateLimit = -301,
    /// The gateway refused; nothing happened.
    ErrRejected = -302,
    /// The gateway knows no such thing.
    ErrNotFound = -303,
    /// The gateway answered with something that is not its protocol.
    ErrProtocol = -304,
    /// The gateway is failing.
    ErrUnavailable = -305,
    /// The gateway has the request and is not done with it: read back what became of it.
    ErrPending = -306,
    /// A defect of the library was caught. Please report it.
    ErrPanic = -900,
    /// A defect of the library. Please report it.
    ErrBug = -901,
}

impl From<Kind> for tf_status {
    fn from(kind: Kind) -> tf_status {
        match kind {
            Kind::Argument => tf_status::ErrArgument,
            Kind::State => tf_status::ErrState,
            Kind::Config => tf_status::ErrConfig,
            Kind::File => tf_status::ErrFile,
            Kind::Closed => tf_status::ErrClosed,
            Kind::Network => tf_status::ErrNetwork,
            Kind::Deadline => tf_status::ErrDeadline,
            Kind::Tls => tf_status::ErrTls,
            Kind::Auth => tf_status::ErrAuth,
            Kind::RateLimit => tf_status::ErrRateLimit,
            Kind::Rejected => tf_status::ErrRejected,
            Kind::Pending => tf_status::ErrPending,
            Kind::NotFound => tf_status::ErrNotFound,
            Kind::Protocol => tf_status::ErrProtocol,
            Kind::Unavailable => tf_status::ErrUnavailable,
            Kind::Bug => tf_status::ErrBug,
        }
    }
}

/// The name of a status, such as "TF_STATUS_ERR_AUTH"; "TF_STATUS_UNLISTED" for a number that is none.
/// Static, never freed. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn tf_status_name(status: i32) -> *const c_char {
    let name: &[u8] = match status {
        0 => b"TF_STATUS_OK\0",
        1 => b"TF_STATUS_TIMEOUT\0",
        2 => b"TF_STATUS_WOKEN\0",
        3 => b"TF_STATUS_CLOSED\0",
        4 => b"TF_STATUS_STOPPED\0",
        -100 => b"TF_STATUS_ERR_NULL\0",
        -101 => b"TF_STATUS_ERR_ARGUMENT\0",
        -102 => b"TF_STATUS_ERR_STATE\0",
        -103 => b"TF_STATUS_ERR_CONFIG\0",
        -104 => b"TF_STATUS_ERR_FILE\0",
        -105 => b"TF_STATUS_ERR_HANDLE\0",
        -106 => b"TF_STATUS_ERR_CLOSED\0",
        -200 => b"TF_STATUS_ERR_NETWORK\0",
        -201 => b"TF_STATUS_ERR_DEADLINE\0",
        -202 => b"TF_STATUS_ERR_TLS\0",
        -300 => b"TF_STATUS_ERR_AUTH\0",
        -301 => b"TF_STATUS_ERR_RATE_LIMIT\0",
        -302 => b"TF_STATUS_ERR_REJECTED\0",
        -303 => b"TF_STATUS_ERR_NOT_FOUND\0",
        -304 => b"TF_STATUS_ERR_PROTOCOL\0",
        -305 => b"TF_STATUS_ERR_UNAVAILABLE\0",
        -306 => b"TF_STATUS_ERR_PENDING\0",
        -900 => b"TF_STATUS_ERR_PANIC\0",
        -901 => b"TF_STATUS_ERR_BUG\0",
        _ => b"TF_STATUS_UNLISTED\0",
    };
    name.as_ptr().cast()
}
