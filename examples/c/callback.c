/*
 * Events without a loop: a thread of the library calls a function, and a slow function sees the newest quotes.
 *
 * Without settings it uses the embedded gateway.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tradeforge.h"

enum { CALL_MS = 30000, WANTED = 20 };

/* What the callback's thread and the program's share. */
typedef struct shared {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned quotes, conflated;
} shared;

static void check(tf_status status, tf_error *err, const char *step) {
  if (status < 0) {
    fprintf(stderr, "%s: %s: %s\n", step, tf_status_name(status), tf_error_message(err));
    exit(EXIT_FAILURE);
  }
}

/* Called on the thread tf-callback, one event after the other. */
static void take(void *user_data, const tf_event *event) {
  shared *shared = user_data;
  if (event->kind == TF_EVENT_KIND_QUOTE) {
    pthread_mutex_lock(&shared->lock);
    shared->quotes++;
    shared->conflated += event->body.quote.conflated;
    pthread_cond_signal(&shared->changed);
    pthread_mutex_unlock(&shared->lock);
  }
}

int main(void) {
  tf_error *err = NULL;
  tf_client *client = NULL;
  tf_stream *stream = NULL;
  tf_contracts *found = NULL;
  shared shared = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
  tf_config *config = tf_config_new();
  check(tf_config_load_environment(config, &err), err, "settings");
  if (!tf_config_is_set(config, "environment")) {
    check(tf_config_set(config, "environment", "SIM", &err), err, "settings");
  }
  check(tf_client_new(config, &client, &err), err, "client");
  tf_config_destroy(config);
  check(tf_client_login(client, CALL_MS, &err), err, "login");
  check(tf_client_contract_by_symbol(client, "MES", false, CALL_MS, &found, &err), err, "contract");

  tf_stream_options options = {sizeof options, 0, TF_QUEUE_POLICY_CONFLATE};
  check(tf_stream_new(client, &options, &stream, &err), err, "stream");
  check(tf_stream_set_callback(stream, take, &shared, &err), err, "callback");
  check(tf_stream_subscribe(stream, tf_contracts_data(found, NULL)->id, TF_KINDS_QUOTES, CALL_MS, &err), err,
        "subscribe");
  tf_contracts_destroy(found);

  pthread_mutex_lock(&shared.lock);
  while (shared.quotes < WANTED) {
    pthread_cond_wait(&shared.changed, &shared.lock);
  }
  pthread_mutex_unlock(&shared.lock);

  /* Waits for the call that is under way: after it, `shared` is ours alone. No lock that the function takes may be held. */
  tf_stream_destroy(stream);
  tf_client_destroy(client);
  printf("%s quotes came by callback, %zu threads left\n", shared.quotes >= WANTED ? "all" : "too few",
         tf_live_threads());
  return EXIT_SUCCESS;
}
