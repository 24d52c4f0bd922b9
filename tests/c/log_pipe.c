/* A log that goes into a pipe: nobody reads it, nobody reads it any more, nobody reads it fast enough. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tradeforge.h"

static int failures;

#define CHECK(condition)                                  \
  do {                                                    \
    if (!(condition)) {                                   \
      failures++;                                         \
      printf("line %d: %s\n", __LINE__, #condition);      \
    }                                                     \
  } while (0)

/* Loads a .env file with a line that sets nothing, which makes one line of log. */
static void log_a_line(void) {
  tf_config *config = tf_config_new();
  CHECK(tf_config_load_environment(config, NULL) == TF_STATUS_OK);
  tf_config_destroy(config);
}

/* Whether this thread would get the signal as it did at the start, and has none waiting. */
static int signals_are_untouched(void) {
  sigset_t mask, pending;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  sigpending(&pending);
  return !sigismember(&mask, SIGPIPE) && !sigismember(&pending, SIGPIPE);
}

int main(void) {
  char text[256];
  tf_error *err = NULL;
  FILE *settings = fopen(".env", "w");
  CHECK(settings != NULL && fputs("ready\n", settings) >= 0 && fclose(settings) == 0);
  signal(SIGPIPE, SIG_DFL);
  CHECK(mkfifo("log.pipe", 0600) == 0);

  CHECK(tf_log_to_file("log.pipe", TF_LOG_LEVEL_WARN, &err) == TF_STATUS_ERR_FILE);
  CHECK(strstr(tf_error_message(err), "cannot be written") != NULL);
  tf_error_destroy(err);

  int reader = open("log.pipe", O_RDONLY | O_NONBLOCK);
  CHECK(tf_log_to_file("log.pipe", TF_LOG_LEVEL_WARN, NULL) == TF_STATUS_OK);
  log_a_line();
  ssize_t count = read(reader, text, sizeof text - 1);
  text[count > 0 ? count : 0] = 0;
  CHECK(strstr(text, "log: opened") != NULL && strstr(text, "sets nothing") != NULL);

  close(reader);
  CHECK(tf_log_lost() == 0);
  log_a_line();
  CHECK(tf_log_lost() == 1);
  CHECK(signals_are_untouched());

  reader = open("log.pipe", O_RDONLY | O_NONBLOCK);
  for (int line = 0; line < 100000 && tf_log_lost() < 3; line++) log_a_line();
  CHECK(tf_log_lost() >= 3);
  close(reader);
  CHECK(tf_log_to_file(NULL, TF_LOG_LEVEL_OFF, NULL) == TF_STATUS_OK);
  CHECK(signals_are_untouched());

  printf("%d failures\n", failures);
  return failures != 0;
}
