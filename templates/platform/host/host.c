/* A native executable: standard input and output are the serial line. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "fw_board.h"
#include "fw_fault.h"
#include "fw_main.h"
#include "fw_platform.h"

static uint8_t output[4096];
static size_t output_bytes;
static uint8_t input[4096];
static size_t input_at, input_bytes;

static void flush(void) {
  for (size_t done = 0; done < output_bytes;) {
    const ssize_t n = write(STDOUT_FILENO, output + done, output_bytes - done);
    if (n < 0 && errno != EINTR) exit(EXIT_FAILURE); /* nobody listens any more */
    if (n > 0) done += (size_t)n;
  }
  output_bytes = 0;
}

void fw_platform_init(void) {}

_Noreturn void fw_fail(const char* name) {
  fw_fail_at(name, (uint32_t)(uintptr_t)__builtin_return_address(0));
}

void fw_platform_putchar(uint8_t byte) {
  output[output_bytes++] = byte;
  if (output_bytes == sizeof output) flush();
}

/* Waits for input; 0 if none came in time. The end of the input ends the run. */
static int fill(uint32_t timeout_us) {
  struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
  const int ready = poll(&wait, 1, timeout_us == FW_FOREVER ? -1 : (int)(timeout_us / 1000u));
  if (ready == 0) return 0;
  const ssize_t n = read(STDIN_FILENO, input, sizeof input);
  if (n == 0 || (n < 0 && errno != EINTR)) fw_platform_end();
  input_at = 0;
  input_bytes = n > 0 ? (size_t)n : 0;
  return 1;
}

int fw_platform_getchar(uint32_t timeout_us) {
  while (input_at == input_bytes) {
    flush();
    if (!fill(timeout_us)) return FW_NO_BYTE;
  }
  return input[input_at++];
}

uint64_t fw_platform_counter(void) { return 0; }

uint32_t fw_platform_microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)((uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
}

uint32_t fw_platform_stack_used(void) { return 0; }

int fw_platform_stack_intact(void) { return 1; }

_Noreturn void fw_platform_end(void) {
  flush();
  exit(EXIT_SUCCESS);
}

int main(void) { fw_main(); }
