/* An error of each family, seen through every accessor of tf_error. Exit code 0 when all held. */
#include <stdio.h>
#include <string.h>

#include "tradeforge.h"

#define TIME 30000
#define TAG "from-c"
#define TEXT "The gateway's words"

static int failures;

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                 \
      failures++;                                                                                            \
    }                                                                                                        \
  } while (0)

/* What an error is expected to tell. */
struct expected {
  tf_status status;
  tf_fault fault;
  tf_outcome outcome;
  bool retriable;
  const char *operation;
  int32_t code;
  const char *name;
  const char *text;
  int32_t http;
  int64_t wait_ms;
  int64_t order_id;
  const char *tag;
};

static void check(const char *what, tf_status status, tf_error *err, const struct expected *expected) {
  int before = failures;
  CHECK(status == expected->status && tf_error_status(err) == expected->status);
  CHECK(tf_error_fault(err) == expected->fault);
  CHECK(tf_error_outcome(err) == expected->outcome);
  CHECK(tf_error_outcome_unknown(err) == (expected->outcome == TF_OUTCOME_UNKNOWN));
  CHECK(tf_error_retriable(err) == expected->retriable);
  CHECK(strcmp(tf_error_operation(err), expected->operation) == 0);
  CHECK(tf_error_gateway_code(err) == expected->code);
  CHECK(strcmp(tf_error_gateway_name(err), expected->name) == 0);
  CHECK(strcmp(tf_error_gateway_text(err), expected->text) == 0);
  CHECK(tf_error_http_status(err) == expected->http);
  CHECK(tf_error_retry_after_ms(err) == expected->wait_ms);
  CHECK(tf_error_order_id(err) == expected->order_id);
  CHECK(strcmp(tf_error_client_tag(err), expected->tag) == 0);
  CHECK(strlen(tf_error_message(err)) > 10 && strchr(tf_error_message(err), '\n') == NULL);
  if (failures != before) {
    printf("%s gave %s, wait %lld: %s\n", what, tf_status_name(status), (long long)tf_error_retry_after_ms(err),
           tf_error_message(err));
  }
  tf_error_destroy(err);
}

static struct expected expect(tf_status status, tf_fault fault, tf_outcome outcome, const char *operation) {
  struct expected expected = {status, fault, outcome, false, operation, 0, "", "", 0, -1, TF_ID_NONE, ""};
  return expected;
}

struct bench {
  tf_sim *sim;
  tf_client *client;
  int64_t account;
};

static void strike(const struct bench *bench, const char *script) {
  CHECK(tf_sim_run_script(bench->sim, script, NULL) == TF_STATUS_OK);
}

static tf_status place(const struct bench *bench, int32_t quantity, int32_t timeout_ms, tf_error **err) {
  tf_order_request request;
  tf_placed placed;
  tf_order_request_init(&request);
  request.account = bench->account;
  request.contract = tf_sim_default_contract(bench->sim);
  request.side = TF_SIDE_BUY;
  request.quantity = quantity;
  request.client_tag = TAG;
  return tf_order_place(bench->client, &request, timeout_ms, &placed, err);
}

/* A refusal of Order/place with HTTP 200. */
static void refused(const struct bench *bench, const char *number, struct expected expected) {
  char script[256];
  tf_error *err = NULL;
  snprintf(script, sizeof script,
           "{\"fault\":\"status\",\"status\":200,\"on\":\"/api/Order/place\",\"body\":\"{\\\"success\\\":false,"
           "\\\"orderId\\\":3408995735,\\\"errorCode\\\":%s,\\\"errorMessage\\\":\\\"" TEXT "\\\"}\"}",
           number);
  strike(bench, script);
  expected.operation = "Order/place";
  expected.text = TEXT;
  expected.http = 200;
  expected.order_id = INT64_C(3408995735);
  expected.tag = TAG;
  tf_status status = place(bench, 1, TIME, &err);
  check(number, status, err, &expected);
}

static void codes(const struct bench *bench) {
  struct expected expected = expect(TF_STATUS_ERR_REJECTED, TF_FAULT_CALLER, TF_OUTCOME_REJECTED, "");
  expected.code = 2;
  expected.name = "OrderRejected";
  refused(bench, "2", expected);
  expected = expect(TF_STATUS_ERR_NOT_FOUND, TF_FAULT_CALLER, TF_OUTCOME_REJECTED, "");
  expected.code = 8;
  expected.name = "ContractNotFound";
  refused(bench, "8", expected);
  expected = expect(TF_STATUS_ERR_PENDING, TF_FAULT_GATEWAY, TF_OUTCOME_UNKNOWN, "");
  expected.code = 6;
  expected.name = "OrderPending";
  refused(bench, "6", expected);
  CHECK(strcmp(tf_status_name(TF_STATUS_ERR_PENDING), "TF_STATUS_ERR_PENDING") == 0);
  expected = expect(TF_STATUS_ERR_UNAVAILABLE, TF_FAULT_GATEWAY, TF_OUTCOME_UNKNOWN, "");
  expected.code = 7;
  expected.name = "UnknownError";
  refused(bench, "7", expected);
  expected = expect(TF_STATUS_ERR_PROTOCOL, TF_FAULT_GATEWAY, TF_OUTCOME_UNKNOWN, "");
  expected.code = 99;
  expected.name = "Unlisted";
  refused(bench, "99", expected);
}

/* An order that meets a fault. */
static void struck(const struct bench *bench, const char *fault, int32_t timeout_ms, struct expected expected) {
  char script[256];
  tf_error *err = NULL;
  snprintf(script, sizeof script, "{\"on\":\"/api/Order/place\",%s}", fault);
  strike(bench, script);
  expected.operation = "Order/place";
  expected.tag = TAG;
  tf_status status = place(bench, 1, timeout_ms, &err);
  check(fault, status, err, &expected);
}

static void answers(const struct bench *bench) {
  struct expected expected = expect(TF_STATUS_ERR_UNAVAILABLE, TF_FAULT_GATEWAY, TF_OUTCOME_UNKNOWN, "");
  expected.http = 503;
  expected.wait_ms = 90000;
  expected.text = "Back soon";
  struck(bench, "\"fault\":\"status\",\"status\":503,\"retry_after_s\":90,\"body\":\"Back soon\"", TIME, expected);
  expected = expect(TF_STATUS_ERR_AUTH, TF_FAULT_CALLER, TF_OUTCOME_REJECTED, "");
  expected.http = 401;
  struck(bench, "\"fault\":\"status\",\"status\":401", TIME, expected);
  expected = expect(TF_STATUS_ERR_ARGUMENT, TF_FAULT_CALLER, TF_OUTCOME_REJECTED, "");
  expected.http = 400;
  struck(bench, "\"fault\":\"status\",\"status\":400", TIME, expected);
  expected = expect(TF_STATUS_ERR_PROTOCOL, TF_FAULT_GATEWAY, TF_OUTCOME_UNKNOWN, "");
  expected.http = 200;
  struck(bench, "\"fault\":\"garbage\",\"carried_out\":false", TIME, expected);
  expected = expect(TF_STATUS_ERR_NETWORK, TF_FAULT_NETWORK, TF_OUTCOME_UNKNOWN, "");
  struck(bench, "\"fault\":\"refused\"", TIME, expected);
  expected = expect(TF_STATUS_ERR_DEADLINE, TF_FAULT_NETWORK, TF_OUTCOME_UNKNOWN, "");
  struck(bench, "\"fault\":\"stall\",\"carried_out\":false", 3000, expected);

  /* A question may simply be asked again. */
  tf_accounts *accounts = NULL;
  tf_error *err = NULL;
  strike(bench, "{\"fault\":\"refused\",\"on\":\"/api/Account/search\",\"times\":\"always\"}");
  expected = expect(TF_STATUS_ERR_NETWORK, TF_FAULT_NETWORK, TF_OUTCOME_QUERY, "Account/search");
  expected.retriable = true;
  tf_status status = tf_client_accounts(bench->client, true, TIME, &accounts, &err);
  check("a question", status, err, &expected);
  CHECK(accounts == NULL);
  CHECK(tf_sim_clear_faults(bench->sim, NULL) == TF_STATUS_OK);

  /* The gateway says how long to wait; then this side keeps to it. */
  expected = expect(TF_STATUS_ERR_RATE_LIMIT, TF_FAULT_CALLER, TF_OUTCOME_REJECTED, "");
  expected.http = 429;
  expected.wait_ms = 3000000;
  expected.retriable = true;
  struck(bench, "\"fault\":\"status\",\"status\":429,\"retry_after_s\":3000", TIME, expected);
  err = NULL;
  status = place(bench, 1, TIME, &err);
  CHECK(status == TF_STATUS_ERR_RATE_LIMIT && tf_error_outcome(err) == TF_OUTCOME_NOT_SENT);
  CHECK(tf_error_http_status(err) == 0 && tf_error_retriable(err) && tf_error_fault(err) == TF_FAULT_CALLER);
  CHECK(tf_error_retry_after_ms(err) > 0 && tf_error_retry_after_ms(err) <= 3000000);
  tf_error_destroy(err);
}

static void before_sending(const struct bench *bench) {
  tf_error *err = NULL;
  struct expected expected = expect(TF_STATUS_ERR_ARGUMENT, TF_FAULT_CALLER, TF_OUTCOME_NOT_SENT, "Order/place");
  expected.tag = TAG;
  tf_status status = place(bench, 0, TIME, &err);
  check("no size", status, err, &expected);
  err = NULL;
  expected = expect(TF_STATUS_ERR_DEADLINE, TF_FAULT_NETWORK, TF_OUTCOME_NOT_SENT, "Order/place");
  expected.tag = TAG;
  expected.retriable = true;
  status = place(bench, 1, 0, &err);
  check("no time", status, err, &expected);
}

static void without_a_session(const struct bench *bench) {
  tf_config *config = tf_config_new();
  struct bench other = *bench;
  tf_error *err = NULL;
  CHECK(tf_config_use_sim(config, bench->sim, NULL) == TF_STATUS_OK);
  struct expected expected = expect(TF_STATUS_ERR_CONFIG, TF_FAULT_CALLER, TF_OUTCOME_QUERY, "");
  tf_status status = tf_config_set(config, "environment", "TEST", &err);
  check("a setting", status, err, &expected);
  CHECK(tf_client_new(config, &other.client, NULL) == TF_STATUS_OK);

  err = NULL;
  expected = expect(TF_STATUS_ERR_STATE, TF_FAULT_CALLER, TF_OUTCOME_NOT_SENT, "");
  status = place(&other, 1, TIME, &err);
  expected.tag = TAG;
  check("no login", status, err, &expected);

  err = NULL;
  strike(bench, "{\"fault\":\"status\",\"status\":200,\"on\":\"/api/Auth/loginKey\",\"body\":"
                "\"{\\\"success\\\":false,\\\"errorCode\\\":3,\\\"token\\\":null}\"}");
  expected = expect(TF_STATUS_ERR_AUTH, TF_FAULT_CALLER, TF_OUTCOME_QUERY, "Auth/loginKey");
  expected.code = 3;
  expected.name = "InvalidCredentials";
  expected.http = 200;
  status = tf_client_login(other.client, TIME, &err);
  check("a login", status, err, &expected);
  tf_client_destroy(other.client);

  /* Nobody speaks TLS there. */
  char url[64];
  snprintf(url, sizeof url, "https://127.0.0.1:%d", tf_sim_port(bench->sim));
  CHECK(tf_config_set(config, "api_url", url, NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &other.client, NULL) == TF_STATUS_OK);
  err = NULL;
  expected = expect(TF_STATUS_ERR_TLS, TF_FAULT_NETWORK, TF_OUTCOME_QUERY, "Auth/loginKey");
  status = tf_client_login(other.client, TIME, &err);
  check("TLS", status, err, &expected);
  tf_client_destroy(other.client);
  tf_config_destroy(config);

  err = NULL;
  expected = expect(TF_STATUS_ERR_FILE, TF_FAULT_CALLER, TF_OUTCOME_QUERY, "");
  status = tf_log_to_file("no/such/folder/log", TF_LOG_LEVEL_INFO, &err);
  check("a file", status, err, &expected);
}

static void no_error(void) {
  CHECK(tf_error_status(NULL) == TF_STATUS_OK && tf_error_fault(NULL) == TF_FAULT_NONE);
  CHECK(tf_error_outcome(NULL) == TF_OUTCOME_QUERY && !tf_error_outcome_unknown(NULL) && !tf_error_retriable(NULL));
  CHECK(tf_error_gateway_code(NULL) == 0 && tf_error_http_status(NULL) == 0 && tf_error_retry_after_ms(NULL) == -1);
  CHECK(tf_error_gateway_name(NULL)[0] == '\0' && tf_error_gateway_text(NULL)[0] == '\0');
  CHECK(tf_error_operation(NULL)[0] == '\0' && tf_error_client_tag(NULL)[0] == '\0');
  CHECK(tf_error_order_id(NULL) == TF_ID_NONE && tf_error_message(NULL)[0] == '\0');
}

int main(void) {
  struct bench bench = {NULL, NULL, 0};
  tf_config *config = tf_config_new();
  tf_sim_options options;
  tf_sim_options_init(&options);
  options.speed = 0.0;
  CHECK(tf_sim_start(&options, &bench.sim, NULL) == TF_STATUS_OK);
  bench.account = tf_sim_default_account(bench.sim);
  CHECK(tf_config_use_sim(config, bench.sim, NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &bench.client, NULL) == TF_STATUS_OK);
  tf_config_destroy(config);
  CHECK(tf_client_login(bench.client, TIME, NULL) == TF_STATUS_OK);
  no_error();
  before_sending(&bench);
  without_a_session(&bench);
  codes(&bench);
  answers(&bench);
  tf_client_destroy(bench.client);
  tf_sim_destroy(bench.sim);
  CHECK(tf_live_threads() == 0);
  printf("%d failures\n", failures);
  return failures != 0;
}
