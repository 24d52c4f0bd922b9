/* Orders by state, contract and time, fills of a range, and the ways to ask for them wrongly. Exit code 0 when all
   is well. */
#include <stdio.h>
#include <string.h>

#include "tradeforge.h"

static int failures;

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                 \
      failures++;                                                                                            \
    }                                                                                                        \
  } while (0)

/* Runs a call that must fail with `wanted` and a message that holds `part`. */
#define REFUSED(wanted, part, call)                                                                          \
  do {                                                                                                       \
    tf_error *err = NULL;                                                                                    \
    tf_status status = (call);                                                                               \
    if (status != (wanted) || !strstr(tf_error_message(err), (part))) {                                      \
      printf("%s:%d: %s gave %s: %s\n", __FILE__, __LINE__, #call, tf_status_name(status),                   \
             tf_error_message(err));                                                                         \
      failures++;                                                                                            \
    }                                                                                                        \
    tf_error_destroy(err);                                                                                   \
  } while (0)

#define SECOND INT64_C(1000000000)

/* Checks the ids of a list and frees it. */
static void are(tf_orders *orders, const int64_t *ids, size_t wanted) {
  size_t count = 77;
  const tf_order *rows = tf_orders_data(orders, &count);
  CHECK(count == wanted);
  for (size_t i = 0; i < count && i < wanted; i++) {
    CHECK(rows[i].id == ids[i] && rows[i].symbol_id != NULL && strncmp(rows[i].symbol_id, "F.US.", 5) == 0);
  }
  tf_orders_destroy(orders);
}

static void pages(tf_client *client, int64_t account, const char *contract, const int64_t *ids) {
  static const int32_t open_only[] = {TF_ORDER_STATUS_OPEN};
  static const int32_t ended[] = {TF_ORDER_STATUS_FILLED, TF_ORDER_STATUS_CANCELLED};
  int64_t backwards[3];
  tf_order_query query;
  tf_orders *found = NULL;
  int64_t next = 7;
  int32_t total = 7;

  tf_order_query_init(&query);
  query.account = account;
  CHECK(tf_client_order_page(client, &query, 9000, &found, &next, &total, NULL) == TF_STATUS_OK);
  CHECK(next == TF_ID_NONE && total == TF_INT_NONE);
  are(found, ids, 3);

  query.page_size = 2;
  query.with_total = 1;
  query.contract = contract;
  CHECK(tf_client_order_page(client, &query, 9000, &found, &next, &total, NULL) == TF_STATUS_OK);
  CHECK(next == 2 && total == 3);
  are(found, ids, 2);
  query.page_offset = (uint32_t)next;
  CHECK(tf_client_order_page(client, &query, 9000, &found, &next, NULL, NULL) == TF_STATUS_OK);
  CHECK(next == TF_ID_NONE);
  are(found, ids + 2, 1);

  tf_order_query_init(&query);
  query.account = account;
  query.sort_by = TF_ORDER_SORT_CREATED_AT;
  query.is_descending = 1;
  CHECK(tf_client_order_page(client, &query, 9000, &found, NULL, NULL, NULL) == TF_STATUS_OK);
  for (int i = 0; i < 3; i++) {
    backwards[i] = ids[2 - i];
  }
  are(found, backwards, 3);
  query.statuses = open_only;
  query.status_count = 1;
  CHECK(tf_client_order_page(client, &query, 9000, &found, NULL, NULL, NULL) == TF_STATUS_OK);
  are(found, ids + 1, 1);
  CHECK(tf_client_resting_orders(client, account, 9000, &found, NULL) == TF_STATUS_OK);
  are(found, ids + 1, 1);
  query.statuses = ended;
  query.status_count = 2;
  query.is_descending = 0;
  CHECK(tf_client_order_page(client, &query, 9000, &found, NULL, NULL, NULL) == TF_STATUS_OK);
  backwards[0] = ids[0];
  backwards[1] = ids[2];
  are(found, backwards, 2);
  query.contract = "CON.F.US.EP.Z26";
  CHECK(tf_client_order_page(client, &query, 9000, &found, NULL, NULL, NULL) == TF_STATUS_OK);
  are(found, NULL, 0);
}

/* Every order was made a second after the one before, beginning at `start`. */
static void ranges(tf_client *client, int64_t account, int64_t start, const int64_t *ids) {
  tf_order_query query;
  tf_orders *found = NULL;
  tf_fills *fills = NULL;
  size_t count = 7;
  CHECK(tf_client_orders(client, account, start, TF_TIME_NONE, 9000, &found, NULL) == TF_STATUS_OK);
  are(found, ids, 3);
  CHECK(tf_client_orders(client, account, start + SECOND, start + 2 * SECOND, 9000, &found, NULL) == TF_STATUS_OK);
  are(found, ids + 1, 1);
  tf_order_query_init(&query);
  query.account = account;
  query.created_after_ns = start + SECOND / 2;
  query.created_before_ns = start + 3 * SECOND / 2;
  CHECK(tf_client_order_page(client, &query, 9000, &found, NULL, NULL, NULL) == TF_STATUS_OK);
  are(found, ids + 1, 1);

  CHECK(tf_client_fills(client, account, start, TF_TIME_NONE, 9000, &fills, NULL) == TF_STATUS_OK);
  CHECK(tf_fills_data(fills, &count) != NULL && count == 1);
  int64_t filled = count == 1 ? tf_fills_data(fills, NULL)[0].created_ns : 0;
  tf_fills_destroy(fills);
  CHECK(tf_client_fills(client, account, start, filled, 9000, &fills, NULL) == TF_STATUS_OK);
  CHECK(tf_fills_data(fills, &count) == NULL && count == 0);
  tf_fills_destroy(fills);
}

static void refusals(tf_client *client, int64_t account, int64_t resting) {
  struct {
    tf_order_query known;
    char later[16];
  } newer;
  tf_order_query query;
  tf_order_change change;
  tf_orders *found = NULL;
  tf_fills *fills = NULL;
  int64_t next = 7;
  int32_t total = 7;
  tf_order_query_init(NULL);
  tf_order_query_init(&query);
  query.account = account;
#define PAGE(QUERY) tf_client_order_page(client, (QUERY), 9000, &found, &next, &total, &err)
  REFUSED(TF_STATUS_ERR_NULL, "`query`", PAGE(NULL));
  REFUSED(TF_STATUS_ERR_NULL, "`out_orders`", tf_client_order_page(client, &query, 9000, NULL, NULL, NULL, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_order_page(NULL, &query, 9000, &found, NULL, NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "timeout_ms",
          tf_client_order_page(client, &query, -2, &found, NULL, NULL, &err));
  query.page_size = 0;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "page of 0 orders", PAGE(&query));
  query.page_size = 101;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "must be 1 to 100", PAGE(&query));
  query.page_size = 100;
  query.sort_by = 2;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "no tf_order_sort", PAGE(&query));
  query.sort_by = TF_ORDER_SORT_ID;
  query.with_total = 2;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "flag", PAGE(&query));
  query.with_total = 0;
  query.status_count = 1;
  REFUSED(TF_STATUS_ERR_NULL, "`query->statuses`", PAGE(&query));
  query.statuses = &total;
  query.status_count = 65;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "64 is the most", PAGE(&query));
  query.status_count = 0;
  query.contract = "\xc3(";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", PAGE(&query));
  query.contract = NULL;
  query.account = 1;
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such account", PAGE(&query));
  memset(&newer, 0, sizeof newer);
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", PAGE(&newer.known));
  tf_order_query_init(&newer.known);
  newer.known.size = (uint32_t)sizeof newer;
  newer.later[15] = 1;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "does not know", PAGE(&newer.known));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such account", tf_client_resting_orders(client, 1, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_orders`", tf_client_resting_orders(client, account, 9000, NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "`since_ns`",
          tf_client_orders(client, account, TF_TIME_NONE, TF_TIME_NONE, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "`since_ns`",
          tf_client_fills(client, account, TF_TIME_NONE, 0, 9000, &fills, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, " is empty", tf_client_fills(client, account, 9, 9, 9000, &fills, &err));
  CHECK(found == NULL && fills == NULL && next == 7 && total == 7);

  /* A change off the tick grid does not go out. */
  tf_order_change_init(&change);
  change.account = account;
  change.order_id = resting;
  change.limit_price = 100100000000;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "its neighbours on it are 100 and 100.25",
          tf_order_modify(client, &change, 9000, &err));

  CHECK(tf_client_symbol_of(NULL, "x") == 0 && tf_client_symbol_of(client, NULL) == 0);
  CHECK(tf_client_symbol_of(client, "\xff") == 0);
  CHECK(strcmp(tf_client_symbol(client, tf_client_symbol_of(client, "MESZ6")), "MESZ6") == 0);
  CHECK(tf_client_symbol_of(client, "MESZ6") == tf_client_symbol_of(client, "MESZ6"));
}

/* Recordings: one at a time, a file that is there stays. */
static void recordings(tf_client *client, const char *contract) {
  tf_recorder *recorder = NULL, *other = NULL;
  tf_stream *stream = NULL;
  tf_event event;
  tf_recorded recorded, again;
  size_t count = 0;
  memset(&recorded, 0, sizeof recorded);
  memset(&again, 0, sizeof again);
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_recorder_start(NULL, "a.lz4", false, &recorder, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`path`", tf_recorder_start(client, NULL, false, &recorder, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_recorder`", tf_recorder_start(client, "a.lz4", false, NULL, &err));
  REFUSED(TF_STATUS_ERR_FILE, "/no/such/folder", tf_recorder_start(client, "/no/such/folder/a", false, &recorder, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`recorder`", tf_recorder_stop(NULL, &recorded, &err));
  CHECK(recorder == NULL && !tf_recorder_is_running(NULL));
  tf_recorder_destroy(NULL);

  CHECK(tf_recorder_start(client, "a.lz4", false, &recorder, NULL) == TF_STATUS_OK);
  CHECK(tf_recorder_is_running(recorder));
  REFUSED(TF_STATUS_ERR_STATE, "recorded already", tf_recorder_start(client, "b.lz4", false, &other, &err));
  CHECK(tf_stream_new(client, NULL, &stream, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_subscribe(stream, contract, TF_KINDS_QUOTES, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_poll(stream, &event, 1, 9000, &count, NULL) == TF_STATUS_OK);
  tf_stream_destroy(stream);
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_recorder_stop(recorder, &recorded, &err));
  recorded.size = again.size = (uint32_t)sizeof recorded;
  CHECK(tf_recorder_stop(recorder, &recorded, NULL) == TF_STATUS_OK);
  CHECK(recorded.received > 0 && recorded.entries > recorded.received && recorded.file_bytes > 0);
  CHECK(tf_recorder_stop(recorder, &again, NULL) == TF_STATUS_OK && memcmp(&recorded, &again, sizeof again) == 0);
  CHECK(!tf_recorder_is_running(recorder));

  REFUSED(TF_STATUS_ERR_FILE, "it is there already", tf_recorder_start(client, "a.lz4", false, &other, &err));
  CHECK(tf_recorder_start(client, "a.lz4", true, &other, NULL) == TF_STATUS_OK);
  tf_recorder_destroy(other);
  tf_recorder_destroy(recorder);
  REFUSED(TF_STATUS_ERR_HANDLE, "`recorder`", tf_recorder_stop(recorder, NULL, &err));
  remove("a.lz4");
}

int main(void) {
  tf_sim *sim = NULL;
  tf_client *client = NULL;
  tf_config *config = tf_config_new();
  tf_sim_options options;
  tf_order_request request;
  tf_placed placed;
  tf_orders *found = NULL;
  tf_contracts *contracts = NULL;
  int64_t ids[3] = {0, 0, 0};
  int32_t outcome = 0;
  size_t count = 0;

  tf_sim_options_init(&options);
  options.clock = TF_SIM_CLOCK_STEPPED;
  options.start_ns = INT64_C(1795186800000000000);
  options.speed = 0;
  CHECK(tf_sim_start(&options, &sim, NULL) == TF_STATUS_OK);
  CHECK(tf_config_use_sim(config, sim, NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, NULL) == TF_STATUS_OK);
  tf_config_destroy(config);
  CHECK(tf_client_login(client, 30000, NULL) == TF_STATUS_OK);
  const char *contract = tf_sim_default_contract(sim);
  const int64_t account = tf_sim_default_account(sim);
  CHECK(tf_client_contract(client, contract, 9000, &contracts, NULL) == TF_STATUS_OK);
  tf_contracts_destroy(contracts);

  /* One that fills, one that rests, one that is cancelled. */
  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  request.quantity = 1;
  for (int i = 0; i < 3; i++) {
    CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
    CHECK(tf_sim_step(sim, SECOND, NULL) == TF_STATUS_OK);
    ids[i] = placed.order_id;
    if (i == 0) {
      CHECK(tf_client_order(client, account, ids[0], 9000, &found, NULL) == TF_STATUS_OK);
      const tf_order *filled = tf_orders_data(found, &count);
      CHECK(count == 1 && filled[0].status == TF_ORDER_STATUS_FILLED);
      CHECK(tf_price_round(filled[0].filled_price - 100 * TF_PRICE_SCALE, 250000000, TF_ROUNDING_DOWN,
                           &request.limit_price, NULL) == TF_STATUS_OK);
      request.order_type = TF_ORDER_TYPE_LIMIT;
      tf_orders_destroy(found);
    }
  }
  CHECK(tf_order_cancel(client, account, ids[2], 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_sim_step(sim, SECOND, NULL) == TF_STATUS_OK);
  CHECK(tf_order_cancel_confirmed(client, account, ids[2], 9000, &outcome, NULL, NULL) == TF_STATUS_ERR_NOT_FOUND ||
        outcome == TF_CANCEL_OUTCOME_CONFIRMED);

  pages(client, account, contract, ids);
  ranges(client, account, options.start_ns, ids);
  refusals(client, account, ids[1]);
  recordings(client, contract);
  tf_client_destroy(client);
  tf_sim_destroy(sim);
  CHECK(tf_live_threads() == 0);
  printf("%d failures\n", failures);
  return failures != 0;
}
