/*
 * TradeForge: a trading SDK for the ProjectX Gateway.
 *
 * Conventions
 *   Handles are opaque and made by *_new() or a call that says so. The library looks a handle up and never
 *   follows it, so a handle that was destroyed gives TF_STATUS_ERR_HANDLE. *_destroy(NULL) does nothing.
 *   Calls return a tf_status. Results go to out_ parameters, which are written on success only.
 *   The last parameter `err` may be NULL; on failure it receives an error for tf_error_destroy().
 *   Texts in are NUL-terminated UTF-8 and copied. Texts and rows out are borrowed from the handle they came
 *   from and live until it is destroyed.
 *   Enums cross as integers, so that a number that is new to one side does no harm.
 *   No panic leaves the library. It calls back into the program only where a call takes a function, on the
 *   thread of that call; tf_stream_set_callback() alone uses a thread of the library.
 *
 * This file is generated from the sources. Do not edit it.
 */
#ifndef TRADEFORGE_H
#define TRADEFORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TF_API
#if defined(_WIN32) && !defined(TF_STATIC)
#define TF_API __declspec(dllimport)
#else
#define TF_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ==== 1. Version ==========================================================================================
 * Compare tf_abi_version() with TF_ABI_VERSION once, right after loading the library.
 */

/** Moves only when programs built against an older header would break. */
#define TF_ABI_VERSION 1u

/** The ABI version of the library that is loaded. Threads: any. */
TF_API uint32_t tf_abi_version(void);

/** The version of the library, such as "0.1.0". Static, never freed. Threads: any. */
TF_API const char *tf_version(void);

/** How many threads of the library run in this process: 0 once every client is closed. Threads: any. */
TF_API size_t tf_live_threads(void);

/* ==== 2. Status ===========================================================================================
 * Every call that can fail returns one: 0 is success, above 0 is no failure, below 0 tells whose
 * fault it is: -1xx the caller's, -2xx the network's, -3xx the gateway's or what it thinks of the request,
 * -9xx a defect of the library. Numbers are never reused; treat one that you do not know by its band.
 */

/** What a call came to. */
typedef int32_t tf_status;
enum {
  /** Done. */
  TF_STATUS_OK = 0,
  /** The time passed and nothing came. */
  TF_STATUS_TIMEOUT = 1,
  /** tf_stream_wake() was called. */
  TF_STATUS_WOKEN = 2,
  /** Closed, and nothing is left to read. */
  TF_STATUS_CLOSED = 3,
  /** A function of the program ended the call; what came until then is there. */
  TF_STATUS_STOPPED = 4,
  /** A pointer that must not be NULL is NULL. */
  TF_STATUS_ERR_NULL = -100,
  /** An argument is out of range or not UTF-8. */
  TF_STATUS_ERR_ARGUMENT = -101,
  /** The call does not fit the present state, such as an order before the login. */
  TF_STATUS_ERR_STATE = -102,
  /** A setting is missing or wrong. */
  TF_STATUS_ERR_CONFIG = -103,
  /** A file cannot be read or written. */
  TF_STATUS_ERR_FILE = -104,
  /** The handle was destroyed, is of another type, or was never one. */
  TF_STATUS_ERR_HANDLE = -105,
  /** The client was closed while the call was under way, or before it. */
  TF_STATUS_ERR_CLOSED = -106,
  /** No connection, or it broke. */
  TF_STATUS_ERR_NETWORK = -200,
  /** The time of the call passed first. */
  TF_STATUS_ERR_DEADLINE = -201,
  /** The encrypted connection could not be set up. */
  TF_STATUS_ERR_TLS = -202,
  /** The gateway does not accept the credentials or the token. */
  TF_STATUS_ERR_AUTH = -300,
  /** Too many requests: wait. */
  TF_STATUS_ERR_RATE_LIMIT = -301,
  /** The gateway refused; nothing happened. */
  TF_STATUS_ERR_REJECTED = -302,
  /** The gateway knows no such thing. */
  TF_STATUS_ERR_NOT_FOUND = -303,
  /** The gateway answered with something that is not its protocol. */
  TF_STATUS_ERR_PROTOCOL = -304,
  /** The gateway is failing. */
  TF_STATUS_ERR_UNAVAILABLE = -305,
  /** The gateway has the request and is not done with it: read back what became of it. */
  TF_STATUS_ERR_PENDING = -306,
  /** A defect of the library was caught. Please report it. */
  TF_STATUS_ERR_PANIC = -900,
  /** A defect of the library. Please report it. */
  TF_STATUS_ERR_BUG = -901,
};

/**
 * The name of a status, such as "TF_STATUS_ERR_AUTH"; "TF_STATUS_UNLISTED" for a number that is none.
 * Static, never freed. Threads: any.
 */
TF_API const char *tf_status_name(int32_t status);

/* ==== 3. Errors ===========================================================================================
 * The last parameter `err` of a call may be NULL. When the call fails it receives an error that
 * the caller owns; when it succeeds it is not touched. All texts are borrowed from the error and live as
 * long as it does. The accessors take NULL, and then answer as for no error. Threads: any.
 */

/** Who can mend an error. */
typedef int32_t tf_fault;
enum {
  /** There is no error. */
  TF_FAULT_NONE = 0,
  /** The program or its settings. */
  TF_FAULT_CALLER = 1,
  /** The network between here and the gateway. */
  TF_FAULT_NETWORK = 2,
  /** The gateway. */
  TF_FAULT_GATEWAY = 3,
  /** This library. */
  TF_FAULT_LIBRARY = 4,
};

/** What became of a request that changes something. */
typedef int32_t tf_outcome;
enum {
  /** The call only asks. */
  TF_OUTCOME_QUERY = 0,
  /** The request never left this machine; nothing happened. */
  TF_OUTCOME_NOT_SENT = 1,
  /** The gateway refused it; nothing happened. */
  TF_OUTCOME_REJECTED = 2,
  /** It may have been carried out. Read back by the client tag; never send it again blindly. */
  TF_OUTCOME_UNKNOWN = 3,
};

/** Why a call failed. */
typedef struct tf_error tf_error;

/** The status that the call returned; TF_STATUS_OK for NULL. */
TF_API tf_status tf_error_status(const struct tf_error *error);

/** Who can mend it. */
TF_API tf_fault tf_error_fault(const struct tf_error *error);

/** One line for people: what failed, on what, and what to do. "" for NULL. */
TF_API const char *tf_error_message(const struct tf_error *error);

/** The gateway's operation that failed, such as "Order/place"; "" when it did not get that far. */
TF_API const char *tf_error_operation(const struct tf_error *error);

/** The gateway's own number, which means something else for every operation; 0 when it gave none. */
TF_API int32_t tf_error_gateway_code(const struct tf_error *error);

/** The published name of that number, such as "OrderRejected"; "" when the gateway gave none. */
TF_API const char *tf_error_gateway_name(const struct tf_error *error);

/** The gateway's own words, untrusted, at most 2,000 bytes; "" when it gave none. */
TF_API const char *tf_error_gateway_text(const struct tf_error *error);

/** The HTTP status; 0 when there was no answer. */
TF_API int32_t tf_error_http_status(const struct tf_error *error);

/** Milliseconds that the gateway asks to wait; -1 when it does not say. */
TF_API int64_t tf_error_retry_after_ms(const struct tf_error *error);

/** Whether the same call may simply be made again later. Never true for an unknown outcome. */
TF_API bool tf_error_retriable(const struct tf_error *error);

/** What became of the request. */
TF_API tf_outcome tf_error_outcome(const struct tf_error *error);

/** Whether an order may live although the call failed: read back by its client tag. */
TF_API bool tf_error_outcome_unknown(const struct tf_error *error);

/** The order that the error is about, rejected ones included; INT64_MAX when there is none. */
TF_API int64_t tf_error_order_id(const struct tf_error *error);

/** The client tag of that order; "" when there is none. */
TF_API const char *tf_error_client_tag(const struct tf_error *error);

/** Frees an error. NULL is fine. */
TF_API void tf_error_destroy(struct tf_error *error);

/* ==== 4. Numbers ==========================================================================================
 * Prices and money are int64_t in units of 1e-9: 30199.25 is 30199250000000. Times are int64_t
 * nanoseconds since 1970-01-01T00:00:00Z. Nothing is carried through a double on the way. Threads: any.
 */

/** One, in units of a price or an amount. */
#define TF_PRICE_SCALE INT64_C(1000000000)

/** A price or an amount that is absent. */
#define TF_PRICE_NONE INT64_MAX

/** A time that is absent. */
#define TF_TIME_NONE INT64_MAX

/** An id or a volume that is absent. */
#define TF_ID_NONE INT64_MAX

/** A 32-bit number that is absent. */
#define TF_INT_NONE INT32_MIN

/** Which multiple of the tick a price moves to. */
typedef int32_t tf_rounding;
enum {
  /** The closest; exactly between two, the one further from zero. */
  TF_ROUNDING_NEAREST = 0,
  /** At or below: away from the market for a buy limit. */
  TF_ROUNDING_DOWN = 1,
  /** At or above: away from the market for a sell limit. */
  TF_ROUNDING_UP = 2,
};

/**
 * Reads a decimal text such as "30199.25" or "5e-7", exactly. ERR_ARGUMENT when it is no number, finer than
 * 1e-9 or out of range.
 */
TF_API tf_status tf_price_parse(const char *text, int64_t *out_price, tf_error **err);

/**
 * Writes a price or an amount as its shortest decimal text into `buffer`, NUL-terminated and cut to
 * `capacity`, and returns the length of the whole text, as snprintf does. 24 bytes hold every price; an
 * absent one is "".
 */
TF_API size_t tf_price_format(int64_t price, char *buffer, size_t capacity);

/** The closest double; NaN for an absent price. */
TF_API double tf_price_to_double(int64_t price);

/**
 * Takes the shortest decimal text of a double, so that 0.1 is one tenth. ERR_ARGUMENT for NaN, infinities
 * and what is out of range.
 */
TF_API tf_status tf_price_from_double(double value, int64_t *out_price, tf_error **err);

/**
 * Moves a price to a multiple of `tick` by a tf_rounding. ERR_ARGUMENT when the tick is not above 0, the
 * rounding is none, or the result is out of range.
 */
TF_API
tf_status tf_price_round(int64_t price,
                         int64_t tick,
                         int32_t rounding,
                         int64_t *out_price,
                         tf_error **err);

/**
 * Writes a time as RFC 3339 in UTC, such as "2026-08-16T23:26:02.15673Z", as tf_price_format() does. 31
 * bytes hold every time; an absent one is "".
 */
TF_API size_t tf_time_format(int64_t time_ns, char *buffer, size_t capacity);

/* ==== 5. Configuration ====================================================================================
 * Settings are texts under keys; the keys stand in docs/CONFIGURATION.md. What
 * tf_config_set() sets wins over the process environment, and that over a .env file. A client copies its
 * configuration.
 */

/** Settings. */
typedef struct tf_config tf_config;

/**
 * Settings that are all default; no environment is read. The caller owns them. NULL only when a million
 * are alive. Threads: any.
 */
TF_API struct tf_config *tf_config_new(void);

/**
 * Sets one key; an empty value unsets it. ERR_CONFIG for an unknown key, which names the closest one, and
 * for a value that does not fit. Both texts are copied. Threads: any.
 */
TF_API tf_status tf_config_set(struct tf_config *config, const char *key, const char *value, tf_error **err);

/**
 * Fills what is not set from the process environment, then from the nearest .env file in the current
 * folder or above it. ERR_CONFIG for a value that does not fit, ERR_FILE for a .env file that cannot be
 * read. Threads: any; not while another thread changes the environment.
 */
TF_API tf_status tf_config_load_environment(struct tf_config *config, tf_error **err);

/** Whether a key has a value, set or loaded. False for an unknown key and a dead handle. Threads: any. */
TF_API bool tf_config_is_set(const struct tf_config *config, const char *key);

/** Frees settings. NULL is fine. Threads: any. */
TF_API void tf_config_destroy(struct tf_config *config);

/* ==== 6. Client ===========================================================================================
 * Everything hangs on one. Any thread may use it. Calls that talk to the gateway block until the
 * answer or until `timeout_ms` has passed (-1: no limit) and then give ERR_DEADLINE; tf_client_close() ends
 * them at once with ERR_CLOSED. Before tf_client_login() they give ERR_STATE. The token
 * is replaced ahead of its end. Requests that would be too many for the gateway wait up to `timeout_ms`; those that
 * change something are refused with ERR_RATE_LIMIT instead and were not sent.
 */

/** A connection to a gateway. */
typedef struct tf_client tf_client;

/**
 * Makes a client from a copy of the settings. Sends nothing; with environment SIM the embedded gateway
 * starts. The caller owns it. ERR_CONFIG when a setting is missing or wrong. Threads: any.
 */
TF_API tf_status tf_client_new(const tf_config *config, struct tf_client **out_client, tf_error **err);

/**
 * Logs in with the user name and the key of the settings. ERR_CONFIG when they are not set, ERR_AUTH when they
 * are refused. After three refusals in a row all calls give ERR_AUTH until the next login. Threads: any.
 */
TF_API
tf_status tf_client_login(struct tf_client *client,
                          int32_t timeout_ms,
                          tf_error **err);

/**
 * Logs in as an application that a firm has admitted, with the five parts that the firm issued; user name and
 * key of the settings are not used. All texts are copied. ERR_AUTH when they are refused. Threads: any.
 */
TF_API
tf_status tf_client_login_app(struct tf_client *client,
                              const char *user_name,
                              const char *password,
                              const char *device_id,
                              const char *app_id,
                              const char *verify_key,
                              int32_t timeout_ms,
                              tf_error **err);

/**
 * Ends the token, here in any case and at the gateway if it can be reached. Connections that are up stay; they
 * cannot come back before the next login. Threads: any.
 */
TF_API
tf_status tf_client_logout(struct tf_client *client,
                           int32_t timeout_ms,
                           tf_error **err);

/** Asks the gateway for a sign of life. Needs no login. Threads: any. */
TF_API tf_status tf_client_ping(struct tf_client *client, int32_t timeout_ms, tf_error **err);

/**
 * Forgets the accounts and contracts that are remembered for 300 s, or as long as cache_seconds says, so that
 * the next call asks the gateway. Threads: any.
 */
TF_API tf_status tf_client_clear_caches(struct tf_client *client, tf_error **err);

/**
 * Asks the gateway whether the token is still valid, and goes on with the new one if it sends one.
 * Threads: any.
 */
TF_API tf_status tf_client_validate(struct tf_client *client, int32_t timeout_ms, tf_error **err);

/**
 * The text of a symbol: contract ids, client tags and names come as numbers in events. Borrowed until the
 * client is destroyed; "" for 0 and for a number that is none. Threads: any.
 */
TF_API const char *tf_client_symbol(const struct tf_client *client, uint32_t symbol);

/**
 * Ends every call that is under way, both connections and all streams, and waits for the threads. What is
 * queued in streams can still be polled. Later calls give ERR_CLOSED. Closing again does nothing.
 * Threads: any.
 */
TF_API tf_status tf_client_close(struct tf_client *client, tf_error **err);

/**
 * Closes if needed and frees. Streams and lists of the client stay valid until they are destroyed, in any
 * order. NULL is fine. Threads: any.
 */
TF_API void tf_client_destroy(struct tf_client *client);

/* ==== 7. Accounts =========================================================================================
 */

/** A list of accounts. */
typedef struct tf_accounts tf_accounts;

/** A trading account. */
typedef struct tf_account {
  /** The id that orders name. */
  int64_t id;
  /** The name that people know it by. */
  const char *name;
  /** The realised balance in units of 1e-9; TF_PRICE_NONE when the gateway does not tell. */
  int64_t balance;
  /** Whether it may trade now. */
  bool can_trade;
  /** Whether the platform shows it. */
  bool is_visible;
  /** 1 when the firm simulates its orders, 0 when not, -1 when the gateway does not tell. */
  int8_t simulated;
  /** Zero. */
  uint8_t reserved[5];
} tf_account;

/**
 * Lists the user's accounts, inactive ones too unless `only_active`. The caller owns the list.
 * Threads: any.
 */
TF_API
tf_status tf_client_accounts(tf_client *client,
                             bool only_active,
                             int32_t timeout_ms,
                             struct tf_accounts **out_accounts,
                             tf_error **err);

/**
 * The accounts of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
 * empty list. Threads: any.
 */
TF_API const struct tf_account *tf_accounts_data(const struct tf_accounts *accounts, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_accounts_destroy(struct tf_accounts *accounts);

/* ==== 8. Contracts ========================================================================================
 */

/** A list of contracts. */
typedef struct tf_contracts tf_contracts;

/** A futures contract. */
typedef struct tf_contract {
  /** The id that orders and subscriptions name. Opaque: find it by search and never build it. */
  const char *id;
  /** The exchange's name, such as "MNQU6". */
  const char *name;
  /** The name in words. */
  const char *description;
  /** The id of the product, such as "F.US.MNQ"; NULL when the gateway does not tell. */
  const char *symbol_id;
  /** The smallest step of the price, in units of 1e-9. */
  int64_t tick_size;
  /** What one tick of one contract is worth, in units of 1e-9. */
  int64_t tick_value;
  /** Whether it is the expiry that trades now. */
  bool is_active;
  /** Zero. */
  uint8_t reserved[7];
} tf_contract;

/**
 * Finds active contracts whose name, id or description resembles `text`, 20 at most. `live` asks for the
 * live data subscription; practice accounts have none and get an empty list. The caller owns the list.
 * Threads: any.
 */
TF_API
tf_status tf_client_search_contracts(tf_client *client,
                                     const char *text,
                                     bool live,
                                     int32_t timeout_ms,
                                     struct tf_contracts **out_contracts,
                                     tf_error **err);

/** Lists all active contracts. `live` and ownership as in tf_client_search_contracts(). Threads: any. */
TF_API
tf_status tf_client_available_contracts(tf_client *client,
                                        bool live,
                                        int32_t timeout_ms,
                                        struct tf_contracts **out_contracts,
                                        tf_error **err);

/**
 * Gives one contract by its id, expired ones included, as a list of one that the caller owns. ERR_NOT_FOUND
 * for an unknown id. Threads: any.
 */
TF_API
tf_status tf_client_contract(tf_client *client,
                             const char *contract,
                             int32_t timeout_ms,
                             struct tf_contracts **out_contracts,
                             tf_error **err);

/**
 * Gives the contract that a symbol means, as a list of one that the caller owns: a name ("MESM6", "MESM26"),
 * an id, or a product by the exchange's root ("NQ", "/NQ"), the gateway's code ("ENQ") or its id ("F.US.ENQ"),
 * in any case. A product means its front month, by the rules of docs/CONTRACTS.md. `live` as in
 * tf_client_search_contracts(). ERR_NOT_FOUND when there is none and ERR_ARGUMENT when it may mean several;
 * the message lists the candidates. Threads: any.
 */
TF_API
tf_status tf_client_contract_by_symbol(tf_client *client,
                                       const char *symbol,
                                       bool live,
                                       int32_t timeout_ms,
                                       struct tf_contracts **out_contracts,
                                       tf_error **err);

/**
 * The contracts of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
 * empty list. Threads: any.
 */
TF_API const struct tf_contract *tf_contracts_data(const struct tf_contracts *contracts, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_contracts_destroy(struct tf_contracts *contracts);

/* ==== 9. Orders ===========================================================================================
 * A request that changes something is sent once and never again by itself. When a call fails,
 * tf_error_outcome() tells whether there may be an order; if so, tf_order_resolve() finds out.
 */

/** The side of an order, a fill or the aggressor of a trade. A number that is not listed is the gateway's own. */
typedef int32_t tf_side;
enum {
  /** Not told. */
  TF_SIDE_NONE = -1,
  /** Buys. */
  TF_SIDE_BUY = 0,
  /** Sells. */
  TF_SIDE_SELL = 1,
};

/** The type of an order. A number that is not listed is the gateway's own. */
typedef int32_t tf_order_type;
enum {
  /** Not told. */
  TF_ORDER_TYPE_UNKNOWN = 0,
  /** At the limit price or better. */
  TF_ORDER_TYPE_LIMIT = 1,
  /** At once, at the market's price. */
  TF_ORDER_TYPE_MARKET = 2,
  /** A limit order once the stop price trades. The gateway does not take it; it is refused before sending. */
  TF_ORDER_TYPE_STOP_LIMIT = 3,
  /** A market order once the stop price trades. */
  TF_ORDER_TYPE_STOP = 4,
  /** A stop that follows the market. */
  TF_ORDER_TYPE_TRAILING_STOP = 5,
  /** A limit order at the best bid. */
  TF_ORDER_TYPE_JOIN_BID = 6,
  /** A limit order at the best ask. */
  TF_ORDER_TYPE_JOIN_ASK = 7,
};

/**
 * Where an order stands. Filled, cancelled, expired and rejected are final. A number that is not listed is
 * the gateway's own.
 */
typedef int32_t tf_order_status;
enum {
  /** Not told. */
  TF_ORDER_STATUS_NONE = 0,
  /** Working in the market. */
  TF_ORDER_STATUS_OPEN = 1,
  /** Filled completely. */
  TF_ORDER_STATUS_FILLED = 2,
  /** Cancelled. */
  TF_ORDER_STATUS_CANCELLED = 3,
  /** Expired. */
  TF_ORDER_STATUS_EXPIRED = 4,
  /** Refused. */
  TF_ORDER_STATUS_REJECTED = 5,
  /** On its way into the market. */
  TF_ORDER_STATUS_PENDING = 6,
  /** A cancel is on its way. */
  TF_ORDER_STATUS_PENDING_CANCELLATION = 7,
  /** Waits for its parent, as the legs of a bracket do. */
  TF_ORDER_STATUS_SUSPENDED = 8,
};

/** How the place of a bracket's leg is given. Never with a sign: the side of the order gives it. */
typedef int32_t tf_bracket_unit;
enum {
  /** There is no such leg. */
  TF_BRACKET_UNIT_NONE = 0,
  /** Ticks from the price at which the order fills, 4 at least. */
  TF_BRACKET_UNIT_TICKS = 1,
  /** The same as a distance in units of 1e-9, a multiple of the tick. The client must know the contract. */
  TF_BRACKET_UNIT_DISTANCE = 2,
  /**
   * A level in units of 1e-9, on the tick grid. It goes out as the ticks from the order's limit or stop
   * price. The client must know the contract.
   */
  TF_BRACKET_UNIT_LEVEL = 3,
};

/** A list of orders. */
typedef struct tf_orders tf_orders;

/** An order to be placed. Start from tf_order_request_init(). */
typedef struct tf_order_request {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** Contracts, 1 at least. */
  int32_t quantity;
  /** The account that trades. */
  int64_t account;
  /** The contract's id. Copied. */
  const char *contract;
  /** The key to find the order by, unique in the account for ever; NULL lets the library make one. Copied. */
  const char *client_tag;
  /** The worst price to trade at, in units of 1e-9; limit orders need it. Else TF_PRICE_NONE. */
  int64_t limit_price;
  /** A tf_side: buy or sell. */
  int32_t side;
  /** A tf_order_type: any but stop limit. */
  int32_t order_type;
  /** The price that turns it into a market order; stop orders need it. Else TF_PRICE_NONE. */
  int64_t stop_price;
  /** Where a trailing stop begins: a level, not a distance. Else TF_PRICE_NONE. */
  int64_t trail_price;
  /** Where the leg stands that ends a loss, in stop_loss_unit. */
  int64_t stop_loss;
  /** Where the leg stands that takes a profit, in take_profit_unit. */
  int64_t take_profit;
  /** A tf_bracket_unit. Brackets need an account in the mode Auto OCO Brackets. */
  int32_t stop_loss_unit;
  /** A tf_bracket_unit. */
  int32_t take_profit_unit;
  /** TF_ORDER_TYPE_STOP, or TF_ORDER_TYPE_TRAILING_STOP for one that follows the market. */
  int32_t stop_loss_type;
  /** Zero. */
  int32_t reserved;
} tf_order_request;

/** An order that the gateway took. */
typedef struct tf_placed {
  /** The gateway's id of the order. */
  int64_t order_id;
  /** The client tag, for tf_client_symbol(). Equals client_tag in the events of the order. */
  uint32_t client_tag;
  /** Zero. */
  uint32_t reserved;
} tf_placed;

/** A change of a working order. Start from tf_order_change_init(). */
typedef struct tf_order_change {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** Contracts ordered; TF_INT_NONE leaves them as they are. */
  int32_t quantity;
  /** The account that trades. */
  int64_t account;
  /** The order's id. */
  int64_t order_id;
  /** The limit price in units of 1e-9; TF_PRICE_NONE leaves it as it is. */
  int64_t limit_price;
  /** The stop price in units of 1e-9; TF_PRICE_NONE leaves it as it is. */
  int64_t stop_price;
  /** The new level of a trailing stop in units of 1e-9; TF_PRICE_NONE leaves it as it is. */
  int64_t trail_price;
} tf_order_change;

/**
 * An order as the gateway keeps it. Absent prices are TF_PRICE_NONE, absent ids TF_ID_NONE, absent numbers
 * TF_INT_NONE, absent times TF_TIME_NONE, absent texts NULL.
 */
typedef struct tf_order {
  /** The gateway's id. */
  int64_t id;
  /** The account that trades. */
  int64_t account;
  /** The contract's id. */
  const char *contract;
  /** The client tag. */
  const char *client_tag;
  /** When it was made. */
  int64_t created_ns;
  /** When it last changed. A fill does not count as a change at this gateway. */
  int64_t updated_ns;
  /** The limit price. */
  int64_t limit_price;
  /** The stop price. */
  int64_t stop_price;
  /** The average price of the fills, rounded half to even at 1e-9. */
  int64_t filled_price;
  /** The distance of a trailing stop or a bracket leg, as a price. */
  int64_t trail_price;
  /** The entry that a bracket leg belongs to. */
  int64_t parent;
  /** The other leg of the bracket. */
  int64_t linked;
  /** Contracts ordered. */
  int32_t quantity;
  /** Contracts filled. */
  int32_t fill_volume;
  /** The distance of a trailing stop or a bracket leg, in ticks. */
  int32_t trail_distance;
  /** A tf_order_status. */
  int32_t status;
  /** A tf_order_type. */
  int32_t order_type;
  /** A tf_side. */
  int32_t side;
  /** The id of the product, such as "F.US.MNQ"; NULL when the gateway does not tell. */
  const char *symbol_id;
} tf_order;

/**
 * Sets every field to its default: no account, no contract, no prices, no brackets, side TF_SIDE_NONE, a
 * market order of size 0. NULL does nothing. Threads: any.
 */
TF_API void tf_order_request_init(struct tf_order_request *request);

/**
 * Places an order, once. Size, side, type, tag and brackets are checked before sending, and prices against
 * the tick grid when this client has seen the contract: one off the grid is refused, never rounded. On failure tf_error_outcome() tells what became of it, and
 * tf_error_client_tag() what to find it by. `out_placed` may be NULL. Threads: any.
 */
TF_API
tf_status tf_order_place(tf_client *client,
                         const struct tf_order_request *request,
                         int32_t timeout_ms,
                         struct tf_placed *out_placed,
                         tf_error **err);

/**
 * Asks for the cancellation of an order, once. TF_STATUS_OK means that the gateway took the request; whether
 * the order is cancelled or was filled first, tf_order_cancel_confirmed(), its events or tf_client_order() tell. ERR_NOT_FOUND or
 * ERR_REJECTED for an order that is final already. Threads: any.
 */
TF_API
tf_status tf_order_cancel(tf_client *client,
                          int64_t account,
                          int64_t order_id,
                          int32_t timeout_ms,
                          tf_error **err);

/** Sets every field to "leave it as it is", without account and order. NULL does nothing. Threads: any. */
TF_API void tf_order_change_init(struct tf_order_change *change);

/**
 * Changes a working order, once. A price off the tick grid is refused as in tf_order_place(); if the client
 * does not know the order's contract, it asks for it first, 2 s and half of the time at most, and leaves what
 * it cannot find out by then to the gateway. ERR_ARGUMENT when nothing would change, the quantity is below 1
 * or a price is off the grid; else as tf_order_cancel(). Threads: any.
 */
TF_API
tf_status tf_order_modify(tf_client *client,
                          const struct tf_order_change *change,
                          int32_t timeout_ms,
                          tf_error **err);

/**
 * Lists the orders that are not final, oldest first, the suspended legs of brackets included. The caller
 * owns the list. Threads: any.
 */
TF_API
tf_status tf_client_open_orders(tf_client *client,
                                int64_t account,
                                int32_t timeout_ms,
                                struct tf_orders **out_orders,
                                tf_error **err);

/**
 * Lists the orders that work in the market, in one request. Those that are pending, and the suspended legs of
 * brackets, are left out. The caller owns the list. Threads: any.
 */
TF_API
tf_status tf_client_resting_orders(tf_client *client,
                                   int64_t account,
                                   int32_t timeout_ms,
                                   struct tf_orders **out_orders,
                                   tf_error **err);

/**
 * Gives one order by its id, as a list of one that the caller owns. ERR_NOT_FOUND for an id that the
 * account does not have. Threads: any.
 */
TF_API
tf_status tf_client_order(tf_client *client,
                          int64_t account,
                          int64_t order_id,
                          int32_t timeout_ms,
                          struct tf_orders **out_orders,
                          tf_error **err);

/**
 * Lists the orders made from `since_ns` on and before `until_ns`, oldest first; TF_TIME_NONE is no end. The
 * gateway leaves out those that are pending or suspended. The caller owns the list. ERR_ARGUMENT for an empty
 * range. Threads: any.
 */
TF_API
tf_status tf_client_orders(tf_client *client,
                           int64_t account,
                           int64_t since_ns,
                           int64_t until_ns,
                           int32_t timeout_ms,
                           struct tf_orders **out_orders,
                           tf_error **err);

/**
 * Finds the order with this client tag among those of the last `window_ms` milliseconds, as a list of one
 * or none that the caller owns. A request that is still on its way may arrive later: ask again before
 * counting on none. Threads: any.
 */
TF_API
tf_status tf_client_order_by_tag(tf_client *client,
                                 int64_t account,
                                 const char *client_tag,
                                 uint64_t window_ms,
                                 int32_t timeout_ms,
                                 struct tf_orders **out_orders,
                                 tf_error **err);

/**
 * The orders of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
 * empty list. Threads: any.
 */
TF_API const struct tf_order *tf_orders_data(const struct tf_orders *orders, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_orders_destroy(struct tf_orders *orders);

/* ==== 10. Fills ===========================================================================================
 */

/** A list of fills. */
typedef struct tf_fills tf_fills;

/** A fill of one of the account's orders. */
typedef struct tf_fill {
  /** The gateway's id. */
  int64_t id;
  /** The order that was filled. */
  int64_t order;
  /** The account. */
  int64_t account;
  /** The contract's id. */
  const char *contract;
  /** When it happened; TF_TIME_NONE when the gateway does not tell. */
  int64_t created_ns;
  /** The price in units of 1e-9. */
  int64_t price;
  /**
   * The result of the part that it closed in units of 1e-9, fees not deducted; TF_PRICE_NONE when it opened
   * or added.
   */
  int64_t profit_and_loss;
  /** The fees for the whole fill in units of 1e-9. */
  int64_t fees;
  /** The commissions for the whole fill in units of 1e-9; TF_PRICE_NONE when the gateway does not tell. */
  int64_t commissions;
  /** Contracts. */
  int32_t quantity;
  /** A tf_side. */
  int32_t side;
  /** Whether it was undone. */
  bool voided;
  /** Zero. */
  uint8_t reserved[7];
} tf_fill;

/**
 * Lists the fills from `since_ns` on and before `until_ns`, oldest first; TF_TIME_NONE is no end. The caller
 * owns the list. ERR_ARGUMENT for an empty range. Threads: any.
 */
TF_API
tf_status tf_client_fills(tf_client *client,
                          int64_t account,
                          int64_t since_ns,
                          int64_t until_ns,
                          int32_t timeout_ms,
                          struct tf_fills **out_fills,
                          tf_error **err);

/**
 * The fills of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an empty
 * list. Threads: any.
 */
TF_API const struct tf_fill *tf_fills_data(const struct tf_fills *fills, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_fills_destroy(struct tf_fills *fills);

/* ==== 11. Positions =======================================================================================
 */

/** The direction of a position. A number that is not listed is the gateway's own. */
typedef int32_t tf_position_side;
enum {
  /** None: flat. */
  TF_POSITION_SIDE_FLAT = 0,
  /** Bought. */
  TF_POSITION_SIDE_LONG = 1,
  /** Sold. */
  TF_POSITION_SIDE_SHORT = 2,
};

/** A list of positions. */
typedef struct tf_positions tf_positions;

/** The open position of an account in one contract. */
typedef struct tf_position {
  /** The gateway's id. */
  int64_t id;
  /** The account that holds it. */
  int64_t account;
  /** The contract's id. */
  const char *contract;
  /** The name for people, such as "MNQU26"; NULL when the gateway does not tell. */
  const char *display_name;
  /** When it was opened; TF_TIME_NONE when the gateway does not tell. */
  int64_t created_ns;
  /** The average price of the entry in units of 1e-9, rounded half to even. */
  int64_t average_price;
  /** Contracts held, never negative. */
  int32_t quantity;
  /** A tf_position_side. */
  int32_t side;
} tf_position;

/** Lists the open positions of an account. The caller owns the list. Threads: any. */
TF_API
tf_status tf_client_positions(tf_client *client,
                              int64_t account,
                              int32_t timeout_ms,
                              struct tf_positions **out_positions,
                              tf_error **err);

/**
 * The positions of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
 * empty list. Threads: any.
 */
TF_API const struct tf_position *tf_positions_data(const struct tf_positions *positions, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_positions_destroy(struct tf_positions *positions);

/**
 * Closes the position in a contract with a market order, sent once. Working orders stay. ERR_NOT_FOUND when
 * there is no position. Threads: any.
 */
TF_API
tf_status tf_client_close_position(tf_client *client,
                                   int64_t account,
                                   const char *contract,
                                   int32_t timeout_ms,
                                   tf_error **err);

/**
 * Closes `quantity` contracts of a position with a market order, sent once. Working orders stay. ERR_REJECTED
 * when the quantity is below 1 or more than the position. Threads: any.
 */
TF_API
tf_status tf_client_reduce_position(tf_client *client,
                                    int64_t account,
                                    const char *contract,
                                    int32_t quantity,
                                    int32_t timeout_ms,
                                    tf_error **err);

/**
 * Closes every open position of an account, each as tf_client_close_position(). `out_closed` receives how
 * many and may be NULL. Fails with the first failure, one of unknown outcome
 * before all others; the others are closed all the same. Threads: any.
 */
TF_API
tf_status tf_client_flatten(tf_client *client,
                            int64_t account,
                            int32_t timeout_ms,
                            size_t *out_closed,
                            tf_error **err);

/* ==== 12. Events ==========================================================================================
 * One fixed record of 128 bytes for ever, without pointers. Skip kinds that you do not know.
 * Absent prices are TF_PRICE_NONE, absent times TF_TIME_NONE, absent ids and volumes TF_ID_NONE, absent
 * numbers TF_INT_NONE (INT16_MIN in 16 bits), absent symbols 0.
 */

/** What an event is. */
typedef int32_t tf_event_kind;
enum {
  /** body.quote: the quote of a contract changed. */
  TF_EVENT_KIND_QUOTE = 1,
  /** body.trade: the market traded. */
  TF_EVENT_KIND_TRADE = 2,
  /** body.depth: the book of a contract changed. */
  TF_EVENT_KIND_DEPTH = 3,
  /** body.order: one of the account's orders changed. */
  TF_EVENT_KIND_ORDER = 16,
  /** body.position: one of the account's positions changed. */
  TF_EVENT_KIND_POSITION = 17,
  /** body.fill: one of the account's orders was filled. */
  TF_EVENT_KIND_FILL = 18,
  /** body.account: an account changed. */
  TF_EVENT_KIND_ACCOUNT = 19,
  /** body.link: a connection changed its state. */
  TF_EVENT_KIND_LINK = 32,
  /** body.gap: the queue was full, and market events are missing here. */
  TF_EVENT_KIND_GAP = 33,
  /** body.subscription: a subscription that was not waited for was confirmed or refused. */
  TF_EVENT_KIND_SUBSCRIPTION = 34,
  /** body.malformed: a record of a hub could not be read and was skipped. */
  TF_EVENT_KIND_MALFORMED = 35,
};

/** Bits of tf_event.flags. */
typedef int32_t tf_event_flag;
enum {
  /** More events of the same message follow: a book is whole only after the last of them. */
  TF_EVENT_FLAG_MORE = 1,
  /** Fetched after a loss, not told by the hub. */
  TF_EVENT_FLAG_RESYNC = 2,
  /**
   * A fill that was told before and stands otherwise now: its result, its costs, or that it is undone. Go by
   * the id, and put this one in the place of the other.
   */
  TF_EVENT_FLAG_REVISED = 64,
};

/** One of the two live connections. */
typedef int32_t tf_hub;
enum {
  /** Quotes, trades and depth. */
  TF_HUB_MARKET = 1,
  /** Orders, positions, fills and accounts. */
  TF_HUB_USER = 2,
};

/** The state of a connection. */
typedef int32_t tf_link_state;
enum {
  /** The first attempt is under way. */
  TF_LINK_STATE_CONNECTING = 1,
  /** Connected, and every wanted subscription is back. */
  TF_LINK_STATE_CONNECTED = 2,
  /** Lost; the next attempt comes after the delay. */
  TF_LINK_STATE_RECONNECTING = 3,
  /** Given up; nothing comes any more. */
  TF_LINK_STATE_FAILED = 4,
  /** Closed on request. */
  TF_LINK_STATE_CLOSED = 5,
  /**
   * There is a connection, and what was lost is being put back. Market events come already; those of the
   * user wait for what was missed.
   */
  TF_LINK_STATE_RESYNCING = 6,
};

/** The quote of a contract after a change: the merged whole, of which the gateway sends parts. */
typedef struct tf_quote {
  /** The best bid. */
  int64_t bid;
  /** The best ask. */
  int64_t ask;
  /** The price of the last trade. */
  int64_t last;
  /** The first price of the session. */
  int64_t open;
  /** The highest price of the session. */
  int64_t high;
  /** The lowest price of the session. */
  int64_t low;
  /** The last price less the previous close. */
  int64_t change;
  /** The change in percent, as the gateway reckons it; its unit is not established. */
  int64_t change_percent;
  /** Contracts traded in the session. */
  int64_t volume;
  /** When the gateway last updated the quote. */
  int64_t last_updated_ns;
  /** What this message carried: bits from 0 for bid, ask, last, open, high, low, change, change_percent, volume. */
  uint32_t changed;
  /** How many older quotes of the contract this one stands for besides itself, in a stream that conflates. */
  uint32_t conflated;
  /** Zero. */
  uint32_t reserved[2];
} tf_quote;

/** A trade in the market. */
typedef struct tf_trade {
  /** The price. */
  int64_t price;
  /** Contracts. */
  int64_t volume;
  /** The aggressor, a tf_side. */
  int32_t side;
  /** Zero. */
  uint32_t reserved;
} tf_trade;

/** One record of the depth of market. */
typedef struct tf_depth {
  /** The price of the level. */
  int64_t price;
  /** The size at the level, 0 removes it; for type 5 the volume of the session at this price. */
  int64_t volume;
  /** The gateway's currentVolume; its meaning is not established. */
  int64_t current_volume;
  /**
   * 1 ask, 2 bid, 3 best ask, 4 best bid, 5 session volume, 6 reset, 7 low, 8 high, 9 new best bid,
   * 10 new best ask, 11 fill. Books take 2, 4, 9 as bids, 1, 3, 10 as asks, and 6 as the end of both.
   */
  int32_t type;
  /** Zero. */
  uint32_t reserved;
} tf_depth;

/** A change of an order, with the order as it is after it. */
typedef struct tf_order_event {
  /** The gateway's id. */
  int64_t id;
  /** The account. */
  int64_t account;
  /** The entry that a bracket leg belongs to. */
  int64_t parent;
  /** The other leg of the bracket. */
  int64_t linked;
  /** The limit price. */
  int64_t limit_price;
  /** The stop price. */
  int64_t stop_price;
  /** The average price of the fills. */
  int64_t filled_price;
  /** The distance of a trailing stop or a bracket leg, as a price. */
  int64_t trail_price;
  /** When it was made; tf_event.ts_event_ns tells when it changed. */
  int64_t created_ns;
  /** Contracts ordered. */
  int32_t quantity;
  /** Contracts filled. */
  int32_t fill_volume;
  /** The distance of a trailing stop or a bracket leg, in ticks. */
  int32_t trail_distance;
  /** The client tag, for tf_client_symbol(). */
  uint32_t client_tag;
  /** A tf_order_status; a number beyond 16 bits is held at the limit, here and below. */
  int16_t status;
  /** A tf_order_type. */
  int16_t order_type;
  /** A tf_side. */
  int16_t side;
  /** The gateway's number for the change. Not to be relied on. */
  int16_t action;
} tf_order_event;

/** A change of a position, with the position as it is after it. Flat has quantity 0. */
typedef struct tf_position_event {
  /** The gateway's id. */
  int64_t id;
  /** The account. */
  int64_t account;
  /** The average price of the entry; kept when flat. */
  int64_t average_price;
  /** When it was opened. */
  int64_t created_ns;
  /** Contracts held, never negative. */
  int32_t quantity;
  /** A tf_position_side. */
  int32_t side;
  /** The name for people, for tf_client_symbol(). */
  uint32_t display_name;
  /** The gateway's number for the change. */
  int32_t action;
} tf_position_event;

/**
 * A fill. The gateway repeats the opening fill when its position is closed; a stream tells each fill once, and
 * again only with TF_EVENT_FLAG_REVISED.
 */
typedef struct tf_fill_event {
  /** The gateway's id of the fill. */
  int64_t id;
  /** The order that was filled. */
  int64_t order;
  /** The account. */
  int64_t account;
  /** The price. */
  int64_t price;
  /** The result of the part that it closed, fees not deducted; absent when it opened or added. */
  int64_t profit_and_loss;
  /** The fees for the whole fill. */
  int64_t fees;
  /** The commissions for the whole fill. */
  int64_t commissions;
  /** Contracts. */
  int32_t quantity;
  /** A tf_side. */
  int32_t side;
  /** The gateway's number for the change. */
  int32_t action;
  /** 1 when it was undone. */
  uint8_t voided;
  /** Zero. */
  uint8_t reserved[3];
} tf_fill_event;

/** An account after a change. The gateway tells most changes twice; a stream tells each once. */
typedef struct tf_account_event {
  /** The account. */
  int64_t id;
  /** The realised balance. */
  int64_t balance;
  /** Its name, for tf_client_symbol(). */
  uint32_t name;
  /** The gateway's number for the change. */
  int32_t action;
  /** 1 when it may trade now. */
  uint8_t can_trade;
  /** 1 when the platform shows it. */
  uint8_t is_visible;
  /** 1 when the firm simulates its orders, 0 when not, -1 when the gateway does not tell. */
  int8_t simulated;
  /** Zero. */
  uint8_t reserved[5];
} tf_account_event;

/** A connection changed its state. */
typedef struct tf_link {
  /** A tf_hub. */
  uint32_t hub;
  /** A tf_link_state. */
  uint32_t state;
  /** Failed attempts in a row. */
  uint32_t attempt;
  /** Milliseconds until the next attempt. */
  uint32_t delay_ms;
  /** Why it was lost or given up, a tf_status; TF_STATUS_OK when nothing went wrong. */
  int32_t reason;
  /** The reason in words, for tf_client_symbol(). */
  uint32_t message;
} tf_link;

/** Market events that the stream lost here because its queue was full. */
typedef struct tf_gap {
  /** How many. */
  uint64_t dropped;
  /** The sequence number that the first of them would have had. */
  uint64_t first_seq;
} tf_gap;

/** The answer to a subscription that nobody waited for, or that was put back after a reconnect. */
typedef struct tf_subscription {
  /** The account, for the kinds of the user hub. */
  int64_t account;
  /** What was subscribed, one of tf_kinds. */
  uint32_t kinds;
  /** TF_STATUS_OK when it was confirmed, else why it was refused. */
  int32_t status;
  /** The gateway's words, for tf_client_symbol(). */
  uint32_t message;
  /** Zero. */
  uint32_t reserved;
} tf_subscription;

/**
 * A record of a hub that could not be read, wholly or in part. What could be read of it is delivered. On the
 * user hub the state is fetched anew: TF_LINK_STATE_RESYNCING follows. The first hundred are told one by one,
 * then every hundredth.
 */
typedef struct tf_malformed {
  /** How many there were on this hub so far, this one included. */
  uint64_t count;
  /** A tf_hub. */
  uint32_t hub;
  /** The name of the hub's event, for tf_client_symbol(); 0 when not even that could be read. */
  uint32_t target;
} tf_malformed;

/** The part of an event that its kind decides. */
typedef union tf_event_body {
  /** TF_EVENT_KIND_QUOTE. */
  struct tf_quote quote;
  /** TF_EVENT_KIND_TRADE. */
  struct tf_trade trade;
  /** TF_EVENT_KIND_DEPTH. */
  struct tf_depth depth;
  /** TF_EVENT_KIND_ORDER. */
  struct tf_order_event order;
  /** TF_EVENT_KIND_POSITION. */
  struct tf_position_event position;
  /** TF_EVENT_KIND_FILL. */
  struct tf_fill_event fill;
  /** TF_EVENT_KIND_ACCOUNT. */
  struct tf_account_event account;
  /** TF_EVENT_KIND_LINK. */
  struct tf_link link;
  /** TF_EVENT_KIND_GAP. */
  struct tf_gap gap;
  /** TF_EVENT_KIND_SUBSCRIPTION. */
  struct tf_subscription subscription;
  /** TF_EVENT_KIND_MALFORMED. */
  struct tf_malformed malformed;
  /** All of it. */
  uint64_t reserved[12];
} tf_event_body;

/** One event. */
typedef struct tf_event {
  /** A tf_event_kind. */
  uint16_t kind;
  /** Bits of tf_event_flag. */
  uint16_t flags;
  /** The contract, for tf_client_symbol(); 0 for events that concern none. */
  uint32_t instrument;
  /** Rises by one with every event of the stream, except over a gap. */
  uint64_t seq;
  /** When this machine received it. */
  int64_t ts_recv_ns;
  /** When the gateway says it happened. */
  int64_t ts_event_ns;
  /** What happened. */
  union tf_event_body body;
} tf_event;

/* ==== 13. Streams =========================================================================================
 * A stream is a queue of events that threads of the library fill. Its events are taken in one of
 * three ways: tf_stream_poll() copies them, tf_stream_dispatch() calls a function on the caller's thread,
 * tf_stream_set_callback() lets a thread of the library call one. One thread at a time takes events, a
 * second one gets ERR_STATE; any thread may do everything else. When market events wait too long, the stream's
 * policy decides; events of orders, positions, fills and accounts never give way.
 * A function that is called with events may do everything, also close or destroy its stream and its client.
 * Inside it no call waits for a callback.
 */

/** What can be subscribed; combine with |. */
typedef int32_t tf_kinds;
enum {
  /** Quotes of a contract. */
  TF_KINDS_QUOTES = 1,
  /** Trades of a contract. */
  TF_KINDS_TRADES = 2,
  /** Depth of a contract. */
  TF_KINDS_DEPTH = 4,
  /** Orders of an account. */
  TF_KINDS_ORDERS = 8,
  /** Positions of an account. */
  TF_KINDS_POSITIONS = 16,
  /** Fills of an account. */
  TF_KINDS_FILLS = 32,
  /** Balance and permissions of all accounts. */
  TF_KINDS_ACCOUNTS = 64,
  /** Everything about a contract. */
  TF_KINDS_MARKET = 7,
  /** Everything about an account. */
  TF_KINDS_USER = 120,
};

/**
 * What happens to market events when the reader is slow. Whatever is lost is counted, and shows as a gap at
 * its place.
 */
typedef int32_t tf_queue_policy;
enum {
  /** The oldest give way. */
  TF_QUEUE_POLICY_DROP_OLDEST = 0,
  /**
   * A quote takes the place of the quote of its contract that still waits: tf_quote.changed has the changes
   * of both, tf_quote.conflated how many it stands for. Trades and depth are never conflated.
   */
  TF_QUEUE_POLICY_CONFLATE = 1,
  /**
   * The market connection is not read until there is room, and kept alive meanwhile. All streams of the
   * client wait for their market data then. The user connection never waits.
   */
  TF_QUEUE_POLICY_BLOCK = 2,
};

/** A queue of events. */
typedef struct tf_stream tf_stream;

/** How a stream shall behave. Set every field to zero and `size` to sizeof(tf_stream_options). */
typedef struct tf_stream_options {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** How many market events wait at most, up to 4194304; 0 means 8192, about a minute of one busy contract. */
  uint32_t capacity;
  /** A tf_queue_policy. */
  uint32_t policy;
} tf_stream_options;

/** Called with the `user_data` of the call and one event, which is borrowed until it returns. */
typedef void (*tf_event_fn)(void *user_data, const tf_event *event);

/**
 * What went through a stream so far, and what waits. `received` is always the sum of `delivered`, `dropped`,
 * `conflated` and `depth`. Set `size` to sizeof(tf_statistics).
 */
typedef struct tf_statistics {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** Zero. */
  uint32_t reserved;
  /** Events that came for this stream. */
  uint64_t received;
  /** Events that were handed out, gaps not counted. */
  uint64_t delivered;
  /** Market events that gave way because nobody read in time. */
  uint64_t dropped;
  /** Quotes that a newer one took in. */
  uint64_t conflated;
  /** Records of the stream's connections that could not be read. */
  uint64_t malformed;
  /** Events that wait. */
  uint64_t depth;
  /** The most that ever waited. */
  uint64_t high_water;
  /** How many nanoseconds ago the event that is next was received; TF_TIME_NONE when none waits. */
  int64_t oldest_age_ns;
} tf_statistics;

/** Makes a stream without subscriptions. `options` may be NULL. The caller owns it. Threads: any. */
TF_API
tf_status tf_stream_new(tf_client *client,
                        const struct tf_stream_options *options,
                        struct tf_stream **out_stream,
                        tf_error **err);

/**
 * Subscribes kinds (tf_kinds) of a contract and waits until the gateway confirmed each. With `timeout_ms` 0
 * it does not wait, and subscription events tell how it went. The connection opens at the first use and comes
 * back by itself, with its subscriptions. After an error nothing of the call is subscribed. ERR_REJECTED when
 * the gateway refuses. Threads: any.
 */
TF_API
tf_status tf_stream_subscribe(struct tf_stream *stream,
                              const char *contract,
                              uint32_t kinds,
                              int32_t timeout_ms,
                              tf_error **err);

/**
 * Subscribes kinds (tf_kinds) of an account, as tf_stream_subscribe(). TF_KINDS_ACCOUNTS brings every
 * account of the user. Threads: any.
 */
TF_API
tf_status tf_stream_subscribe_account(struct tf_stream *stream,
                                      int64_t account,
                                      uint32_t kinds,
                                      int32_t timeout_ms,
                                      tf_error **err);

/** Ends subscriptions of a contract. What is queued stays. Does not wait. Threads: any. */
TF_API
tf_status tf_stream_unsubscribe(struct tf_stream *stream,
                                const char *contract,
                                uint32_t kinds,
                                tf_error **err);

/** Ends subscriptions of an account. What is queued stays. Does not wait. Threads: any. */
TF_API
tf_status tf_stream_unsubscribe_account(struct tf_stream *stream,
                                        int64_t account,
                                        uint32_t kinds,
                                        tf_error **err);

/**
 * Writes up to `capacity` waiting events into `events` and their number into `out_count`. Waits up to
 * `timeout_ms` for the first (0: not at all, -1: without limit), never for more. OK with one event at least;
 * TIMEOUT, WOKEN or CLOSED with none. Threads: one at a time, else ERR_STATE.
 */
TF_API
tf_status tf_stream_poll(struct tf_stream *stream,
                         tf_event *events,
                         size_t capacity,
                         int32_t timeout_ms,
                         size_t *out_count,
                         tf_error **err);

/**
 * Calls `function` with up to `limit` events, one by one, on this thread: those that wait, or those that wait when
 * the first comes, for which it waits up to `timeout_ms`. Their number goes to `out_count`, which may be
 * NULL. Statuses as of tf_stream_poll(). tf_stream_wake() ends it after the present event, tf_stream_destroy()
 * too. An exception of C++ leaves through this call, and later events stay. Threads: one at a time, else
 * ERR_STATE.
 */
TF_API
tf_status tf_stream_dispatch(struct tf_stream *stream,
                             tf_event_fn function,
                             void *user_data,
                             size_t limit,
                             int32_t timeout_ms,
                             size_t *out_count,
                             tf_error **err);

/**
 * Lets a thread of the library, tf-callback, call `function` with every event, one by one, until the callback is
 * cleared or the stream or the client is closed; what is queued then can be polled. NULL clears it: that waits
 * for the call that is under way, as closing does, and after it none follows. While the function
 * runs, the events of this stream wait, and nothing else does. It must not throw: an exception of C++ closes the
 * stream and stops the thread for ever, for it cannot be caught there; everything else goes on. ERR_STATE when a callback is set or somebody polls. Threads: any.
 */
TF_API
tf_status tf_stream_set_callback(struct tf_stream *stream,
                                 tf_event_fn function,
                                 void *user_data,
                                 tf_error **err);

/**
 * A descriptor that is readable while events wait, after tf_stream_wake() until a poll told it, and once the stream
 * is closed: for poll, select, epoll and kqueue, level-triggered (an edge is told once for all that
 * waits). Wait for it, then poll. It belongs to the stream and lives until tf_stream_destroy(): never read from
 * it nor close it. Every call gives the same one. ERR_STATE where the system has none. Threads: any.
 */
TF_API
tf_status tf_stream_fd(struct tf_stream *stream,
                       int32_t *out_fd,
                       tf_error **err);

/** Writes what went through the stream so far, and what waits. Threads: any. */
TF_API
tf_status tf_stream_statistics(const struct tf_stream *stream,
                               struct tf_statistics *out_statistics,
                               tf_error **err);

/**
 * Makes the thread in tf_stream_poll() come back at once with WOKEN, or the next call when there is none.
 * Nothing is lost. A callback is not woken. Threads: any.
 */
TF_API void tf_stream_wake(struct tf_stream *stream);

/** How many events wait. A moment's view; 0 for a dead handle. Threads: any. */
TF_API size_t tf_stream_depth(const struct tf_stream *stream);

/** How many market events gave way so far because nobody polled in time. Threads: any. */
TF_API uint64_t tf_stream_dropped(const struct tf_stream *stream);

/**
 * Ends the subscriptions and the stream. A thread in tf_stream_poll() drains what is queued and then gets
 * CLOSED. Waits for nothing but the call of a callback that is under way. Closing again does nothing.
 * Threads: any.
 */
TF_API tf_status tf_stream_close(struct tf_stream *stream, tf_error **err);

/**
 * Closes if needed and frees. A thread in tf_stream_poll() drains what is queued and then gets CLOSED. Once it is
 * over, no function is called for this stream any more; inside a function that is, once that returns. NULL is
 * fine. Threads: any.
 */
TF_API
void tf_stream_destroy(struct tf_stream *stream);

/* ==== 14. Log =============================================================================================
 * Silent until asked. Keys and tokens are never written. A file that cannot be written any more, because
 * the disk is full, or because nobody reads the pipe that it is, never stops the program: the lines are counted
 * as lost.
 */

/** How much is logged. */
typedef int32_t tf_log_level;
enum {
  /** Nothing. */
  TF_LOG_LEVEL_OFF = 0,
  /** What failed for good. */
  TF_LOG_LEVEL_ERROR = 1,
  /** What went wrong and is being mended, such as a lost connection. */
  TF_LOG_LEVEL_WARN = 2,
  /** What a person running the program wants to know. */
  TF_LOG_LEVEL_INFO = 3,
  /** What a developer wants to know. */
  TF_LOG_LEVEL_DEBUG = 4,
  /** Everything. */
  TF_LOG_LEVEL_TRACE = 5,
};

/**
 * Appends log lines up to `level` (a tf_log_level) to a file, in place of any file named before; NULL or
 * level OFF ends logging. For the whole process. ERR_FILE when the file cannot be opened or written, which a
 * pipe without a reader is, and then the log stays as it was. Threads: any.
 */
TF_API tf_status tf_log_to_file(const char *path, int32_t level, tf_error **err);

/** How many lines could not be written since the library was loaded. Threads: any. */
TF_API uint64_t tf_log_lost(void);

/* ==== 15. Simulator =======================================================================================
 * The embedded gateway as an object of its own, for tests and paper trading: start one, lead a
 * configuration to it with tf_config_use_sim(), and make clients from that. With TF_SIM_CLOCK_STEPPED nothing
 * moves until tf_sim_step(), and the same seed and calls give the same events. A library that was built
 * without the simulator answers tf_sim_start() with ERR_CONFIG. Threads: any, for all of them.
 */

/** Where a simulator takes its time from. */
typedef int32_t tf_sim_clock;
enum {
  /** The time of day. */
  TF_SIM_CLOCK_SYSTEM = 0,
  /** It starts at start_ns and runs as fast as the time of day. */
  TF_SIM_CLOCK_RUNNING_FROM = 1,
  /** It starts at start_ns and stands still until tf_sim_step() moves it. */
  TF_SIM_CLOCK_STEPPED = 2,
};

/** A running simulator. */
typedef struct tf_sim tf_sim;

/** How a simulator shall be. Start from tf_sim_options_init(). */
typedef struct tf_sim_options {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** A tf_sim_clock. */
  int32_t clock;
  /** When the clock starts, in nanoseconds since 1970 UTC; not used with TF_SIM_CLOCK_SYSTEM. */
  int64_t start_ns;
  /** The same seed gives the same market. */
  uint64_t seed;
  /** 1.0 is the pace of a busy future, 10.0 ten times that; 0.0 stands still and still fills orders. */
  double speed;
  /**
   * With `tls`: where to write the authority's certificate as PEM. NULL takes a new file in the folder for
   * temporary files, which goes with the simulator. Copied.
   */
  const char *tls_ca_file;
  /**
   * Switches such as "array_events=false,decimals=nine-digits", for what sources of the wire disagree about.
   * NULL for what captures show. Copied.
   */
  const char *shape;
  /** Rules of the accounts, such as "max_loss=2000,flatten_at=15:10". NULL for 50 contracts and no more. Copied. */
  const char *rules;
  /** The file that accounts, orders and fills are kept in over a restart; NULL keeps nothing. Copied. */
  const char *state_file;
  /** Port on 127.0.0.1; 0 takes any free one. */
  uint16_t port;
  /** 1 for HTTPS and WSS, under an authority that is made at the start. */
  uint8_t tls;
  /** 1 when a token may make no more than 200 requests in 60 seconds, 0 when as many as it likes. */
  uint8_t rate_limit;
  /** 1 when the market keeps the hours of the exchange, 0 when it is always open. */
  uint8_t exchange_hours;
  /** 1 when orders may have brackets, whose legs cancel each other; 0 when they are rejected. */
  uint8_t auto_oco;
  /** 1 when a wild market halts now and then for some seconds. */
  uint8_t halts;
  /** Zero. */
  uint8_t reserved;
} tf_sim_options;

/** The state of a simulator. Set `size` to sizeof(tf_sim_state). */
typedef struct tf_sim_state {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** Hub connections that are open. */
  uint32_t hub_connections;
  /** What time it is for the simulator, in nanoseconds since 1970 UTC. */
  int64_t now_ns;
  /** Orders so far, rejected and final ones too. */
  uint64_t orders;
  /** Orders that rest or wait for their fill. */
  uint64_t working_orders;
  /** Fills so far. */
  uint64_t fills;
  /** Positions that are open. */
  uint64_t positions;
  /** How often a market left time out because the machine was too slow; 0 with a stepped clock. */
  uint64_t skipped_moments;
} tf_sim_state;

/**
 * Sets every field to its default: any port, seed 1, speed 1.0, the time of day, the rate limit. NULL does
 * nothing.
 */
TF_API void tf_sim_options_init(struct tf_sim_options *options);

/**
 * Starts a simulator; it serves clients when this returns. `options` may be NULL. The caller owns it.
 * ERR_ARGUMENT for an option out of range, ERR_NETWORK when the port is taken, ERR_FILE when a file cannot be
 * read or written.
 */
TF_API tf_status tf_sim_start(const struct tf_sim_options *options, struct tf_sim **out_sim, tf_error **err);

/**
 * Leads a configuration to a simulator: addresses, credentials, authority, contract and account, and the
 * environment DEMO. The simulator must run as long as the clients that are made from it.
 */
TF_API tf_status tf_config_use_sim(tf_config *config, const struct tf_sim *sim, tf_error **err);

/** The port that it listens on; 0 for a dead handle. */
TF_API uint16_t tf_sim_port(const struct tf_sim *sim);

/**
 * Where REST calls go. This and the texts below are borrowed until the simulator is destroyed, and "" for a
 * dead handle.
 */
TF_API const char *tf_sim_api_url(const struct tf_sim *sim);

/** Where the market hub is. */
TF_API const char *tf_sim_market_hub_url(const struct tf_sim *sim);

/** Where the user hub is. */
TF_API const char *tf_sim_user_hub_url(const struct tf_sim *sim);

/** The user name that logs in. */
TF_API const char *tf_sim_user_name(const struct tf_sim *sim);

/** The key that logs in. */
TF_API const char *tf_sim_api_key(const struct tf_sim *sim);

/** The id of the Micro E-mini S&P 500 that was the front contract at the start. */
TF_API const char *tf_sim_default_contract(const struct tf_sim *sim);

/** The file of the authority that clients must trust, the setting tls_ca_file; "" without TLS. */
TF_API const char *tf_sim_ca_file(const struct tf_sim *sim);

/** What stands in that file: the authority's certificate as PEM. */
TF_API const char *tf_sim_ca_certificate(const struct tf_sim *sim);

/** The id of the account that trades; TF_ID_NONE for a dead handle. */
TF_API int64_t tf_sim_default_account(const struct tf_sim *sim);

/** What time it is for the simulator, in nanoseconds since 1970 UTC; TF_TIME_NONE for a dead handle. */
TF_API int64_t tf_sim_now(const struct tf_sim *sim);

/**
 * Moves a stepped clock forward and lets everything happen that falls into that time, as fast as the clients
 * take it. ERR_STATE when the clock runs by itself, ERR_ARGUMENT beyond the year 2199, ERR_DEADLINE when a
 * client takes nothing for ten seconds.
 */
TF_API tf_status tf_sim_step(struct tf_sim *sim, int64_t duration_ns, tf_error **err);

/** Tells how the simulator stands, as far as `out_state->size` reaches. */
TF_API tf_status tf_sim_inspect(const struct tf_sim *sim, struct tf_sim_state *out_state, tf_error **err);

/** Lets an account trade, or takes that from it. ERR_NOT_FOUND for an unknown account, here and below. */
TF_API tf_status tf_sim_set_can_trade(struct tf_sim *sim, int64_t account, bool can_trade, tf_error **err);

/** Gives an account another balance, in units of 1e-9, from which its losses count anew. */
TF_API tf_status tf_sim_set_balance(struct tf_sim *sim, int64_t account, int64_t balance, tf_error **err);

/** Cuts every hub connection without a word, as a broken line does. */
TF_API tf_status tf_sim_drop_connections(struct tf_sim *sim, tf_error **err);

/** Sends GatewayLogout to every hub client and closes the connections in order. `message` may be NULL. */
TF_API tf_status tf_sim_log_out(struct tf_sim *sim, const char *message, tf_error **err);

/**
 * Publishes `count` quotes of a contract as fast as its subscribers take them. ERR_NOT_FOUND for an unknown
 * contract, ERR_DEADLINE when a client takes nothing for ten seconds.
 */
TF_API
tf_status tf_sim_publish_quotes(struct tf_sim *sim,
                                const char *contract,
                                uint32_t count,
                                tf_error **err);

/** As tf_sim_publish_quotes(), and waits for nobody: a client that falls too far behind loses its connection. */
TF_API
tf_status tf_sim_flood_quotes(struct tf_sim *sim,
                              const char *contract,
                              uint32_t count,
                              tf_error **err);

/**
 * Lets go wrong what a script in JSON asks for, see docs/SIMULATOR-FAULTS.md; its times count from now.
 * ERR_ARGUMENT with the place of what is wrong in it; nothing of the script happens then.
 */
TF_API tf_status tf_sim_run_script(struct tf_sim *sim, const char *script, tf_error **err);

/** Ends all faults: what was held back goes out, and the clock is right again. */
TF_API tf_status tf_sim_clear_faults(struct tf_sim *sim, tf_error **err);

/**
 * Closes every connection and waits for the threads. A step or a flood that is under way ends with
 * ERR_CLOSED. Stopping again does nothing.
 */
TF_API tf_status tf_sim_stop(struct tf_sim *sim, tf_error **err);

/** Stops if needed and frees. NULL is fine. */
TF_API void tf_sim_destroy(struct tf_sim *sim);

/* ==== 16. Bars ============================================================================================
 * Bars of any range. The gateway gives 20,000 at once, so a long range takes several requests, which go
 * backwards in time; the result is one list, oldest first, without a gap and without a double.
 */

/** What a bar's length is counted in. Other numbers are sent as they are, and the gateway may refuse them. */
typedef int32_t tf_bar_unit;
enum {
  /** Seconds. */
  TF_BAR_UNIT_SECOND = 1,
  /** Minutes. */
  TF_BAR_UNIT_MINUTE = 2,
  /** Hours. */
  TF_BAR_UNIT_HOUR = 3,
  /** Trading days, which start at 17:00 in Chicago. */
  TF_BAR_UNIT_DAY = 4,
  /** Weeks. */
  TF_BAR_UNIT_WEEK = 5,
  /** Months. */
  TF_BAR_UNIT_MONTH = 6,
  /** Trades. The gateway lists it and does not document it; it may refuse. */
  TF_BAR_UNIT_TICK = 7,
};

/** A list of bars. */
typedef struct tf_bars tf_bars;

/** Which bars are wanted. Start from tf_bar_request_init(). */
typedef struct tf_bar_request {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** A tf_bar_unit. */
  int32_t unit;
  /** The contract's id. Copied. */
  const char *contract;
  /** The start of the range: bars that start then or later. */
  int64_t from_ns;
  /** The end of the range: bars that start before. */
  int64_t to_ns;
  /** Units a bar, 1 at least. */
  int32_t unit_number;
  /** How many bars at most; when the range has more, the latest are given. 0 gives the whole range. */
  uint32_t limit;
  /** 1 for the bar that is still forming too, else 0. */
  uint32_t include_partial;
  /** 1 asks for the live data subscription; practice accounts have none. Else 0. */
  uint32_t live;
} tf_bar_request;

/** Prices, in units of 1e-9, and volume of a span of time. */
typedef struct tf_bar {
  /** When it starts. */
  int64_t start_ns;
  /** The first price. */
  int64_t open;
  /** The highest price. */
  int64_t high;
  /** The lowest price. */
  int64_t low;
  /** The last price. */
  int64_t close;
  /** Contracts traded. */
  int64_t volume;
  /** The member `k`, whose meaning the gateway does not publish, as it came; TF_ID_NONE when it did not. */
  int64_t k;
  /**
   * The day that it belongs to, presumably the trading day, as one number such as 20261120; TF_INT_NONE
   * when the gateway does not tell.
   */
  int32_t day;
  /** Zero. */
  int32_t reserved;
} tf_bar;

/** How far a call for bars got. */
typedef struct tf_bar_progress {
  /**
   * The bars of the page that has just come, oldest first; none of them was in an earlier page. Borrowed
   * until the callback returns.
   */
  const struct tf_bar *page;
  /** How many they are. */
  size_t page_count;
  /** Bars so far, those of this page too. */
  int64_t count;
  /** Pages so far. */
  int64_t pages;
  /** The start of the oldest bar so far. */
  int64_t oldest_ns;
} tf_bar_progress;

/**
 * Told about every page, on the thread of the call, with the `user_data` of the call. `true` goes on,
 * `false` ends the call. It may use the library; it must neither throw nor jump out.
 */
typedef bool (*tf_bar_progress_fn)(void *user_data, const struct tf_bar_progress *progress);

/**
 * Sets every field to its default: no contract, no range, complete bars of one minute, no limit. NULL does
 * nothing. Threads: any.
 */
TF_API void tf_bar_request_init(struct tf_bar_request *request);

/**
 * Gives the bars of a range, oldest first. The caller owns the list. `progress` may be NULL; when it ends
 * the call, the status is TF_STATUS_STOPPED and the list holds what had come: the latest bars of the range,
 * without a gap. `timeout_ms` holds for all pages together. ERR_ARGUMENT when the range is empty or has
 * more than ten million bars, ERR_NOT_FOUND for an unknown contract, ERR_REJECTED when the gateway has no
 * bars of this length. The message of a failure after the first page tells how far it got. Threads: any.
 */
TF_API
tf_status tf_client_bars(tf_client *client,
                         const struct tf_bar_request *request,
                         tf_bar_progress_fn progress,
                         void *user_data,
                         int32_t timeout_ms,
                         struct tf_bars **out_bars,
                         tf_error **err);

/**
 * The bars of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an empty
 * list. Threads: any.
 */
TF_API const struct tf_bar *tf_bars_data(const struct tf_bars *bars, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_bars_destroy(struct tf_bars *bars);

/* ==== 17. What became of orders ===========================================================================
 * Reading back what a cancel came to, and what an order of unknown outcome came to. Nothing here is sent
 * twice.
 */

/** What became of a cancel. */
typedef int32_t tf_cancel_outcome;
enum {
  /**
   * The order can no longer fill: it is cancelled, or ended in another way that its status tells. A part
   * of it may have filled before.
   */
  TF_CANCEL_OUTCOME_CONFIRMED = 0,
  /** The order filled completely before the cancel came. */
  TF_CANCEL_OUTCOME_FILLED_FIRST = 1,
  /** The time passed, or reading back failed, before the order's end was seen. It may still fill. */
  TF_CANCEL_OUTCOME_UNCONFIRMED = 2,
  /** The cancel was not sent or was refused; the order works on as far as is known. */
  TF_CANCEL_OUTCOME_FAILED = 3,
};

/** What a client tag leads to. */
typedef int32_t tf_resolution;
enum {
  /** The gateway took the order; its status tells how far it is. */
  TF_RESOLUTION_ACCEPTED = 0,
  /** The gateway refused it. The reason is not kept anywhere. */
  TF_RESOLUTION_REJECTED = 1,
  /** No order with this tag has shown for as long as resolve_seconds says. */
  TF_RESOLUTION_NOT_THERE = 2,
};

/** A list of cancels. */
typedef struct tf_cancels tf_cancels;

/** One order of tf_order_cancel_all(). */
typedef struct tf_cancel {
  /** The gateway's id of the order. */
  int64_t order_id;
  /** The contract's id. */
  const char *contract;
  /** The client tag; NULL when it has none. */
  const char *client_tag;
  /** Why it is unconfirmed or failed, in one line; NULL when it is neither. */
  const char *message;
  /** A tf_cancel_outcome. */
  int32_t outcome;
  /** The tf_order_status: at the end when that was seen, else as it was before. */
  int32_t status;
  /** Contracts filled by then; TF_INT_NONE when the gateway does not tell. */
  int32_t fill_volume;
  /** Zero. */
  int32_t reserved;
} tf_cancel;

/**
 * Asks for the cancellation of an order, once, and reads the order back until its end is seen or the time
 * passes; half of the time is kept for reading back. On success `out_outcome` is confirmed or filled first and
 * `out_orders`, which may be NULL, gets the order at its end as a list of one that the caller owns. On failure
 * tf_error_outcome() is TF_OUTCOME_UNKNOWN for an unconfirmed cancel, and anything else for a failed one.
 * Threads: any.
 */
TF_API
tf_status tf_order_cancel_confirmed(tf_client *client,
                                    int64_t account,
                                    int64_t order_id,
                                    int32_t timeout_ms,
                                    int32_t *out_outcome,
                                    tf_orders **out_orders,
                                    tf_error **err);

/**
 * Cancels every order of an account that is not final, those of one contract only unless `contract` is NULL,
 * legs that protect a position included. Each cancel is sent once and confirmed by reading back; the caller
 * owns the list of what each came to. On failure nothing was cancelled. Threads: any.
 */
TF_API
tf_status tf_order_cancel_all(tf_client *client,
                              int64_t account,
                              const char *contract,
                              int32_t timeout_ms,
                              struct tf_cancels **out_cancels,
                              tf_error **err);

/**
 * The cancels of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an empty
 * list. Threads: any.
 */
TF_API const struct tf_cancel *tf_cancels_data(const struct tf_cancels *cancels, size_t *out_count);

/** Frees a list. NULL is fine. Threads: any. */
TF_API void tf_cancels_destroy(struct tf_cancels *cancels);

/**
 * Finds out what became of an order by its client tag, placed within the last `window_ms` milliseconds. Reads
 * back only; nothing is sent again. `out_resolution` gets a tf_resolution; `out_orders`, which may be NULL, a
 * list of one or none that the caller owns. An order is not there when it stays out of
 * sight for 10 s, or as long as resolve_seconds says: give the call more time than that. On failure the outcome is
 * still unknown: ask again. Threads: any.
 */
TF_API
tf_status tf_order_resolve(tf_client *client,
                           int64_t account,
                           const char *client_tag,
                           uint64_t window_ms,
                           int32_t timeout_ms,
                           int32_t *out_resolution,
                           tf_orders **out_orders,
                           tf_error **err);

/* ==== 18. Market state ====================================================================================
 * The last quote and the order book of what streams of the client subscribe, read without a queue. They are at
 * least as new as the newest event that was polled. Contracts are named by their symbol, the number in
 * tf_event.instrument.
 */

/** The last quote of a contract. Set `size` to sizeof(tf_last_quote). */
typedef struct tf_last_quote {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** 1 when it is the market's state now: quotes are subscribed, and the connection that told it stands. */
  uint8_t is_current;
  /** Zero. */
  uint8_t reserved[3];
  /** When this machine received its last part. */
  int64_t received_ns;
  /** When the gateway says that part was made; TF_TIME_NONE when it does not say. */
  int64_t at_ns;
  /** The merged whole. */
  tf_quote quote;
} tf_last_quote;

/** How an order book stands. Set `size` to sizeof(tf_book_state). */
typedef struct tf_book_state {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** 1 when it is the market's state now: depth is subscribed, and the connection that told it stands. */
  uint8_t is_current;
  /**
   * 1 when the gateway began it anew on this connection and no record was skipped since, so that no level can be
   * missing.
   */
  uint8_t is_whole;
  /** 1 when the best bid is at or above the best ask, which only the gateway can bring about. */
  uint8_t is_crossed;
  /** Zero. */
  uint8_t reserved;
  /** How many prices have bids. */
  uint32_t bid_count;
  /** How many prices have asks. */
  uint32_t ask_count;
  /** When this machine received the last change. */
  int64_t received_ns;
  /** When the gateway says it was made; TF_TIME_NONE when it does not say. */
  int64_t at_ns;
} tf_book_state;

/** One price of an order book. */
typedef struct tf_level {
  /** The price in units of 1e-9. */
  int64_t price;
  /** The contracts that wait there, one at least. */
  int64_t volume;
} tf_level;

/**
 * The symbol of a text, such as a contract id; 0 for NULL, for what is not UTF-8 and for a dead handle. The
 * same text has the same number for the life of the client. Threads: any.
 */
TF_API uint32_t tf_client_symbol_of(const tf_client *client, const char *text);

/**
 * The last quote of a contract. ERR_NOT_FOUND before the first. Takes no lock that the connection's thread
 * could hold. Threads: any.
 */
TF_API
tf_status tf_client_last_quote(const tf_client *client,
                               uint32_t instrument,
                               struct tf_last_quote *out_quote,
                               tf_error **err);

/**
 * The order book of a contract: how it stands, and the best levels of each side, as many as fit into the arrays
 * or are there. An array may be NULL when its capacity is 0. Never shows half of a message. ERR_NOT_FOUND
 * before the first record. Bids are records 2, 4 and 9 of the gateway, asks 1, 3 and 10; 6 empties both sides,
 * size 0 removes a level, and what is said to be the best (3, 4, 9, 10) removes what was better. Threads: any.
 */
TF_API
tf_status tf_client_book(const tf_client *client,
                         uint32_t instrument,
                         struct tf_book_state *out_state,
                         struct tf_level *out_bids,
                         size_t bid_capacity,
                         struct tf_level *out_asks,
                         size_t ask_capacity,
                         tf_error **err);

/* ==== 19. Orders by status, contract and time =============================================================
 * Orders in pages of 100 at most. tf_client_open_orders() needs no pages, and so do the orders of a range of time.
 */

/** What the pages of a query follow. */
typedef int32_t tf_order_sort;
enum {
  /** When the orders were made. */
  TF_ORDER_SORT_CREATED_AT = 0,
  /** Their id. */
  TF_ORDER_SORT_ID = 1,
};

/** Which orders are wanted, and which page of them. Start from tf_order_query_init(). */
typedef struct tf_order_query {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** Orders a page, 1 to 100. */
  uint32_t page_size;
  /** The account. */
  int64_t account;
  /** tf_order_status numbers: orders in one of these states; NULL for any. Copied. */
  const int32_t *statuses;
  /** How many they are, 64 at most; 0 for any state. */
  size_t status_count;
  /** Orders in this contract only; NULL for any. Copied. */
  const char *contract;
  /**
   * Orders made after this time, or TF_TIME_NONE. Whether one made exactly then belongs to them is the
   * gateway's to say.
   */
  int64_t created_after_ns;
  /** Orders made before this time, or TF_TIME_NONE; as above. */
  int64_t created_before_ns;
  /** A tf_order_sort. */
  int32_t sort_by;
  /** Orders to pass over: what the page before gave as the next offset. */
  uint32_t page_offset;
  /** 1 for the highest first, else 0. */
  uint32_t is_descending;
  /** 1 to count all orders of the query, else 0. */
  uint32_t with_total;
} tf_order_query;

/**
 * Sets every field to its default: no account, the first 100 orders by their id, in any state. NULL does
 * nothing. Threads: any.
 */
TF_API void tf_order_query_init(struct tf_order_query *query);

/**
 * Gives a page of orders. The caller owns the list. `out_next_offset` gets where the next page begins, and
 * TF_ID_NONE when this one was not full, which makes it the last; orders that are made or change their state
 * between two pages move the rows, so compare by id. `out_total` gets how many there are on all pages, and
 * TF_INT_NONE when that was not asked for; the gateway may count the orders in other contracts too. Both may
 * be NULL. ERR_ARGUMENT for a page size that is not 1 to 100. Threads: any.
 */
TF_API
tf_status tf_client_order_page(tf_client *client,
                               const struct tf_order_query *query,
                               int32_t timeout_ms,
                               tf_orders **out_orders,
                               int64_t *out_next_offset,
                               int32_t *out_total,
                               tf_error **err);

/* ==== 20. Recording =======================================================================================
 * What both hub connections of a client receive and send, byte for byte, in a file that `tradeforge replay` plays
 * again. It holds no key and no token.
 */

/** A recording. */
typedef struct tf_recorder tf_recorder;

/** What a recording came to. Set `size` to sizeof(tf_recorded) before the call. */
typedef struct tf_recorded {
  /** The size of this struct as the caller knows it. */
  uint32_t size;
  /** Zero. */
  uint32_t reserved;
  /** WebSocket messages received that were recorded. */
  uint64_t received;
  /** Entries in the file: what was received, what was sent, and connections opened and closed. */
  uint64_t entries;
  /** Bytes of the entries' text. */
  uint64_t text_bytes;
  /** Bytes of the file. */
  uint64_t file_bytes;
} tf_recorded;

/**
 * Records from now on, until the recorder is stopped or destroyed; the caller owns it. Begin before the first
 * subscription to have a connection whole. The disk never delays the connections. ERR_FILE when the file is
 * there, unless `replace`, or cannot be written; ERR_STATE when the client is being recorded already.
 * Threads: any.
 */
TF_API
tf_status tf_recorder_start(tf_client *client,
                            const char *path,
                            bool replace,
                            struct tf_recorder **out_recorder,
                            tf_error **err);

/** Whether it still records: false once it was stopped, and when the disk was full or too slow. Threads: any. */
TF_API bool tf_recorder_is_running(const struct tf_recorder *recorder);

/**
 * Ends the recording and waits until the disk has all of it. `out_recorded` gets what it came to and may be
 * NULL; stopping again gives the same. ERR_FILE when the recording had ended by itself, because the disk was
 * full or too slow: the message tells how much is missing at its end, and the rest is in the file.
 * Threads: any.
 */
TF_API
tf_status tf_recorder_stop(struct tf_recorder *recorder,
                           struct tf_recorded *out_recorded,
                           tf_error **err);

/** Stops if needed and frees. The client may be destroyed before or after. NULL is fine. Threads: any. */
TF_API void tf_recorder_destroy(struct tf_recorder *recorder);

/* ==== 21. Live state ======================================================================================
 * The user's orders, positions and accounts as the streams have told them so far, read without a request and
 * without waiting. They are followed while a stream subscribes them; else the calls give ERR_STATE, as they do
 * when the state could not be fetched yet, with the reason in the message.
 */

/** How good the knowledge of a state is. */
typedef struct tf_live {
  /** Since when every change has been seen: when it was fetched first, or after the latest loss. */
  int64_t since_ns;
  /**
   * When the connection was lost that tells the changes; until it is whole again, the state is what was known
   * then. TF_TIME_NONE while it is current.
   */
  int64_t stale_since_ns;
} tf_live;

/**
 * The orders of an account that are not final, oldest first, suspended legs of brackets included; followed with
 * TF_KINDS_ORDERS. `out_live` may be NULL. The caller owns the list. Threads: any.
 */
TF_API
tf_status tf_client_live_orders(tf_client *client,
                                int64_t account,
                                struct tf_live *out_live,
                                tf_orders **out_orders,
                                tf_error **err);

/**
 * The open positions of an account; followed with TF_KINDS_POSITIONS. `out_live` may be NULL. The caller owns the
 * list. Threads: any.
 */
TF_API
tf_status tf_client_live_positions(tf_client *client,
                                   int64_t account,
                                   struct tf_live *out_live,
                                   tf_positions **out_positions,
                                   tf_error **err);

/**
 * Balance and permissions of an account, as a list with this account in it; followed with TF_KINDS_ACCOUNTS.
 * ERR_NOT_FOUND when the user has no such account. `out_live` may be NULL. The caller owns the list.
 * Threads: any.
 */
TF_API
tf_status tf_client_live_account(tf_client *client,
                                 int64_t account,
                                 struct tf_live *out_live,
                                 tf_accounts **out_account,
                                 tf_error **err);

#ifdef __cplusplus
}
#endif

#endif
