/*
 * From the login to a flat position in eight steps.
 *
 * Without settings it uses the embedded gateway: no account, no network. With TS_ENVIRONMENT, TS_USERNAME and
 * TS_API_KEY in the environment or in a .env file it does the same at a real gateway, where it BUYS AND SELLS
 * one contract.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tradeforge.h"

enum { CALL_MS = 30000, WANTED = 20, PATIENCE_S = 120 };

/* What the stream has brought so far. */
typedef struct seen {
  unsigned quotes, trades, depth;
  int order_filled, opened, closed, flat, account;
} seen;

/* Says what failed and gives the program's exit code. */
static int fail(const char *step, tf_status status, tf_error *err) {
  fprintf(stderr, "%s failed: %s: %s\n", step, tf_status_name(status), tf_error_message(err));
  if (tf_error_outcome_unknown(err)) {
    fprintf(stderr, "the order may live: look for tag %s\n", tf_error_client_tag(err));
  }
  tf_error_destroy(err);
  return EXIT_FAILURE;
}

/* A price or an amount as text, "-" for none. Each of four buffers is used in turn, enough for one printf. */
static const char *text(int64_t price) {
  static char buffers[4][24];
  static unsigned next;
  char *buffer = buffers[next++ % 4];
  tf_price_format(price, buffer, sizeof buffers[0]);
  return price == TF_PRICE_NONE ? "-" : buffer;
}

/* Looks at one event; `tag` is that of our order, 0 before there is one. */
static void take(const tf_client *client, const tf_event *event, uint32_t tag, seen *seen) {
  switch (event->kind) {
  case TF_EVENT_KIND_QUOTE:
    seen->quotes++;
    break;
  case TF_EVENT_KIND_TRADE:
    seen->trades++;
    break;
  case TF_EVENT_KIND_DEPTH:
    seen->depth++;
    break;
  case TF_EVENT_KIND_ORDER:
    if (tag != 0 && event->body.order.client_tag == tag) {
      printf("  order %lld: status %d, filled %d at %s\n", (long long)event->body.order.id,
             event->body.order.status, event->body.order.fill_volume, text(event->body.order.filled_price));
      seen->order_filled |= event->body.order.status == TF_ORDER_STATUS_FILLED;
    }
    break;
  case TF_EVENT_KIND_FILL: {
    const tf_fill_event *fill = &event->body.fill;
    int opens = fill->profit_and_loss == TF_PRICE_NONE;
    printf("  fill %lld: %s %d at %s, fees %s, result %s\n", (long long)fill->id,
           fill->side == TF_SIDE_BUY ? "bought" : "sold", fill->quantity, text(fill->price), text(fill->fees),
           opens ? "none, it opens" : text(fill->profit_and_loss));
    seen->opened |= opens;
    seen->closed |= !opens;
    break;
  }
  case TF_EVENT_KIND_POSITION:
    printf("  position in %s: %d at %s\n", tf_client_symbol(client, event->instrument),
           event->body.position.quantity, text(event->body.position.average_price));
    seen->flat = event->body.position.quantity == 0;
    seen->account = 0; /* the balance comes after the position */
    break;
  case TF_EVENT_KIND_ACCOUNT:
    printf("  account %s: balance %s\n", tf_client_symbol(client, event->body.account.name),
           text(event->body.account.balance));
    seen->account = 1;
    break;
  case TF_EVENT_KIND_LINK:
    if (event->body.link.reason != TF_STATUS_OK) {
      printf("  connection lost: %s\n", tf_client_symbol(client, event->body.link.message));
    }
    break;
  case TF_EVENT_KIND_GAP:
    printf("  too slow: %llu market events lost\n", (unsigned long long)event->body.gap.dropped);
    break;
  default:
    break; /* a kind of a later version */
  }
}

static int has_market(const seen *seen) {
  return seen->quotes >= WANTED && seen->trades >= WANTED && seen->depth >= WANTED;
}

static int has_entry(const seen *seen) { return seen->order_filled && seen->opened && !seen->flat && seen->account; }

static int has_exit(const seen *seen) { return seen->closed && seen->flat && seen->account; }

/* Polls until `done` or until patience ends. */
static tf_status wait_for(const tf_client *client, tf_stream *stream, uint32_t tag, seen *seen,
                          int (*done)(const struct seen *), tf_error **err) {
  tf_event events[64];
  time_t until = time(NULL) + PATIENCE_S;
  while (!done(seen)) {
    size_t count = 0;
    tf_status status = tf_stream_poll(stream, events, 64, 1000, &count, err);
    if (status < 0 || status == TF_STATUS_CLOSED) {
      return status;
    }
    for (size_t i = 0; i < count; i++) {
      take(client, &events[i], tag, seen);
    }
    if (time(NULL) > until) {
      return TF_STATUS_TIMEOUT;
    }
  }
  return TF_STATUS_OK;
}

static int trade(tf_client *client, tf_stream *stream) {
  tf_error *err = NULL;
  tf_status status;
  seen seen;
  size_t count = 0;
  memset(&seen, 0, sizeof seen);

  if ((status = tf_client_login(client, CALL_MS, &err)) != TF_STATUS_OK) {
    return fail("login", status, err);
  }
  printf("1 login: ok\n");

  tf_accounts *accounts = NULL;
  if ((status = tf_client_accounts(client, true, CALL_MS, &accounts, &err)) != TF_STATUS_OK) {
    return fail("accounts", status, err);
  }
  const tf_account *rows = tf_accounts_data(accounts, &count);
  int64_t account = TF_ID_NONE;
  for (size_t i = 0; i < count && account == TF_ID_NONE; i++) {
    if (rows[i].can_trade) {
      account = rows[i].id;
      printf("2 account: %s balance %s\n", rows[i].name, text(rows[i].balance));
    }
  }
  tf_accounts_destroy(accounts);
  if (account == TF_ID_NONE) {
    fprintf(stderr, "no account may trade\n");
    return EXIT_FAILURE;
  }

  tf_contracts *contracts = NULL;
  if ((status = tf_client_search_contracts(client, "MES", false, CALL_MS, &contracts, &err)) != TF_STATUS_OK) {
    return fail("contracts", status, err);
  }
  const tf_contract *found = tf_contracts_data(contracts, &count);
  char contract[64] = "";
  for (size_t i = 0; i < count && contract[0] == '\0'; i++) {
    if (strncmp(found[i].name, "MES", 3) == 0 && found[i].is_active) {
      snprintf(contract, sizeof contract, "%s", found[i].id);
      printf("3 contract: %s tick %s worth %s\n", contract, text(found[i].tick_size), text(found[i].tick_value));
    }
  }
  tf_contracts_destroy(contracts);

  if ((status = tf_stream_subscribe(stream, contract, TF_KINDS_MARKET, CALL_MS, &err)) != TF_STATUS_OK ||
      (status = tf_stream_subscribe_account(stream, account, TF_KINDS_USER, CALL_MS, &err)) != TF_STATUS_OK ||
      (status = wait_for(client, stream, 0, &seen, has_market, &err)) != TF_STATUS_OK) {
    return fail("stream", status, err);
  }
  printf("4 stream: %u quotes, %u trades, %u depth\n", seen.quotes, seen.trades, seen.depth);

  tf_order_request request;
  tf_placed placed;
  tf_order_request_init(&request);
  request.account = account;
  request.contract = contract;
  request.side = TF_SIDE_BUY;
  request.order_type = TF_ORDER_TYPE_MARKET;
  request.quantity = 1;
  if ((status = tf_order_place(client, &request, CALL_MS, &placed, &err)) != TF_STATUS_OK) {
    return fail("order", status, err);
  }
  printf("5 order: accepted, id %lld, tag %s\n", (long long)placed.order_id,
         tf_client_symbol(client, placed.client_tag));
  if ((status = wait_for(client, stream, placed.client_tag, &seen, has_entry, &err)) != TF_STATUS_OK) {
    return fail("fill", status, err);
  }
  printf("6 fill: order, trade, position and account told\n");

  if ((status = tf_client_flatten(client, account, CALL_MS, &count, &err)) != TF_STATUS_OK ||
      (status = wait_for(client, stream, placed.client_tag, &seen, has_exit, &err)) != TF_STATUS_OK) {
    return fail("flatten", status, err);
  }
  tf_positions *positions = NULL;
  if ((status = tf_client_positions(client, account, CALL_MS, &positions, &err)) != TF_STATUS_OK) {
    return fail("positions", status, err);
  }
  tf_positions_data(positions, &count);
  tf_positions_destroy(positions);
  printf("7 flat: %zu open positions\n", count);
  return count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void) {
  if (tf_abi_version() != TF_ABI_VERSION) {
    fprintf(stderr, "this program needs ABI %u, the library has %u\n", (unsigned)TF_ABI_VERSION,
            (unsigned)tf_abi_version());
    return EXIT_FAILURE;
  }
  tf_error *err = NULL;
  tf_client *client = NULL;
  tf_stream *stream = NULL;
  tf_status status;

  tf_config *config = tf_config_new();
  status = tf_config_load_environment(config, &err);
  if (status == TF_STATUS_OK && !tf_config_is_set(config, "environment")) {
    status = tf_config_set(config, "environment", "SIM", &err);
  }
  if (status == TF_STATUS_OK) {
    status = tf_client_new(config, &client, &err);
  }
  tf_config_destroy(config);
  if (status == TF_STATUS_OK) {
    status = tf_stream_new(client, NULL, &stream, &err);
  }
  int code = status == TF_STATUS_OK ? trade(client, stream) : fail("start", status, err);

  tf_stream_destroy(stream);
  tf_client_destroy(client);
  if (code == EXIT_SUCCESS) {
    printf("8 closed: %zu threads left\n", tf_live_threads());
  }
  return code;
}
