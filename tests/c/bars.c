/* Bars of a long range and contracts by symbol from C. Exit code 0 when everything held. */
#include <stdio.h>
#include <string.h>

#include "tradeforge.h"

#define MINUTE INT64_C(60000000000)
#define PAGE 20000

static int failures;

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                 \
      failures++;                                                                                            \
    }                                                                                                        \
  } while (0)

struct told {
  int64_t pages;
  int64_t last_page;
  int64_t bars;
  int64_t oldest_ns;
  tf_client *client;
};

static bool count(void *user_data, const tf_bar_progress *progress) {
  struct told *told = (struct told *)user_data;
  told->pages++;
  told->bars += (int64_t)progress->page_count;
  CHECK(progress->pages == told->pages && progress->count == told->bars);
  CHECK(progress->page[0].start_ns == progress->oldest_ns);
  CHECK(told->pages == 1 || progress->page[progress->page_count - 1].start_ns < told->oldest_ns);
  told->oldest_ns = progress->oldest_ns;
  return told->pages != told->last_page;
}

/* The callback may use the library. */
static bool calls_back(void *user_data, const tf_bar_progress *progress) {
  struct told *told = (struct told *)user_data;
  CHECK(progress->pages == 1 && tf_client_validate(told->client, 30000, NULL) == TF_STATUS_OK);
  return true;
}

static void check(const tf_bars *bars, size_t wanted) {
  size_t length = 0;
  const tf_bar *rows = tf_bars_data(bars, &length);
  CHECK(length == wanted);
  for (size_t i = 0; i < length; i++) {
    CHECK(rows[i].low <= rows[i].open && rows[i].open <= rows[i].high && rows[i].volume > 0);
    CHECK(i == 0 || rows[i].start_ns == rows[i - 1].start_ns + MINUTE);
  }
}

static void pages(tf_sim *sim, tf_client *client, const char *contract, int64_t now) {
  tf_bar_request request;
  tf_bars *bars = NULL;
  tf_bars *latest = NULL;
  tf_error *err = NULL;
  struct told told = {0, 0, 0, 0, client};
  size_t length = 0;
  tf_bar_request_init(&request);
  request.contract = contract;
  request.from_ns = now - 45000 * MINUTE;
  request.to_ns = now;
  CHECK(tf_client_bars(client, &request, count, &told, 60000, &bars, NULL) == TF_STATUS_OK);
  check(bars, 45000);
  CHECK(told.pages == 3 && told.bars == 45000 && told.oldest_ns == tf_bars_data(bars, &length)[0].start_ns);

  /* The latest ones, and without a callback. */
  request.limit = 30;
  CHECK(tf_client_bars(client, &request, NULL, NULL, 60000, &latest, NULL) == TF_STATUS_OK);
  check(latest, 30);
  CHECK(memcmp(tf_bars_data(latest, NULL), tf_bars_data(bars, NULL) + 45000 - 30, 30 * sizeof(tf_bar)) == 0);
  tf_bars_destroy(latest);
  CHECK(tf_client_bars(client, &request, calls_back, &told, 60000, &latest, NULL) == TF_STATUS_OK);
  tf_bars_destroy(latest);
  request.limit = 0;

  /* The program ends it after the second page. */
  memset(&told, 0, sizeof told);
  told.last_page = 2;
  CHECK(tf_client_bars(client, &request, count, &told, 60000, &latest, NULL) == TF_STATUS_STOPPED);
  check(latest, 2 * PAGE);
  tf_bars_destroy(latest);
  CHECK(strcmp(tf_status_name(TF_STATUS_STOPPED), "TF_STATUS_STOPPED") == 0);

  /* The second page fails: nothing is given, and the message tells how far it got. */
  latest = NULL;
  memset(&told, 0, sizeof told);
  CHECK(tf_sim_run_script(sim, "{\"fault\":\"status\",\"status\":500,\"on\":\"/api/History/*\",\"after\":1}", NULL) ==
        TF_STATUS_OK);
  CHECK(tf_client_bars(client, &request, count, &told, 60000, &latest, &err) == TF_STATUS_ERR_UNAVAILABLE);
  CHECK(latest == NULL && told.pages == 1 && strstr(tf_error_message(err), "20000 bars from ") != NULL);
  tf_error_destroy(err);
  tf_bars_destroy(bars);
}

static void symbols(tf_client *client, const char *contract) {
  static const char *const names[] = {"MES", "/mes", "F.US.MES", "ENQ", "/NQ", "EP"};
  static const char *const products[] = {"F.US.MES", "F.US.MES", "F.US.MES", "F.US.ENQ", "F.US.ENQ", "F.US.EP"};
  tf_contracts *found = NULL;
  tf_error *err = NULL;
  size_t length = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    CHECK(tf_client_contract_by_symbol(client, names[i], false, 30000, &found, NULL) == TF_STATUS_OK);
    const tf_contract *row = tf_contracts_data(found, &length);
    CHECK(length == 1 && row->is_active && strcmp(row->symbol_id, products[i]) == 0);
    tf_contracts_destroy(found);
  }
  CHECK(tf_client_contract_by_symbol(client, contract, false, 30000, &found, NULL) == TF_STATUS_OK);
  CHECK(strcmp(tf_contracts_data(found, &length)->id, contract) == 0);
  tf_contracts_destroy(found);
  found = NULL;
  CHECK(tf_client_contract_by_symbol(client, "MESG6", false, 30000, &found, &err) == TF_STATUS_ERR_NOT_FOUND);
  CHECK(found == NULL && strstr(tf_error_message(err), contract) != NULL);
  tf_error_destroy(err);
}

int main(void) {
  tf_sim *sim = NULL;
  tf_client *client = NULL;
  tf_contracts *contracts = NULL;
  tf_config *config = tf_config_new();
  tf_sim_options options;
  size_t length = 0;
  tf_sim_options_init(&options);
  options.clock = TF_SIM_CLOCK_STEPPED;
  options.start_ns = INT64_C(1795186800000000000);
  CHECK(tf_sim_start(&options, &sim, NULL) == TF_STATUS_OK);
  CHECK(tf_config_use_sim(config, sim, NULL) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, NULL) == TF_STATUS_OK);
  tf_config_destroy(config);
  CHECK(tf_client_login(client, 30000, NULL) == TF_STATUS_OK);
  CHECK(tf_client_search_contracts(client, "MES", false, 30000, &contracts, NULL) == TF_STATUS_OK);
  const tf_contract *contract = tf_contracts_data(contracts, &length);
  CHECK(length > 0);
  if (length > 0) {
    pages(sim, client, contract->id, options.start_ns);
    symbols(client, contract->id);
  }
  tf_contracts_destroy(contracts);
  tf_client_destroy(client);
  tf_sim_destroy(sim);
  CHECK(tf_live_threads() == 0);
  printf("%d failures\n", failures);
  return failures != 0;
}
