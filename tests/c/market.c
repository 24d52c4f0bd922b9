/* The last quote and the order book from C. Exit code 0 when everything held. */
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

#define LEVELS 5

static void check_market(tf_client *client, uint32_t instrument) {
  tf_last_quote last;
  tf_book_state state;
  tf_level bids[LEVELS], asks[LEVELS];
  size_t i;
  memset(&last, 0, sizeof last);
  memset(&state, 0, sizeof state);
  last.size = sizeof last;
  state.size = sizeof state;
  CHECK(tf_client_last_quote(client, instrument, &last, NULL) == TF_STATUS_OK);
  CHECK(last.is_current == 1 && last.received_ns > 0 && last.at_ns != TF_TIME_NONE);
  CHECK(last.size == sizeof last && last.quote.bid < last.quote.ask);
  CHECK(tf_client_book(client, instrument, &state, bids, LEVELS, asks, LEVELS, NULL) == TF_STATUS_OK);
  CHECK(state.size == sizeof state && state.is_current && state.is_whole && !state.is_crossed);
  CHECK(state.bid_count >= LEVELS && state.ask_count >= LEVELS);
  CHECK(bids[0].price < asks[0].price);
  for (i = 1; i < LEVELS; i++) {
    CHECK(bids[i].price < bids[i - 1].price && bids[i].volume > 0);
    CHECK(asks[i].price > asks[i - 1].price && asks[i].volume > 0);
  }
  /* Only how it stands, and only one side. */
  CHECK(tf_client_book(client, instrument, &state, NULL, 0, NULL, 0, NULL) == TF_STATUS_OK);
  bids[0].price = -1;
  CHECK(tf_client_book(client, instrument, &state, bids, 1, NULL, 0, NULL) == TF_STATUS_OK);
  CHECK(bids[0].price > 0);
}

static void check_refusals(tf_client *client, uint32_t instrument) {
  tf_last_quote last;
  tf_book_state state;
  tf_level level;
  tf_error *err = NULL;
  memset(&last, 0, sizeof last);
  memset(&state, 0, sizeof state);
  CHECK(tf_client_last_quote(client, instrument, &last, NULL) == TF_STATUS_ERR_ARGUMENT);
  CHECK(tf_client_book(client, instrument, &state, NULL, 0, NULL, 0, NULL) == TF_STATUS_ERR_ARGUMENT);
  last.size = sizeof last;
  state.size = sizeof state;
  CHECK(tf_client_last_quote(NULL, instrument, &last, NULL) == TF_STATUS_ERR_NULL);
  CHECK(tf_client_last_quote(client, instrument, NULL, NULL) == TF_STATUS_ERR_NULL);
  CHECK(tf_client_last_quote(client, 0, &last, NULL) == TF_STATUS_ERR_ARGUMENT);
  CHECK(tf_client_last_quote(client, 4000000000u, &last, &err) == TF_STATUS_ERR_NOT_FOUND);
  CHECK(strstr(tf_error_message(err), "subscribe") != NULL);
  tf_error_destroy(err);
  CHECK(tf_client_book(client, instrument, NULL, NULL, 0, NULL, 0, NULL) == TF_STATUS_ERR_NULL);
  CHECK(tf_client_book(client, instrument, &state, NULL, 1, NULL, 0, NULL) == TF_STATUS_ERR_NULL);
  CHECK(tf_client_book(client, instrument, &state, &level, 1, NULL, 1, NULL) == TF_STATUS_ERR_NULL);
  CHECK(tf_client_book(client, instrument + 1, &state, &level, 1, NULL, 0, NULL) == TF_STATUS_ERR_NOT_FOUND);
  CHECK(tf_client_symbol_of(client, NULL) == 0 && tf_client_symbol_of(NULL, "MES") == 0);
  CHECK(tf_client_symbol_of(client, "\xff") == 0);
}

int main(void) {
  tf_config *config = tf_config_new();
  tf_client *client = NULL;
  tf_stream *stream = NULL;
  tf_contracts *contracts = NULL;
  tf_event events[64];
  size_t count = 0;
  uint32_t instrument = 0;
  int quotes = 0, depth = 0;
  CHECK(tf_config_set(config, "environment", "SIM", NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, NULL) == TF_STATUS_OK);
  tf_config_destroy(config);
  CHECK(tf_client_login(client, 30000, NULL) == TF_STATUS_OK);
  CHECK(tf_stream_new(client, NULL, &stream, NULL) == TF_STATUS_OK);
  CHECK(tf_client_search_contracts(client, "MES", false, 30000, &contracts, NULL) == TF_STATUS_OK);
  if (failures == 0) {
    const char *contract = tf_contracts_data(contracts, &count)[0].id;
    instrument = tf_client_symbol_of(client, contract);
    CHECK(instrument != 0 && strcmp(tf_client_symbol(client, instrument), contract) == 0);
    CHECK(tf_stream_subscribe(stream, contract, TF_KINDS_QUOTES | TF_KINDS_DEPTH, 30000, NULL) == TF_STATUS_OK);
    while (failures == 0 && (quotes < 10 || depth < 10)) {
      size_t i;
      CHECK(tf_stream_poll(stream, events, 64, 30000, &count, NULL) == TF_STATUS_OK);
      for (i = 0; i < count; i++) {
        quotes += events[i].kind == TF_EVENT_KIND_QUOTE;
        depth += events[i].kind == TF_EVENT_KIND_DEPTH && !(events[i].flags & TF_EVENT_FLAG_MORE);
        CHECK(events[i].instrument == 0 || events[i].instrument == instrument);
      }
    }
    check_market(client, instrument);
    check_refusals(client, instrument);
  }
  tf_contracts_destroy(contracts);
  tf_stream_destroy(stream);
  tf_client_destroy(client);
  CHECK(tf_client_last_quote(client, 1, NULL, NULL) == TF_STATUS_ERR_HANDLE);
  printf("%d failures\n", failures);
  return failures != 0;
}
