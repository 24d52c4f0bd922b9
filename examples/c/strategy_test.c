/*
 * A test of a trading strategy against the simulator, whose clock the test moves: nothing waits for the time of
 * day, and every run sees the same prices. Valid C99 and C++. Exit code 0 when every check held.
 */
#include <stdio.h>
#include <string.h>

#include "tradeforge.h"

#define POINT TF_PRICE_SCALE
#define SECOND INT64_C(1000000000)

enum { CALL_MS = 30000, MOST_SECONDS = 3600 };

/* ---- The strategy: buys a fall from the top, and takes a small profit or a small loss. ---------------------- */

typedef struct strategy {
  tf_client *client;
  int64_t account;
  const char *contract;
  int64_t top;   /* the highest price since it was flat */
  int64_t entry; /* the price that it holds a contract at */
  int holds;     /* contracts held */
  int waits;     /* whether an order is on its way */
  int entries, exits;
  int answers; /* changes of the position so far */
} strategy;

static void strategy_on_quote(strategy *self, int64_t last) {
  if (self->waits || last == TF_PRICE_NONE) {
    return;
  }
  tf_status status = TF_STATUS_OK;
  if (self->holds == 0) {
    self->top = last > self->top ? last : self->top;
    if (self->top - last < 2 * POINT) {
      return;
    }
    tf_order_request order;
    tf_order_request_init(&order);
    order.account = self->account;
    order.contract = self->contract;
    order.side = TF_SIDE_BUY;
    order.quantity = 1;
    status = tf_order_place(self->client, &order, CALL_MS, NULL, NULL);
  } else if (last - self->entry >= 2 * POINT || self->entry - last >= 2 * POINT) {
    status = tf_client_close_position(self->client, self->account, self->contract, CALL_MS, NULL);
  } else {
    return;
  }
  self->waits = status == TF_STATUS_OK;
}

static void strategy_on_position(strategy *self, const tf_position_event *position) {
  self->entries += self->holds == 0 && position->quantity > 0;
  self->exits += self->holds > 0 && position->quantity == 0;
  self->holds = position->quantity;
  self->entry = position->average_price;
  self->top = 0;
  self->waits = 0;
  self->answers++;
}

/* ---- The test. --------------------------------------------------------------------------------------------- */

typedef struct test {
  tf_sim *sim;
  tf_stream *stream;
  strategy bot;
  int64_t seen_until; /* the time of the last quote */
  unsigned lost, back; /* the connections that were lost, and that came back: a bit for each tf_hub */
} test;

static int failures;

static void check(int holds, const char *what) {
  if (!holds) {
    printf("failed: %s\n", what);
    failures++;
  }
}

/* Gives the strategy what the stream has brought. False when nothing comes. */
static int take(test *self) {
  tf_event events[64];
  size_t count = 0;
  if (tf_stream_poll(self->stream, events, 64, CALL_MS, &count, NULL) != TF_STATUS_OK) {
    return 0;
  }
  for (size_t i = 0; i < count; i++) {
    const tf_event *event = &events[i];
    if (event->kind == TF_EVENT_KIND_QUOTE) {
      self->seen_until = event->ts_event_ns;
      strategy_on_quote(&self->bot, event->body.quote.last);
    } else if (event->kind == TF_EVENT_KIND_POSITION) {
      strategy_on_position(&self->bot, &event->body.position);
    } else if (event->kind == TF_EVENT_KIND_LINK && event->body.link.state == TF_LINK_STATE_RECONNECTING) {
      self->lost |= event->body.link.hub;
    } else if (event->kind == TF_EVENT_KIND_LINK && event->body.link.state == TF_LINK_STATE_CONNECTED) {
      self->back |= event->body.link.hub;
    }
  }
  return 1;
}

/* Lets time pass and comes back when the strategy has seen all of it: a quote that is published last tells. */
static int pass(test *self, int64_t duration_ns) {
  int answers = self->bot.answers + self->bot.waits;
  if (tf_sim_step(self->sim, duration_ns, NULL) != TF_STATUS_OK ||
      tf_sim_publish_quotes(self->sim, self->bot.contract, 1, NULL) != TF_STATUS_OK) {
    return 0;
  }
  /* The gateway tells time in steps of 100 ns. An order that was on its way has been filled. */
  int64_t now = tf_sim_now(self->sim) / 100 * 100;
  while (self->seen_until < now || self->bot.answers < answers) {
    if (!take(self)) {
      return 0;
    }
  }
  return 1;
}

static void run(test *self) {
  strategy *bot = &self->bot;
  tf_sim_state state;
  memset(&state, 0, sizeof state);
  state.size = (uint32_t)sizeof state;

  for (int i = 0; i < MOST_SECONDS && bot->holds == 0; i++) {
    check(pass(self, SECOND), "the strategy sees a second of the market");
  }
  check(bot->entries == 1, "it buys the first fall");
  check(tf_sim_inspect(self->sim, &state, NULL) == TF_STATUS_OK, "the simulator can be looked into");
  check(state.positions == 1 && state.fills == 1, "one contract is held");
  check(state.hub_connections == 2 && state.skipped_moments == 0, "nothing was left out");
  char price[24], time[32];
  tf_price_format(bot->entry, price, sizeof price);
  tf_time_format(state.now_ns, time, sizeof time);
  printf("2 entry: at %s by %s\n", price, time);

  self->back = 0;
  check(tf_sim_drop_connections(self->sim, NULL) == TF_STATUS_OK, "the line breaks");
  while (self->back != (TF_HUB_MARKET | TF_HUB_USER) && take(self)) {
  }
  check(self->lost == (TF_HUB_MARKET | TF_HUB_USER), "both connections were lost");
  check(self->back == (TF_HUB_MARKET | TF_HUB_USER), "both connections are back");
  check(bot->holds == 1, "it still knows what it holds");
  printf("3 drop: both connections are back\n");

  for (int i = 0; i < MOST_SECONDS && bot->holds > 0; i++) {
    check(pass(self, SECOND), "the strategy sees a second of the market");
  }
  check(bot->exits == 1, "it sells again");
  check(tf_sim_inspect(self->sim, &state, NULL) == TF_STATUS_OK, "the simulator can be looked into");
  check(state.positions == 0 && state.fills == 2 && state.orders == 2, "it is flat after two orders");
  tf_time_format(state.now_ns, time, sizeof time);
  printf("4 exit: flat by %s\n", time);
}

int main(void) {
  test it;
  memset(&it, 0, sizeof it);
  tf_error *err = NULL;
  tf_client *client = NULL;
  tf_config *config = tf_config_new();

  tf_sim_options options;
  tf_sim_options_init(&options);
  options.clock = TF_SIM_CLOCK_STEPPED;
  options.start_ns = INT64_C(1795186800) * SECOND;
  options.seed = 7;

  if (tf_sim_start(&options, &it.sim, &err) == TF_STATUS_OK &&
      tf_config_use_sim(config, it.sim, &err) == TF_STATUS_OK &&
      tf_client_new(config, &client, &err) == TF_STATUS_OK &&
      tf_client_login(client, CALL_MS, &err) == TF_STATUS_OK &&
      tf_stream_new(client, NULL, &it.stream, &err) == TF_STATUS_OK) {
    it.bot.client = client;
    it.bot.account = tf_sim_default_account(it.sim);
    it.bot.contract = tf_sim_default_contract(it.sim);
  }
  if (it.stream != NULL &&
      tf_stream_subscribe(it.stream, it.bot.contract, TF_KINDS_QUOTES, CALL_MS, &err) == TF_STATUS_OK &&
      tf_stream_subscribe_account(it.stream, it.bot.account, TF_KINDS_POSITIONS, CALL_MS, &err) ==
          TF_STATUS_OK) {
    printf("1 started: %s at %s\n", it.bot.contract, tf_sim_api_url(it.sim));
    run(&it);
  } else {
    printf("failed: start: %s\n", tf_error_message(err));
    failures++;
  }

  tf_error_destroy(err);
  tf_stream_destroy(it.stream);
  tf_client_destroy(client);
  tf_config_destroy(config);
  tf_sim_destroy(it.sim);
  check(tf_live_threads() == 0, "every thread has ended");
  printf("5 stopped: %d failures\n", failures);
  return failures != 0;
}
