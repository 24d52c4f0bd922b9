/*
 * One loop for everything: the descriptor of a stream beside a timer of the program, with epoll (Linux).
 *
 * With poll, select or kqueue it is the same: wait until the descriptor is readable, then take what is there. Nothing
 * is ever read from the descriptor itself. Without settings it uses the embedded gateway.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tradeforge.h"

enum { CALL_MS = 30000, WANTED = 20, TICKS = 2000 };

static void check(tf_status status, tf_error *err, const char *step) {
  if (status < 0) {
    fprintf(stderr, "%s: %s: %s\n", step, tf_status_name(status), tf_error_message(err));
    exit(EXIT_FAILURE);
  }
}

/* Called by tf_stream_dispatch() on the thread of the loop. */
static void take(void *user_data, const tf_event *event) {
  if (event->kind == TF_EVENT_KIND_QUOTE) {
    ++*(unsigned *)user_data;
  }
}

static void run(tf_stream *stream) {
  tf_error *err = NULL;
  unsigned quotes = 0, ticks = 0;
  int fd = -1;
  check(tf_stream_fd(stream, &fd, &err), err, "descriptor");
  struct itimerspec every = {{0, 50 * 1000 * 1000}, {0, 50 * 1000 * 1000}};
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  int loop = epoll_create1(0);
  struct epoll_event on_stream = {EPOLLIN, {.fd = fd}}, on_timer = {EPOLLIN, {.fd = timer}}, ready[2];
  if (timer < 0 || loop < 0 || timerfd_settime(timer, 0, &every, NULL) < 0 ||
      epoll_ctl(loop, EPOLL_CTL_ADD, fd, &on_stream) < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, timer, &on_timer) < 0) {
    perror("epoll");
    exit(EXIT_FAILURE);
  }
  while (quotes < WANTED && ticks < TICKS) {
    int count = epoll_wait(loop, ready, 2, -1);
    for (int i = 0; i < count; i++) {
      if (ready[i].data.fd == fd) {
        check(tf_stream_dispatch(stream, take, &quotes, 64, 0, NULL, &err), err, "dispatch");
      } else {
        uint64_t expirations = 0;
        ticks += read(timer, &expirations, sizeof expirations) > 0;
      }
    }
  }
  printf("the loop saw %s quotes and its own timer\n", quotes >= WANTED ? "all" : "too few");
  close(loop);
  close(timer);
}

int main(void) {
  tf_error *err = NULL;
  tf_client *client = NULL;
  tf_stream *stream = NULL;
  tf_contracts *found = NULL;
  tf_config *config = tf_config_new();
  check(tf_config_load_environment(config, &err), err, "settings");
  if (!tf_config_is_set(config, "environment")) {
    check(tf_config_set(config, "environment", "SIM", &err), err, "settings");
  }
  check(tf_client_new(config, &client, &err), err, "client");
  tf_config_destroy(config);
  check(tf_client_login(client, CALL_MS, &err), err, "login");
  check(tf_client_contract_by_symbol(client, "MES", false, CALL_MS, &found, &err), err, "contract");
  check(tf_stream_new(client, NULL, &stream, &err), err, "stream");
  check(tf_stream_subscribe(stream, tf_contracts_data(found, NULL)->id, TF_KINDS_QUOTES, CALL_MS, &err), err,
        "subscribe");
  tf_contracts_destroy(found);
  run(stream);
  tf_stream_destroy(stream);
  tf_client_destroy(client);
  return EXIT_SUCCESS;
}
