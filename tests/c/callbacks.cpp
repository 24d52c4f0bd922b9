/* Functions of a C++ program that throw, wait and destroy what they are called for. Exit code 0 when all is well. */
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

#include "tradeforge.h"

static int failures;

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      std::printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
      failures++;                                                                                            \
    }                                                                                                        \
  } while (0)

static const int CALL_MS = 30000;
static std::string contract;

static tf_client *new_client() {
  tf_client *client = nullptr;
  tf_config *config = tf_config_new();
  CHECK(tf_config_set(config, "environment", "SIM", nullptr) == TF_STATUS_OK);
  CHECK(tf_client_new(config, &client, nullptr) == TF_STATUS_OK);
  tf_config_destroy(config);
  CHECK(tf_client_login(client, CALL_MS, nullptr) == TF_STATUS_OK);
  if (contract.empty()) {
    tf_contracts *found = nullptr;
    std::size_t count = 0;
    CHECK(tf_client_contract_by_symbol(client, "MES", false, CALL_MS, &found, nullptr) == TF_STATUS_OK);
    contract = tf_contracts_data(found, &count)->id;
    tf_contracts_destroy(found);
  }
  return client;
}

static tf_stream *new_stream(tf_client *client) {
  tf_stream *stream = nullptr;
  CHECK(tf_stream_new(client, nullptr, &stream, nullptr) == TF_STATUS_OK);
  CHECK(tf_stream_subscribe(stream, contract.c_str(), TF_KINDS_QUOTES, CALL_MS, nullptr) == TF_STATUS_OK);
  return stream;
}

/* Waits, with a limit that only catches a hang. */
template <typename Condition> static bool comes(Condition condition) {
  auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

/* Whether quotes go on coming. */
static bool is_alive(tf_stream *stream) {
  tf_event event;
  std::size_t count = 0;
  for (int quotes = 0; quotes < 5; quotes += event.kind == TF_EVENT_KIND_QUOTE) {
    if (tf_stream_poll(stream, &event, 1, CALL_MS, &count, nullptr) != TF_STATUS_OK) {
      return false;
    }
  }
  return true;
}

struct Thrower {
  std::uint64_t seen;
};

static void throws_at_the_second(void *user_data, const tf_event *event) {
  auto *thrower = static_cast<Thrower *>(user_data);
  if (thrower->seen != 0) {
    throw std::runtime_error("of a test");
  }
  thrower->seen = event->seq;
}

static void remembers(void *user_data, const tf_event *event) {
  static_cast<Thrower *>(user_data)->seen = event->seq;
}

/* What a function throws on the caller's thread reaches the caller, and nothing but its event is gone. */
static void dispatch_throws(tf_client *client) {
  tf_stream *stream = new_stream(client);
  Thrower thrower = {0};
  CHECK(comes([&] { return tf_stream_depth(stream) >= 3; }));
  bool is_caught = false;
  try {
    tf_stream_dispatch(stream, throws_at_the_second, &thrower, 100, CALL_MS, nullptr, nullptr);
  } catch (const std::runtime_error &error) {
    is_caught = std::strcmp(error.what(), "of a test") == 0;
  }
  CHECK(is_caught && thrower.seen == 1);
  CHECK(tf_stream_dispatch(stream, remembers, &thrower, 1, CALL_MS, nullptr, nullptr) == TF_STATUS_OK);
  CHECK(thrower.seen == 3);
  CHECK(is_alive(stream));
  tf_stream_destroy(stream);
}

struct Blocker {
  std::atomic<int> calls;
  std::atomic<bool> may_leave;
};

static void waits(void *user_data, const tf_event *) {
  auto *blocker = static_cast<Blocker *>(user_data);
  blocker->calls++;
  comes([&] { return blocker->may_leave.load(); });
}

/* A function that waits holds nobody up; whoever destroys its stream waits until it has returned. */
static void callback_waits(tf_client *client) {
  tf_stream *slow = new_stream(client), *quick = new_stream(client);
  Blocker blocker;
  blocker.calls = 0;
  blocker.may_leave = false;
  CHECK(tf_stream_set_callback(slow, waits, &blocker, nullptr) == TF_STATUS_OK);
  CHECK(comes([&] { return blocker.calls > 0; }));
  CHECK(is_alive(quick));
  std::atomic<bool> is_destroyed(false);
  std::thread destroyer([&] {
    tf_stream_destroy(slow);
    is_destroyed = true;
  });
  CHECK(is_alive(quick) && !is_destroyed);
  blocker.may_leave = true;
  destroyer.join();
  int calls = blocker.calls;
  CHECK(is_alive(quick) && blocker.calls == calls);
  tf_stream_destroy(quick);
}

struct Destroyer {
  tf_client *client;
  tf_stream *stream;
  std::atomic<int> calls;
};

static void destroys_all(void *user_data, const tf_event *) {
  auto *destroyer = static_cast<Destroyer *>(user_data);
  tf_stream_destroy(destroyer->stream);
  tf_client_destroy(destroyer->client);
  destroyer->calls++;
}

/* A function destroys its stream and its client, on the thread of the library and on that of the program. */
static void destroyed_from_inside() {
  Destroyer destroyer;
  destroyer.calls = 0;
  destroyer.client = new_client();
  destroyer.stream = new_stream(destroyer.client);
  CHECK(tf_stream_set_callback(destroyer.stream, destroys_all, &destroyer, nullptr) == TF_STATUS_OK);
  CHECK(comes([&] { return tf_live_threads() == 0; }));
  CHECK(destroyer.calls == 1);

  destroyer.client = new_client();
  destroyer.stream = new_stream(destroyer.client);
  CHECK(comes([&] { return tf_stream_depth(destroyer.stream) >= 3; }));
  std::size_t count = 0;
  CHECK(tf_stream_dispatch(destroyer.stream, destroys_all, &destroyer, 100, CALL_MS, &count, nullptr) ==
        TF_STATUS_OK);
  CHECK(count == 1 && destroyer.calls == 2);
  CHECK(comes([&] { return tf_live_threads() == 0; }));
}

static void throws(void *user_data, const tf_event *) {
  ++*static_cast<std::atomic<int> *>(user_data);
  throw std::runtime_error("nobody can catch this");
}

/* An exception on the thread of the library costs that thread and its stream, and nothing else. */
static void callback_throws(tf_client *client) {
  tf_stream *thrower = new_stream(client), *other = new_stream(client);
  std::atomic<int> calls(0);
  CHECK(tf_stream_set_callback(thrower, throws, &calls, nullptr) == TF_STATUS_OK);
  tf_event event;
  std::size_t count = 0;
  tf_status status = TF_STATUS_ERR_STATE;
  CHECK(comes([&] {
    status = tf_stream_poll(thrower, &event, 1, 0, &count, nullptr);
    return status != TF_STATUS_ERR_STATE;
  }));
  while (status == TF_STATUS_OK) {
    status = tf_stream_poll(thrower, &event, 1, CALL_MS, &count, nullptr);
  }
  CHECK(status == TF_STATUS_CLOSED && calls == 1);
  CHECK(is_alive(other));
  tf_stream_destroy(thrower);
  CHECK(is_alive(other));
  tf_stream_destroy(other);
}

int main() {
  tf_client *client = new_client();
  dispatch_throws(client);
  callback_waits(client);
  CHECK(tf_client_close(client, nullptr) == TF_STATUS_OK);
  tf_client_destroy(client);
  CHECK(tf_live_threads() == 0);
  destroyed_from_inside();
  client = new_client();
  callback_throws(client);
  CHECK(tf_client_close(client, nullptr) == TF_STATUS_OK);
  tf_client_destroy(client);
  CHECK(tf_live_threads() == 1); /* the one that threw */
  std::printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
