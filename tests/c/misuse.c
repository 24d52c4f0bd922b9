/* Every misuse gives a status and a message, and the program lives. Exit code 0 when all did. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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
    if (status != (wanted) || tf_error_status(err) != (wanted) || !strstr(tf_error_message(err), (part))) {  \
      printf("%s:%d: %s gave %s: %s\n", __FILE__, __LINE__, #call, tf_status_name(status),                   \
             tf_error_message(err));                                                                         \
      failures++;                                                                                            \
    }                                                                                                        \
    tf_error_destroy(err);                                                                                   \
  } while (0)

static void numbers(void) {
  int64_t price = 7;
  char text[32];
  CHECK(tf_price_parse("5e-7", &price, NULL) == TF_STATUS_OK && price == 500);
  CHECK(tf_price_format(30199250000000, text, sizeof text) == 8 && strcmp(text, "30199.25") == 0);
  CHECK(tf_price_format(30199250000000, text, 4) == 8 && strcmp(text, "301") == 0);
  CHECK(tf_price_format(1, NULL, 0) == 11);
  CHECK(tf_price_format(TF_PRICE_NONE, text, sizeof text) == 0 && text[0] == '\0');
  CHECK(tf_price_to_double(1500000000) == 1.5);
  CHECK(tf_price_from_double(0.1, &price, NULL) == TF_STATUS_OK && price == 100000000);
  CHECK(tf_price_round(10100000000, 250000000, TF_ROUNDING_UP, &price, NULL) == TF_STATUS_OK &&
        price == 10250000000);
  CHECK(tf_time_format(0, text, sizeof text) == 20 && strcmp(text, "1970-01-01T00:00:00Z") == 0);
  price = 7;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "is not a decimal number", tf_price_parse("ten", &price, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "below 0.000000001", tf_price_parse("0.0000000001", &price, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "not UTF-8", tf_price_parse("\xff\xfe", &price, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`text`", tf_price_parse(NULL, &price, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_price`", tf_price_parse("1", NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "rounding", tf_price_round(1, 1, 9, &price, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "tick", tf_price_round(1, 0, 0, &price, &err));
  CHECK(price == 7); /* results are written on success only */
}

static void settings(void) {
  tf_client *client = NULL;
  tf_config *config = tf_config_new();
  REFUSED(TF_STATUS_ERR_NULL, "`config`", tf_config_set(NULL, "firm", "x", &err));
  REFUSED(TF_STATUS_ERR_NULL, "`key`", tf_config_set(config, NULL, "x", &err));
  REFUSED(TF_STATUS_ERR_CONFIG, "did you mean `user_name`", tf_config_set(config, "username", "x", &err));
  REFUSED(TF_STATUS_ERR_CONFIG, "SIM, DEMO or LIVE", tf_config_set(config, "environment", "TEST", &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "`value` is not UTF-8", tf_config_set(config, "user_name", "\xff", &err));
  REFUSED(TF_STATUS_ERR_CONFIG, "such as 200/60", tf_config_set(config, "rate_limit", "200", &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_client`", tf_client_new(config, NULL, &err));
  CHECK(client == NULL);
  REFUSED(TF_STATUS_ERR_CONFIG, "user_hub_url is", tf_config_set(config, "user_hub_url", "https://h/x?a=b", &err));
  REFUSED(TF_STATUS_ERR_CONFIG, "wss://", tf_config_set(config, "market_hub_url", "wss://h", &err));
  CHECK(tf_config_set(config, "api_url", "HTTP://sim.example:80/", NULL) == TF_STATUS_OK);
  REFUSED(TF_STATUS_ERR_CONFIG, "TS_PLAIN_HTTP=sim.example", tf_client_new(config, &client, &err));
  CHECK(client == NULL && tf_config_set(config, "api_url", "", NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, NULL) == TF_STATUS_OK); /* it may log in as an application */
  REFUSED(TF_STATUS_ERR_CONFIG, "TS_USERNAME and TS_API_KEY", tf_client_login(client, 1000, &err));
  REFUSED(TF_STATUS_ERR_CONFIG, "SIM", tf_client_login(client, 1000, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`verify_key`", tf_client_login_app(client, "u", "p", "d", "a", NULL, 1000, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "`password` is not UTF-8",
          tf_client_login_app(client, "u", "\xff", "d", "a", "k", 1000, &err));
  REFUSED(TF_STATUS_ERR_STATE, "call login first", tf_client_logout(client, 1000, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "timeout_ms", tf_client_ping(client, -2, &err));
  CHECK(tf_client_clear_caches(client, NULL) == TF_STATUS_OK);
  tf_client_destroy(client);
  REFUSED(TF_STATUS_ERR_HANDLE, "`client`", tf_client_ping(client, 1000, &err));
  REFUSED(TF_STATUS_ERR_HANDLE, "`client`", tf_client_clear_caches(client, &err));
  tf_config_destroy(config);
  REFUSED(TF_STATUS_ERR_HANDLE, "`config`", tf_config_set(config, "firm", "x", &err));
  tf_config_destroy(config);
  tf_config_destroy(NULL);
}

static void no_handles(void) {
  tf_event events[1];
  size_t count = 7;
  tf_stream *wrong = (tf_stream *)(void *)tf_config_new();
  tf_orders *none = NULL;
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_login(NULL, 1000, &err));
  REFUSED(TF_STATUS_ERR_HANDLE, "`client`", tf_client_login((tf_client *)(void *)&count, 1000, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`stream`", tf_stream_poll(NULL, events, 1, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_HANDLE, "`stream`", tf_stream_poll(wrong, events, 1, 0, &count, &err));
  CHECK(count == 7);
  CHECK(tf_accounts_data(NULL, &count) == NULL && count == 0);
  CHECK(tf_accounts_data(NULL, NULL) == NULL);
  CHECK(strcmp(tf_client_symbol(NULL, 1), "") == 0);
  CHECK(strcmp(tf_error_message(NULL), "") == 0 && tf_error_status(NULL) == TF_STATUS_OK);
  CHECK(tf_error_order_id(NULL) == TF_ID_NONE && tf_error_outcome(NULL) == TF_OUTCOME_QUERY);
  CHECK(tf_stream_depth(NULL) == 0 && tf_stream_dropped(NULL) == 0);
  CHECK(strcmp(tf_status_name(12345), "TF_STATUS_UNLISTED") == 0);
  tf_stream_wake(NULL);
  tf_stream_destroy(NULL);
  tf_client_destroy(NULL);
  tf_error_destroy(NULL);
  tf_order_request_init(NULL);
  tf_order_query_init(NULL);
  CHECK(tf_client_symbol_of(NULL, "x") == 0);
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_resting_orders(NULL, 1, 1000, &none, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_order_page(NULL, NULL, 1000, &none, NULL, NULL, &err));
  tf_config_destroy((tf_config *)(void *)wrong);
}

/* A price a hundred points below the last trade, to rest in the book. */
static int64_t far_below(tf_client *client, const char *contract) {
  tf_stream *stream = NULL;
  tf_event event;
  size_t count = 0;
  int64_t last = TF_PRICE_NONE;
  CHECK(tf_stream_new(client, NULL, &stream, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_subscribe(stream, contract, TF_KINDS_QUOTES, 9000, NULL) == TF_STATUS_OK);
  while (last == TF_PRICE_NONE && tf_stream_poll(stream, &event, 1, 9000, &count, NULL) == TF_STATUS_OK) {
    last = event.kind == TF_EVENT_KIND_QUOTE ? event.body.quote.last : last;
  }
  tf_stream_destroy(stream);
  return last - 100 * TF_PRICE_SCALE;
}

static void orders(tf_client *client, int64_t account, const char *contract) {
  tf_order_request request;
  tf_placed placed;
  tf_orders *found = NULL;
  struct {
    tf_order_request known;
    char later[16];
  } newer;

  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size is 0", tf_order_place(client, &request, 1000, &placed, &err));
  request.quantity = 1;
  request.side = 9;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "side 9", tf_order_place(client, &request, 1000, &placed, &err));
  request.side = TF_SIDE_SELL;
  request.order_type = 99;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "order type 99", tf_order_place(client, &request, 1000, &placed, &err));
  request.order_type = TF_ORDER_TYPE_LIMIT;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "limit price", tf_order_place(client, &request, 1000, &placed, &err));
  request.limit_price = 7000100000000;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "tick grid", tf_order_place(client, &request, 1000, &placed, &err));
  request.limit_price = 7000000000000;
  request.contract = NULL;
  REFUSED(TF_STATUS_ERR_NULL, "contract", tf_order_place(client, &request, 1000, &placed, &err));
  request.contract = "\xc3(";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_order_place(client, &request, 1000, &placed, &err));
  request.contract = "CON.F.US.NONE.Z26";
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "find its id by search", tf_order_place(client, &request, 9000, &placed, &err));
  request.contract = contract;
  request.account = 1;
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such account", tf_order_place(client, &request, 9000, &placed, &err));
  request.account = account;
  request.client_tag = "a\nb";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "client tag", tf_order_place(client, &request, 1000, &placed, &err));
  request.client_tag = NULL;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "timeout_ms", tf_order_place(client, &request, -2, &placed, &err));
  REFUSED(TF_STATUS_ERR_DEADLINE, "in time", tf_order_place(client, &request, 0, &placed, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`request`", tf_order_place(client, NULL, 1000, &placed, &err));

  /* A struct that was not initialised, one of a newer header, one of a newer header that means it. */
  memset(&newer, 0, sizeof newer);
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_order_place(client, &newer.known, 1000, &placed, &err));
  newer.known = request;
  newer.known.size = (uint32_t)sizeof newer;
  newer.known.quantity = 0;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size is 0", tf_order_place(client, &newer.known, 1000, &placed, &err));
  newer.later[15] = 1;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "does not know", tf_order_place(client, &newer.known, 1000, &placed, &err));

  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such order", tf_client_order(client, account, 1, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no open position",
          tf_client_close_position(client, account, contract, 9000, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no open position",
          tf_client_reduce_position(client, account, contract, 1, 9000, &err));
  CHECK(tf_client_order_by_tag(client, account, "nobody", 60000, 9000, &found, NULL) == TF_STATUS_OK);
  tf_orders_destroy(found);

  tf_order_change change;
  tf_order_change_init(&change);
  change.account = account;
  change.order_id = 1;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "changes nothing", tf_order_modify(client, &change, 9000, &err));
  change.quantity = 0;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size is 0", tf_order_modify(client, &change, 9000, &err));
  change.quantity = 1;
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such order", tf_order_modify(client, &change, 9000, &err));
  change.size = 7;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_order_modify(client, &change, 9000, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`change`", tf_order_modify(client, NULL, 9000, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such order", tf_order_cancel(client, account, 1, 9000, &err));

  /* A limit order far below the market: worked, changed, cancelled. */
  size_t count = 0;
  request.limit_price = far_below(client, contract);
  request.side = TF_SIDE_BUY;
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  tf_order_change_init(&change);
  change.account = account;
  change.order_id = placed.order_id;
  change.quantity = 3;
  CHECK(tf_order_modify(client, &change, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_open_orders(client, account, 9000, &found, NULL) == TF_STATUS_OK);
  const tf_order *open = tf_orders_data(found, &count);
  CHECK(count == 1 && open[0].id == placed.order_id && open[0].quantity == 3 &&
        open[0].status == TF_ORDER_STATUS_OPEN && open[0].limit_price == request.limit_price);
  tf_orders_destroy(found);
  CHECK(tf_order_cancel(client, account, placed.order_id, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_open_orders(client, account, 9000, &found, NULL) == TF_STATUS_OK);
  CHECK(tf_orders_data(found, &count) == NULL && count == 0);
  tf_orders_destroy(found);
  request.side = TF_SIDE_SELL;

  /* Results that nobody wants, errors that nobody wants. */
  request.order_type = TF_ORDER_TYPE_MARKET;
  request.limit_price = TF_PRICE_NONE;
  CHECK(tf_order_place(client, &request, 9000, NULL, NULL) == TF_STATUS_OK);
  CHECK(tf_client_flatten(client, account, 9000, NULL, NULL) == TF_STATUS_OK);
  request.quantity = 0;
  CHECK(tf_order_place(client, &request, 9000, NULL, NULL) == TF_STATUS_ERR_ARGUMENT);

  /* The fill comes some milliseconds after the order. */
  tf_fills *fills = NULL;
  const tf_fill *fill = NULL;
  for (int tries = 0; fill == NULL && tries < 100; tries++) {
    tf_fills_destroy(fills);
    CHECK(tf_client_fills(client, account, 0, TF_TIME_NONE, 9000, &fills, NULL) == TF_STATUS_OK);
    fill = tf_fills_data(fills, &count);
  }
  CHECK(count >= 1 && fill[0].side == TF_SIDE_SELL && fill[0].quantity == 1 &&
        fill[0].profit_and_loss == TF_PRICE_NONE && strcmp(fill[0].contract, contract) == 0);
  tf_fills_destroy(fills);
}

/* Cancels that are read back, lost orders, and the lists of both. */
static void outcomes(tf_client *client, int64_t account, const char *contract) {
  tf_order_request request;
  tf_placed placed;
  tf_orders *found = NULL;
  tf_cancels *cancels = NULL;
  int32_t answer = 77;
  size_t count = 7;

  REFUSED(TF_STATUS_ERR_NULL, "`out_outcome`",
          tf_order_cancel_confirmed(client, account, 1, 9000, NULL, NULL, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`client`",
          tf_order_cancel_confirmed(NULL, account, 1, 9000, &answer, &found, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such order",
          tf_order_cancel_confirmed(client, account, 1, 9000, &answer, &found, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "timeout_ms",
          tf_order_cancel_confirmed(client, account, 1, -2, &answer, &found, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_cancels`", tf_order_cancel_all(client, account, NULL, 9000, NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_order_cancel_all(client, account, "\xc3(", 9000, &cancels, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no such account", tf_order_cancel_all(client, 1, NULL, 9000, &cancels, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_resolution`",
          tf_order_resolve(client, account, "t", 60000, 9000, NULL, &found, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`client_tag`",
          tf_order_resolve(client, account, NULL, 60000, 9000, &answer, &found, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "tag is empty",
          tf_order_resolve(client, account, "", 60000, 9000, &answer, &found, &err));
  REFUSED(TF_STATUS_ERR_DEADLINE, "in time",
          tf_order_resolve(client, account, "t", 60000, 0, &answer, &found, &err));
  CHECK(answer == 77 && found == NULL && cancels == NULL);
  CHECK(tf_cancels_data(NULL, &count) == NULL && count == 0);
  tf_cancels_destroy(NULL);

  CHECK(tf_order_resolve(client, account, "nobody", 60000, 9000, &answer, &found, NULL) == TF_STATUS_OK);
  CHECK(answer == TF_RESOLUTION_NOT_THERE && tf_orders_data(found, &count) == NULL && count == 0);
  tf_orders_destroy(found);

  /* An order that rests: found by its tag, cancelled alone, then with all the others. */
  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  request.quantity = 1;
  request.order_type = TF_ORDER_TYPE_LIMIT;
  request.limit_price = far_below(client, contract);
  request.client_tag = "rests-1";
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  CHECK(tf_order_resolve(client, account, "rests-1", 60000, 9000, &answer, &found, NULL) == TF_STATUS_OK);
  const tf_order *order = tf_orders_data(found, &count);
  CHECK(answer == TF_RESOLUTION_ACCEPTED && count == 1 && order[0].id == placed.order_id);
  tf_orders_destroy(found);
  CHECK(tf_order_cancel_confirmed(client, account, placed.order_id, 9000, &answer, &found, NULL) == TF_STATUS_OK);
  order = tf_orders_data(found, &count);
  CHECK(answer == TF_CANCEL_OUTCOME_CONFIRMED && count == 1 && order[0].status == TF_ORDER_STATUS_CANCELLED);
  tf_orders_destroy(found);
  request.client_tag = "rests-2";
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  CHECK(tf_order_cancel_all(client, account, "CON.F.US.NONE.Z26", 9000, &cancels, NULL) == TF_STATUS_OK);
  CHECK(tf_cancels_data(cancels, &count) == NULL && count == 0);
  tf_cancels_destroy(cancels);
  CHECK(tf_order_cancel_all(client, account, contract, 9000, &cancels, NULL) == TF_STATUS_OK);
  const tf_cancel *cancel = tf_cancels_data(cancels, &count);
  CHECK(count == 1 && cancel[0].order_id == placed.order_id &&
        cancel[0].outcome == TF_CANCEL_OUTCOME_CONFIRMED && cancel[0].status == TF_ORDER_STATUS_CANCELLED &&
        cancel[0].fill_volume == 0 && cancel[0].message == NULL && strcmp(cancel[0].client_tag, "rests-2") == 0 &&
        strcmp(cancel[0].contract, contract) == 0);
  tf_cancels_destroy(cancels);
  REFUSED(TF_STATUS_ERR_HANDLE, "`client`", tf_order_cancel_all((tf_client *)(void *)cancels, account, NULL, 9000, &cancels, &err));
  CHECK(tf_cancels_data(cancels, &count) == NULL && count == 0);
}

/* Types of orders and their brackets: what is refused before sending, and a family that is read back. */
static void brackets(tf_client *client, int64_t account, const char *contract) {
  tf_order_request request;
  tf_order_change change;
  tf_placed placed;
  tf_orders *found = NULL;
  tf_cancels *cancels = NULL;
  size_t count = 0;

  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  request.quantity = 1;
  request.order_type = TF_ORDER_TYPE_STOP_LIMIT;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "StopLimit", tf_order_place(client, &request, 9000, &placed, &err));
  request.order_type = TF_ORDER_TYPE_STOP;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "needs a stop price", tf_order_place(client, &request, 9000, &placed, &err));
  request.order_type = TF_ORDER_TYPE_TRAILING_STOP;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "needs a trail price", tf_order_place(client, &request, 9000, &placed, &err));
  request.trail_price = 7000100000000;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "neighbours", tf_order_place(client, &request, 9000, &placed, &err));
  request.trail_price = TF_PRICE_NONE;
  request.order_type = TF_ORDER_TYPE_JOIN_BID;
  request.stop_loss_unit = 9;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "no tf_bracket_unit", tf_order_place(client, &request, 9000, &placed, &err));
  request.stop_loss_unit = TF_BRACKET_UNIT_TICKS;
  request.stop_loss = 3;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "4 is the least", tf_order_place(client, &request, 9000, &placed, &err));
  request.stop_loss = -10;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "no sign", tf_order_place(client, &request, 9000, &placed, &err));
  request.stop_loss = INT64_MAX;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "too far", tf_order_place(client, &request, 9000, &placed, &err));
  request.stop_loss_unit = TF_BRACKET_UNIT_DISTANCE;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "TF_PRICE_NONE", tf_order_place(client, &request, 9000, &placed, &err));
  request.stop_loss_unit = TF_BRACKET_UNIT_LEVEL;
  request.stop_loss = 7000000000000;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "before it fills", tf_order_place(client, &request, 9000, &placed, &err));
  request.stop_loss_unit = TF_BRACKET_UNIT_TICKS;
  request.stop_loss = 10;
  request.stop_loss_type = TF_ORDER_TYPE_LIMIT;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "stop_loss_type", tf_order_place(client, &request, 9000, &placed, &err));

  request.stop_loss_type = TF_ORDER_TYPE_TRAILING_STOP;
  request.take_profit_unit = TF_BRACKET_UNIT_DISTANCE;
  request.take_profit = 5 * TF_PRICE_SCALE;
  request.order_type = TF_ORDER_TYPE_LIMIT;
  request.limit_price = far_below(client, contract);
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  CHECK(tf_client_open_orders(client, account, 9000, &found, NULL) == TF_STATUS_OK);
  const tf_order *family = tf_orders_data(found, &count);
  CHECK(count == 3 && family[0].id == placed.order_id && family[0].parent == TF_ID_NONE &&
        family[1].status == TF_ORDER_STATUS_SUSPENDED && family[1].parent == placed.order_id &&
        family[1].order_type == TF_ORDER_TYPE_TRAILING_STOP && family[1].trail_distance == -10 &&
        family[2].order_type == TF_ORDER_TYPE_LIMIT && family[2].trail_distance == 20 &&
        family[2].trail_price == 5 * TF_PRICE_SCALE && family[2].linked == family[1].id);
  tf_orders_destroy(found);
  CHECK(tf_order_cancel_all(client, account, NULL, 9000, &cancels, NULL) == TF_STATUS_OK);
  CHECK(tf_cancels_data(cancels, &count) != NULL && count == 3);
  tf_cancels_destroy(cancels);

  /* A caller with the first version of the struct places orders as before. */
  tf_order_request_init(&request);
  request.size = (uint32_t)offsetof(tf_order_request, stop_price);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  request.quantity = 1;
  request.order_type = TF_ORDER_TYPE_LIMIT;
  request.limit_price = far_below(client, contract);
  memset(&request.stop_price, 0x5a, sizeof request - offsetof(tf_order_request, stop_price));
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  CHECK(tf_order_cancel(client, account, placed.order_id, 9000, NULL) == TF_STATUS_OK);

  /* A trailing stop goes in as a level and comes back as a distance; a change moves it. */
  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_SELL;
  request.quantity = 1;
  request.order_type = TF_ORDER_TYPE_TRAILING_STOP;
  request.trail_price = far_below(client, contract);
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  tf_order_change_init(&change);
  change.account = account;
  change.order_id = placed.order_id;
  change.trail_price = request.trail_price - 100 * TF_PRICE_SCALE;
  CHECK(tf_order_modify(client, &change, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_order(client, account, placed.order_id, 9000, &found, NULL) == TF_STATUS_OK);
  const tf_order *trailing = tf_orders_data(found, &count);
  CHECK(count == 1 && trailing[0].trail_distance > 600 && trailing[0].trail_distance < 1000 &&
        trailing[0].trail_price == trailing[0].trail_distance * (TF_PRICE_SCALE / 4));
  tf_orders_destroy(found);
  CHECK(tf_order_cancel(client, account, placed.order_id, 9000, NULL) == TF_STATUS_OK);
}

static void ignore(void *user_data, const tf_event *event) {
  (void)user_data;
  (void)event;
}

static void delivery(tf_stream *stream) {
  tf_event events[4];
  size_t count = 7;
  int fd = -1, again = -1;
  tf_statistics told = {sizeof(tf_statistics), 0, 0, 0, 0, 0, 0, 0, 0, 0};
  REFUSED(TF_STATUS_ERR_NULL, "`function`", tf_stream_dispatch(stream, NULL, NULL, 1, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "`limit`", tf_stream_dispatch(stream, ignore, NULL, 0, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "timeout_ms", tf_stream_dispatch(stream, ignore, NULL, 1, -2, &count, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`stream`", tf_stream_dispatch(NULL, ignore, NULL, 1, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`stream`", tf_stream_set_callback(NULL, ignore, NULL, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`stream`", tf_stream_fd(NULL, &fd, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_fd`", tf_stream_fd(stream, NULL, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`stream`", tf_stream_statistics(NULL, &told, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_statistics`", tf_stream_statistics(stream, NULL, &err));
  CHECK(count == 7 && fd == -1);
  told.size = 4;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_stream_statistics(stream, &told, &err));
  told.size = sizeof told;
  CHECK(tf_stream_statistics(stream, &told, NULL) == TF_STATUS_OK);
  CHECK(told.received == told.delivered + told.dropped + told.conflated + told.depth);
  CHECK(tf_stream_fd(stream, &fd, NULL) == TF_STATUS_OK && tf_stream_fd(stream, &again, NULL) == TF_STATUS_OK);
  CHECK(fd >= 0 && fd == again);
  CHECK(tf_stream_set_callback(stream, ignore, NULL, NULL) == TF_STATUS_OK);
  REFUSED(TF_STATUS_ERR_STATE, "callback", tf_stream_set_callback(stream, ignore, NULL, &err));
  REFUSED(TF_STATUS_ERR_STATE, "callback", tf_stream_poll(stream, events, 4, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_STATE, "callback", tf_stream_dispatch(stream, ignore, NULL, 1, 0, &count, &err));
  CHECK(tf_stream_set_callback(stream, NULL, NULL, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_set_callback(stream, NULL, NULL, NULL) == TF_STATUS_OK);
  while (tf_stream_dispatch(stream, ignore, NULL, 9, 0, NULL, NULL) == TF_STATUS_OK) {
  }
  CHECK(tf_stream_dispatch(stream, ignore, NULL, 9, 0, &count, NULL) == TF_STATUS_TIMEOUT && count == 0);
}

static void streams(tf_client *client, const char *contract) {
  tf_stream *stream = NULL;
  tf_event events[4];
  size_t count = 0;
  tf_stream_options options = {sizeof(tf_stream_options), 1u << 30, 0};
  REFUSED(TF_STATUS_ERR_ARGUMENT, "capacity", tf_stream_new(client, &options, &stream, &err));
  options.capacity = 0;
  options.policy = 9;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "policy", tf_stream_new(client, &options, &stream, &err));
  options.size = 8; /* of a caller that knows no policy */
  CHECK(tf_stream_new(client, &options, &stream, NULL) == TF_STATUS_OK);
  tf_stream_destroy(stream);
  options.size = 3;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_stream_new(client, &options, &stream, &err));
  CHECK(tf_stream_new(client, NULL, &stream, NULL) == TF_STATUS_OK);
  REFUSED(TF_STATUS_ERR_ARGUMENT, "kinds", tf_stream_subscribe(stream, contract, 0, 9000, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "kinds", tf_stream_subscribe(stream, contract, TF_KINDS_ORDERS, 9000, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "bits", tf_stream_subscribe(stream, contract, 1u << 31, 9000, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "empty", tf_stream_subscribe(stream, "", TF_KINDS_QUOTES, 9000, &err));
  REFUSED(TF_STATUS_ERR_REJECTED, "refused", tf_stream_subscribe_account(stream, 1, TF_KINDS_ORDERS, 9000, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "capacity", tf_stream_poll(stream, events, 0, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`events`", tf_stream_poll(stream, NULL, 4, 0, &count, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_count`", tf_stream_poll(stream, events, 4, 0, NULL, &err));
  delivery(stream);
  tf_stream_wake(stream);
  CHECK(tf_stream_poll(stream, events, 4, -1, &count, NULL) == TF_STATUS_WOKEN && count == 0);
  CHECK(tf_stream_unsubscribe(stream, contract, TF_KINDS_MARKET, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_close(stream, NULL) == TF_STATUS_OK && tf_stream_close(stream, NULL) == TF_STATUS_OK);
  REFUSED(TF_STATUS_ERR_CLOSED, "closed", tf_stream_set_callback(stream, ignore, NULL, &err));
  while (tf_stream_poll(stream, events, 4, -1, &count, NULL) == TF_STATUS_OK) {
  }
  CHECK(tf_stream_poll(stream, events, 4, -1, &count, NULL) == TF_STATUS_CLOSED);
  tf_stream_destroy(stream);
  REFUSED(TF_STATUS_ERR_HANDLE, "`stream`", tf_stream_poll(stream, events, 4, 0, &count, &err));
  tf_stream_destroy(stream);
}

/* The user's state without a request, which somebody must follow. */
static void live_state(tf_client *client, int64_t account, const char *contract) {
  tf_stream *stream = NULL;
  tf_orders *orders = NULL;
  tf_positions *positions = NULL;
  tf_accounts *accounts = NULL;
  tf_placed placed;
  tf_live live = {1, 1};
  tf_order_request request;
  size_t count = 0;
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_live_orders(NULL, account, &live, &orders, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_orders`", tf_client_live_orders(client, account, &live, NULL, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_positions`", tf_client_live_positions(client, account, &live, NULL, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_account`", tf_client_live_account(client, account, &live, NULL, &err));
  REFUSED(TF_STATUS_ERR_STATE, "subscribe", tf_client_live_orders(client, account, &live, &orders, &err));
  REFUSED(TF_STATUS_ERR_STATE, "subscribe", tf_client_live_positions(client, account, NULL, &positions, &err));
  REFUSED(TF_STATUS_ERR_STATE, "subscribe", tf_client_live_account(client, account, NULL, &accounts, &err));
  CHECK(live.since_ns == 1 && live.stale_since_ns == 1 && orders == NULL);

  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  request.quantity = 1;
  request.order_type = TF_ORDER_TYPE_LIMIT;
  request.limit_price = far_below(client, contract);
  CHECK(tf_order_place(client, &request, 9000, &placed, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_new(client, NULL, &stream, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_subscribe_account(stream, account, TF_KINDS_USER, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_live_orders(client, account, &live, &orders, NULL) == TF_STATUS_OK);
  const tf_order *open = tf_orders_data(orders, &count);
  bool found = false;
  for (size_t at = 0; at < count; at++) {
    found = found || (open[at].id == placed.order_id && open[at].limit_price == request.limit_price &&
                      strcmp(open[at].contract, contract) == 0);
  }
  CHECK(found && live.since_ns > 1 && live.stale_since_ns == TF_TIME_NONE);
  tf_orders_destroy(orders);
  CHECK(tf_client_live_positions(client, account, NULL, &positions, NULL) == TF_STATUS_OK);
  tf_positions_destroy(positions);
  CHECK(tf_client_live_account(client, account, NULL, &accounts, NULL) == TF_STATUS_OK);
  const tf_account *row = tf_accounts_data(accounts, &count);
  CHECK(count == 1 && row->id == account && row->balance != TF_PRICE_NONE);
  tf_accounts_destroy(accounts);
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no account", tf_client_live_account(client, 1, NULL, &accounts, &err));
  CHECK(tf_order_cancel(client, account, placed.order_id, 9000, NULL) == TF_STATUS_OK);
  tf_stream_destroy(stream);
  REFUSED(TF_STATUS_ERR_STATE, "subscribe", tf_client_live_orders(client, account, NULL, &orders, &err));
}

/* Ends the call, and the pages of its bars are whole. */
static bool stops(void *user_data, const tf_bar_progress *progress) {
  int64_t *sum = (int64_t *)user_data;
  for (size_t i = 0; i < progress->page_count; i++) {
    *sum += progress->page[i].volume;
  }
  return false;
}

static void history(tf_client *client, const char *contract) {
  tf_bars *bars = NULL;
  tf_bars *dead = NULL;
  tf_contracts *found = NULL;
  size_t count = 7;
  tf_bar_request request;
  struct {
    tf_bar_request known;
    char later[16];
  } newer;
  tf_bar_request_init(NULL);
  tf_bar_request_init(&request);
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_bars(NULL, &request, NULL, NULL, 9000, &bars, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`request`", tf_client_bars(client, NULL, NULL, NULL, 9000, &bars, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_bars`", tf_client_bars(client, &request, NULL, NULL, 9000, NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "must be times", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.from_ns = INT64_C(1795186800000000000);
  request.to_ns = request.from_ns + 1;
  REFUSED(TF_STATUS_ERR_NULL, "`request->contract`", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.contract = "\xff";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.contract = "NONE";
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "ContractNotFound", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.contract = contract;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "timeout_ms", tf_client_bars(client, &request, NULL, NULL, -2, &bars, &err));
  request.unit = 99;
  REFUSED(TF_STATUS_ERR_REJECTED, "UnitInvalid", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.unit = TF_BAR_UNIT_MINUTE;
  request.unit_number = 0;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "length", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.unit_number = 1;
  request.live = 2;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "flag", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.live = 1;
  request.to_ns = request.from_ns;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "range", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  request.to_ns = request.from_ns + 1;
  request.size = 8;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_client_bars(client, &request, NULL, NULL, 9000, &bars, &err));
  memset(&newer, 0, sizeof newer);
  request.size = (uint32_t)sizeof newer;
  newer.known = request;
  newer.later[15] = 1;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "does not know",
          tf_client_bars(client, &newer.known, NULL, NULL, 9000, &bars, &err));
  CHECK(bars == NULL);
  request.size = sizeof request;
  CHECK(tf_client_bars(client, &request, NULL, NULL, 9000, &bars, NULL) == TF_STATUS_OK);
  CHECK(tf_bars_data(bars, &count) == NULL && count == 0); /* no live data here */
  dead = bars;
  tf_bars_destroy(bars);
  tf_bars_destroy(dead);
  tf_bars_destroy(NULL);
  int64_t volume = 0;
  request.live = 0;
  request.to_ns = (int64_t)time(NULL) * 1000000000;
  request.from_ns = request.to_ns - INT64_C(3600000000000);
  CHECK(tf_client_bars(client, &request, stops, &volume, 9000, &bars, NULL) == TF_STATUS_STOPPED);
  const tf_bar *rows = tf_bars_data(bars, &count);
  for (size_t i = 0; i < count; i++) {
    volume -= rows[i].volume;
  }
  CHECK(count >= 59 && volume == 0);
  tf_bars_destroy(bars);
  CHECK(tf_client_bars(client, &request, stops, &volume, 9000, NULL, NULL) == TF_STATUS_ERR_NULL && volume == 0);
  count = 7;
  CHECK(tf_bars_data(dead, &count) == NULL && count == 0 && tf_bars_data(NULL, NULL) == NULL);

  REFUSED(TF_STATUS_ERR_NULL, "`symbol`", tf_client_contract_by_symbol(client, NULL, false, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`client`", tf_client_contract_by_symbol(NULL, "ES", false, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`out_contracts`",
          tf_client_contract_by_symbol(client, "ES", false, 9000, NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8",
          tf_client_contract_by_symbol(client, "\xff", false, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "no symbol", tf_client_contract_by_symbol(client, "", false, 9000, &found, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "it lists",
          tf_client_contract_by_symbol(client, "XYZ", false, 9000, &found, &err));
  CHECK(found == NULL);
}

/* Options of a simulator whose clock stands still at a round time. */
static tf_sim_options stepped(void) {
  tf_sim_options options;
  tf_sim_options_init(&options);
  options.clock = TF_SIM_CLOCK_STEPPED;
  options.start_ns = INT64_C(1795186800000000000);
  return options;
}

static void sim_options(void) {
  tf_sim *sim = NULL;
  tf_sim_options options = stepped();
  struct {
    tf_sim_options known;
    char later[16];
  } newer;
  REFUSED(TF_STATUS_ERR_NULL, "`out_sim`", tf_sim_start(&options, NULL, &err));
  options.size = 3;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.clock = 9;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "clock", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.start_ns = TF_TIME_NONE;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "start_ns", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.speed = -1.0;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "speed", tf_sim_start(&options, &sim, &err));
  options.speed = tf_price_to_double(TF_PRICE_NONE); /* not a number */
  REFUSED(TF_STATUS_ERR_ARGUMENT, "speed", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.shape = "decimals=many";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "short or nine-digits", tf_sim_start(&options, &sim, &err));
  options.shape = "\xff";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.rules = "max_loss=much";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "above 0", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.state_file = "\xff";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_sim_start(&options, &sim, &err));
  options.state_file = "/no/such/folder/state";
  REFUSED(TF_STATUS_ERR_FILE, "/no/such/folder", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.auto_oco = 7;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "flag", tf_sim_start(&options, &sim, &err));
  options = stepped();
  options.tls = 2;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "flag", tf_sim_start(&options, &sim, &err));
  options.tls = 0;
  options.tls_ca_file = "ca.pem";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "needs", tf_sim_start(&options, &sim, &err));
  options.tls = 1;
  options.tls_ca_file = "\xff";
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_sim_start(&options, &sim, &err));
  options.tls_ca_file = "/no/such/folder/ca.pem";
  REFUSED(TF_STATUS_ERR_FILE, "cannot be written", tf_sim_start(&options, &sim, &err));
  memset(&newer, 0, sizeof newer);
  newer.known = stepped();
  newer.known.size = (uint32_t)sizeof newer;
  newer.later[15] = 1;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "does not know", tf_sim_start(&newer.known, &sim, &err));
  tf_sim_options_init(NULL);
  CHECK(sim == NULL && tf_live_threads() == 0);
}

/* Every function, with a handle that is none and one that is dead. */
static void sim_handles(const tf_sim *dead) {
  const tf_sim *none[2];
  tf_config *config = tf_config_new();
  tf_sim_state state;
  none[0] = NULL;
  none[1] = dead;
  memset(&state, 0, sizeof state);
  state.size = (uint32_t)sizeof state;
  for (int i = 0; i < 2; i++) {
    tf_sim *sim = (tf_sim *)none[i];
    tf_status wanted = i == 0 ? TF_STATUS_ERR_NULL : TF_STATUS_ERR_HANDLE;
    REFUSED(wanted, "`sim`", tf_config_use_sim(config, sim, &err));
    REFUSED(wanted, "`sim`", tf_sim_step(sim, 1, &err));
    REFUSED(wanted, "`sim`", tf_sim_inspect(sim, &state, &err));
    REFUSED(wanted, "`sim`", tf_sim_set_can_trade(sim, 1, true, &err));
    REFUSED(wanted, "`sim`", tf_sim_set_balance(sim, 1, 0, &err));
    REFUSED(wanted, "`sim`", tf_sim_drop_connections(sim, &err));
    REFUSED(wanted, "`sim`", tf_sim_log_out(sim, "bye", &err));
    REFUSED(wanted, "`sim`", tf_sim_publish_quotes(sim, "x", 1, &err));
    REFUSED(wanted, "`sim`", tf_sim_flood_quotes(sim, "x", 1, &err));
    REFUSED(wanted, "`sim`", tf_sim_run_script(sim, "{}", &err));
    REFUSED(wanted, "`sim`", tf_sim_clear_faults(sim, &err));
    REFUSED(wanted, "`sim`", tf_sim_stop(sim, &err));
    CHECK(tf_sim_port(sim) == 0 && tf_sim_now(sim) == TF_TIME_NONE);
    CHECK(tf_sim_default_account(sim) == TF_ID_NONE && strcmp(tf_sim_default_contract(sim), "") == 0);
    CHECK(strcmp(tf_sim_api_url(sim), "") == 0 && strcmp(tf_sim_market_hub_url(sim), "") == 0);
    CHECK(strcmp(tf_sim_user_hub_url(sim), "") == 0 && strcmp(tf_sim_user_name(sim), "") == 0);
    CHECK(strcmp(tf_sim_api_key(sim), "") == 0 && strcmp(tf_sim_ca_file(sim), "") == 0);
    CHECK(strcmp(tf_sim_ca_certificate(sim), "") == 0);
    tf_sim_destroy(sim);
  }
  CHECK(!tf_config_is_set(config, "api_url"));
  REFUSED(TF_STATUS_ERR_HANDLE, "`sim`", tf_sim_step((tf_sim *)(void *)config, 1, &err));
  tf_config_destroy(config);
}

static void sim_calls(void) {
  tf_sim *sim = NULL;
  tf_sim_options options = stepped();
  tf_config *config = tf_config_new();
  struct {
    tf_sim_state known;
    char later[16];
  } newer;
  CHECK(tf_sim_start(&options, &sim, NULL) == TF_STATUS_OK && tf_sim_port(sim) != 0);
  options.port = tf_sim_port(sim);
  tf_sim *second = NULL;
  REFUSED(TF_STATUS_ERR_NETWORK, "cannot listen", tf_sim_start(&options, &second, &err));
  REFUSED(TF_STATUS_ERR_NULL, "`config`", tf_config_use_sim(NULL, sim, &err));
  CHECK(tf_config_use_sim(config, sim, NULL) == TF_STATUS_OK && tf_config_is_set(config, "api_key"));
  tf_config_destroy(config);
  CHECK(strcmp(tf_sim_ca_file(sim), "") == 0 && tf_sim_now(sim) == options.start_ns);
  REFUSED(TF_STATUS_ERR_ARGUMENT, "never goes back", tf_sim_step(sim, -1, &err));
  CHECK(tf_sim_step(sim, 5, NULL) == TF_STATUS_OK && tf_sim_now(sim) == options.start_ns + 5);
  REFUSED(TF_STATUS_ERR_NULL, "`contract`", tf_sim_publish_quotes(sim, NULL, 1, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_sim_publish_quotes(sim, "\xff", 1, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no contract", tf_sim_flood_quotes(sim, "x", 1, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_sim_log_out(sim, "\xff", &err));
  REFUSED(TF_STATUS_ERR_NULL, "`script`", tf_sim_run_script(sim, NULL, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "UTF-8", tf_sim_run_script(sim, "\xff", &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "script is not valid", tf_sim_run_script(sim, "[", &err));
  CHECK(tf_sim_run_script(sim, "[{\"fault\": \"drop\", \"hub\": \"user\", \"at_ms\": 1}]", NULL) == TF_STATUS_OK);
  CHECK(tf_sim_clear_faults(sim, NULL) == TF_STATUS_OK);
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no account", tf_sim_set_can_trade(sim, INT64_MAX, true, &err));
  REFUSED(TF_STATUS_ERR_NOT_FOUND, "no account", tf_sim_set_balance(sim, -1, 0, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "absent", tf_sim_set_balance(sim, 1, TF_PRICE_NONE, &err));
  CHECK(tf_sim_set_balance(sim, tf_sim_default_account(sim), TF_PRICE_SCALE, NULL) == TF_STATUS_OK);
  CHECK(tf_sim_set_can_trade(sim, tf_sim_default_account(sim), false, NULL) == TF_STATUS_OK);
  CHECK(tf_sim_log_out(sim, NULL, NULL) == TF_STATUS_OK && tf_sim_drop_connections(sim, NULL) == TF_STATUS_OK);

  /* A struct that was not initialised, and one of a newer header: its new fields become zero. */
  memset(&newer, 7, sizeof newer);
  REFUSED(TF_STATUS_ERR_NULL, "`out_state`", tf_sim_inspect(sim, NULL, &err));
  newer.known.size = 8;
  REFUSED(TF_STATUS_ERR_ARGUMENT, "size", tf_sim_inspect(sim, &newer.known, &err));
  newer.known.size = (uint32_t)sizeof newer;
  CHECK(tf_sim_inspect(sim, &newer.known, NULL) == TF_STATUS_OK && newer.later[0] == 0 && newer.later[15] == 0);
  CHECK(newer.known.size == sizeof newer && newer.known.now_ns == options.start_ns + 5);
  CHECK(newer.known.orders == 0 && newer.known.positions == 0 && newer.known.hub_connections == 0);

  CHECK(tf_sim_stop(sim, NULL) == TF_STATUS_OK && tf_sim_stop(sim, NULL) == TF_STATUS_OK);
  CHECK(tf_live_threads() == 0);
  REFUSED(TF_STATUS_ERR_CLOSED, "stopped", tf_sim_step(sim, 1, &err));
  REFUSED(TF_STATUS_ERR_CLOSED, "stopped", tf_sim_flood_quotes(sim, tf_sim_default_contract(sim), 1, &err));
  tf_sim_destroy(sim);
  sim_handles(sim);

  CHECK(tf_sim_start(NULL, &sim, NULL) == TF_STATUS_OK);
  REFUSED(TF_STATUS_ERR_STATE, "stepped", tf_sim_step(sim, 1, &err));
  tf_sim_destroy(sim);

  /* Encrypted: the file lives as long as the simulator. */
  options = stepped();
  options.tls = 1;
  tf_client *client = NULL;
  config = tf_config_new();
  CHECK(tf_sim_start(&options, &sim, NULL) == TF_STATUS_OK && strncmp(tf_sim_api_url(sim), "https://", 8) == 0);
  CHECK(strstr(tf_sim_ca_certificate(sim), "BEGIN CERTIFICATE") != NULL && tf_sim_ca_file(sim)[0] != '\0');
  CHECK(tf_config_use_sim(config, sim, NULL) == TF_STATUS_OK && tf_client_new(config, &client, NULL) == TF_STATUS_OK);
  CHECK(tf_client_login(client, 9000, NULL) == TF_STATUS_OK);
  tf_client_destroy(client);
  tf_config_destroy(config);
  tf_sim_destroy(sim);
}

/* One of many threads that use a simulator until it is gone. */
static void *use_sim(void *argument) {
  tf_sim *sim = (tf_sim *)argument;
  tf_status status = TF_STATUS_OK;
  size_t rounds = 0;
  while (status == TF_STATUS_OK) {
    tf_sim_state state;
    memset(&state, 0, sizeof state);
    state.size = (uint32_t)sizeof state;
    status = tf_sim_step(sim, 1000000, NULL);
    tf_status looked = tf_sim_inspect(sim, &state, NULL);
    CHECK(looked == TF_STATUS_OK || looked == TF_STATUS_ERR_HANDLE);
    tf_sim_drop_connections(sim, NULL);
    rounds++;
  }
  CHECK(status == TF_STATUS_ERR_CLOSED || status == TF_STATUS_ERR_HANDLE);
  CHECK(rounds > 1);
  return NULL;
}

static void *step_for_ever(void *argument) {
  tf_status status = tf_sim_step((tf_sim *)argument, INT64_C(3000000000000000000), NULL);
  CHECK(status == TF_STATUS_ERR_CLOSED || status == TF_STATUS_ERR_HANDLE);
  return NULL;
}

static void *flood_for_ever(void *argument) {
  tf_sim *sim = (tf_sim *)argument;
  tf_status status = TF_STATUS_OK;
  while (status == TF_STATUS_OK) {
    status = tf_sim_flood_quotes(sim, tf_sim_default_contract(sim), UINT32_MAX, NULL);
  }
  /* Once the handle is dead, its contract is "", which no simulator has. */
  CHECK(status == TF_STATUS_ERR_CLOSED || status == TF_STATUS_ERR_HANDLE);
  return NULL;
}

/* Steps beside the other threads until this time has come. */
static int step_until(tf_sim *sim, int64_t until) {
  tf_status status = TF_STATUS_OK;
  while (status == TF_STATUS_OK && tf_sim_now(sim) < until) {
    status = tf_sim_step(sim, 10000000, NULL);
  }
  return status == TF_STATUS_OK;
}

/* Destroys a simulator that other threads are using. One of its markets moves, so a long step never ends. */
static void sim_threads(void) {
  enum { USERS = 4 };
  pthread_t users[USERS], stepper, flooder;
  tf_sim *sim = NULL;
  tf_client *client = NULL;
  tf_stream *stream = NULL;
  tf_sim_options options = stepped();
  tf_config *config = tf_config_new();
  CHECK(tf_sim_start(&options, &sim, NULL) == TF_STATUS_OK);
  CHECK(tf_config_use_sim(config, sim, NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, NULL) == TF_STATUS_OK && tf_client_login(client, 9000, NULL) == TF_STATUS_OK);
  tf_order_request request;
  tf_order_request_init(&request);
  request.account = tf_sim_default_account(sim);
  request.contract = tf_sim_default_contract(sim);
  request.side = TF_SIDE_BUY;
  request.quantity = 1;
  CHECK(tf_order_place(client, &request, 9000, NULL, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_new(client, NULL, &stream, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_subscribe(stream, request.contract, TF_KINDS_QUOTES, 9000, NULL) == TF_STATUS_OK);
  for (int i = 0; i < USERS; i++) {
    CHECK(pthread_create(&users[i], NULL, use_sim, sim) == 0);
  }
  CHECK(step_until(sim, options.start_ns + 100000000));
  CHECK(pthread_create(&stepper, NULL, step_for_ever, sim) == 0);
  CHECK(pthread_create(&flooder, NULL, flood_for_ever, sim) == 0);
  CHECK(step_until(sim, tf_sim_now(sim) + INT64_C(10000000000)));
  tf_sim_destroy(sim);
  for (int i = 0; i < USERS; i++) {
    CHECK(pthread_join(users[i], NULL) == 0);
  }
  CHECK(pthread_join(stepper, NULL) == 0 && pthread_join(flooder, NULL) == 0);
  tf_stream_destroy(stream);
  tf_client_destroy(client);
  tf_config_destroy(config);
  CHECK(tf_live_threads() == 0);
}

static void logs(void) {
  REFUSED(TF_STATUS_ERR_FILE, "cannot be written", tf_log_to_file("/no/such/folder/log", TF_LOG_LEVEL_INFO, &err));
  REFUSED(TF_STATUS_ERR_ARGUMENT, "log level", tf_log_to_file("log", 77, &err));
#ifdef __linux__
  REFUSED(TF_STATUS_ERR_FILE, "No space left", tf_log_to_file("/dev/full", TF_LOG_LEVEL_TRACE, &err));
#endif
  CHECK(tf_log_to_file(NULL, TF_LOG_LEVEL_OFF, NULL) == TF_STATUS_OK);
}

int main(void) {
  tf_client *client = NULL;
  tf_stream *late = NULL;
  tf_accounts *accounts = NULL;
  tf_contracts *contracts = NULL;
  tf_event events[4];
  size_t count = 0;
  tf_config *config = tf_config_new();

  numbers();
  settings();
  no_handles();
  logs();
  sim_options();
  sim_calls();
  sim_threads();

  CHECK(tf_config_set(config, "environment", "SIM", NULL) == TF_STATUS_OK);
  CHECK(tf_config_set(config, "sim_brackets", "auto-oco", NULL) == TF_STATUS_OK);
  CHECK(tf_config_set(config, "resolve_seconds", "1", NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, NULL) == TF_STATUS_OK);
  tf_config_destroy(config);
  REFUSED(TF_STATUS_ERR_STATE, "not logged in", tf_client_accounts(client, true, 9000, &accounts, &err));
  CHECK(tf_client_login(client, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_validate(client, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_accounts(client, true, 9000, &accounts, NULL) == TF_STATUS_OK);
  CHECK(tf_client_search_contracts(client, "MES", false, 9000, &contracts, NULL) == TF_STATUS_OK);
  const tf_account *account = tf_accounts_data(accounts, &count);
  const tf_contract *contract = tf_contracts_data(contracts, &count);
  if (account != NULL && contract != NULL) {
    orders(client, account->id, contract->id);
    brackets(client, account->id, contract->id);
    outcomes(client, account->id, contract->id);
    streams(client, contract->id);
    live_state(client, account->id, contract->id);
    history(client, contract->id);
  }
  CHECK(account != NULL && contract != NULL);

  CHECK(tf_stream_new(client, NULL, &late, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_subscribe(late, contract->id, TF_KINDS_QUOTES, 9000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_close(client, NULL) == TF_STATUS_OK && tf_client_close(client, NULL) == TF_STATUS_OK);
  CHECK(tf_live_threads() == 0);
  REFUSED(TF_STATUS_ERR_CLOSED, "closed", tf_client_login(client, 9000, &err));
  REFUSED(TF_STATUS_ERR_CLOSED, "closed", tf_stream_subscribe(late, contract->id, TF_KINDS_DEPTH, 9000, &err));
  tf_client_destroy(client);
  /* Children outlive their parent. */
  while (tf_stream_poll(late, events, 4, -1, &count, NULL) == TF_STATUS_OK) {
  }
  tf_stream_destroy(late);
  tf_contracts_destroy(contracts);
  tf_accounts_destroy(accounts);
  REFUSED(TF_STATUS_ERR_HANDLE, "`client`", tf_client_login(client, 9000, &err));
  tf_client_destroy(client);

  printf("%d failures\n", failures);
  return failures != 0;
}
