#include "fw_commands.h"

#include <stddef.h>

#include "fw_board.h"
#include "fw_canary.h"
#include "fw_fault.h"
#include "fw_format.h"
#include "fw_inference.h"
#include "fw_input.h"
#include "fw_line.h"
#include "fw_model.h"
#ifdef FW_NPU_BASE
#include "fw_npu.h"
#endif
#include "fw_output.h"
#include "fw_platform.h"
#ifdef FW_TASK_STREAM
#include "fw_stream.h"
#endif

#define MOST_WORDS 3u
#define MOST_INFERENCES UINT32_C(1000000)
#define DEFAULT_WARM_UPS 10u

typedef enum {
  NAME,
  PROFILE,
  TIMESTAMP,
  HELP,
  DB,
  INFER,
  RESULTS,
#ifdef FW_TASK_STREAM
  START,
  STOP,
#endif
  FW_INFO,
  FW_LOAD,
  FW_RUN,
  FW_OUT,
#ifdef FW_MEMORY_REACHED
  FW_PLACES,
#endif
#ifdef FW_WINDOWS
  FW_WINDOW,
#endif
  FW_OPS,
  FW_CRC,
  FW_DUMP,
  FW_STACK,
  FW_NPU,
#ifdef FW_ROM_ORIGIN
  FW_ROM,
#endif
#ifdef FW_MODELS
  FW_MODEL,
#endif
#ifdef FW_MODEL_STATE_BYTES
  FW_RESET,
  FW_STATE,
#endif
  FW_END,
  COMMANDS
} command_id;

static const struct {
  const char* usage;               /* the name, then what follows it; docs say what it does */
  uint8_t least_words, most_words; /* after the name */
} commands[COMMANDS] = {
    [NAME] = {"name", 0, 0},
    [PROFILE] = {"profile", 0, 0},
    [TIMESTAMP] = {"timestamp", 0, 0},
    [HELP] = {"help", 0, 0},
    [DB] = {"db load N, HEX or print", 1, 2},
    [INFER] = {"infer N [WARM-UPS]", 1, 2},
    [RESULTS] = {"results", 0, 0},
#ifdef FW_TASK_STREAM
    [START] = {"start", 0, 0},
    [STOP] = {"stop", 0, 0},
#endif
    [FW_INFO] = {"fw-info", 0, 0},
    [FW_LOAD] = {"fw-load BYTES", 1, 1},
    [FW_RUN] = {"fw-run", 0, 0},
    [FW_OUT] = {"fw-out", 0, 0},
#ifdef FW_MEMORY_REACHED
    [FW_PLACES] = {"fw-places", 0, 0},
#endif
#ifdef FW_WINDOWS
    [FW_WINDOW] = {"fw-window N", 1, 1},
#endif
    [FW_OPS] = {"fw-ops [EVENT]", 0, 1},
    [FW_CRC] = {"fw-crc", 0, 0},
    [FW_DUMP] = {"fw-dump OP", 1, 1},
    [FW_STACK] = {"fw-stack", 0, 0},
    [FW_NPU] = {"fw-npu", 0, 0},
#ifdef FW_ROM_ORIGIN
    [FW_ROM] = {"fw-rom BYTES", 1, 1},
#endif
#ifdef FW_MODELS
    [FW_MODEL] = {"fw-model N", 1, 1},
#endif
#ifdef FW_MODEL_STATE_BYTES
    [FW_RESET] = {"fw-reset", 0, 0},
    [FW_STATE] = {"fw-state [dump]", 0, 1},
#endif
    [FW_END] = {"fw-end", 0, 0},
};

/* Whether a text starts with a word and then ends, or goes on with a space. */
static int same(const char* word, const char* text) {
  while (*word && *word == *text) word++, text++;
  return !*word && (!*text || *text == ' ');
}

/* 1 and *value for a decimal number of at most 32 bits, 0 for anything else. */
static int read_number(const char* text, uint32_t* value) {
  uint64_t number = 0;
  if (!*text) return 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return 0;
    number = number * 10u + (uint32_t)(*text - '0');
    if (number > UINT32_MAX) return 0;
  }
  *value = (uint32_t)number;
  return 1;
}

__attribute__((weak)) void fw_platform_trigger(void) {}

void fw_put_timestamp(void) {
  fw_platform_trigger();
#ifndef FW_ENERGY_MODE
  fw_put_number("m-lap-us-", fw_platform_microseconds());
  fw_end_line();
#endif
}

static void put_profile(void) {
  fw_put_line("m-profile-[ULPMark for tinyML Firmware V0.0.1]");
  fw_put_text("m-model-[");
#ifdef FW_TASK
  fw_put_text(FW_TASK);
#else
  fw_put_text(fw_model.name);
#endif
  fw_put_line("]");
}

static void put_help(void) {
  for (int i = 0; i < COMMANDS; i++) fw_put_line(commands[i].usage);
}

static void run_db(const char* what, const char* argument) {
  uint32_t bytes;
  if (same(what, "load")) {
    if (argument && read_number(argument, &bytes)) {
      fw_input_expect(bytes);
    } else {
      fw_put_error("db load needs a number of bytes");
    }
  } else if (argument) {
    fw_put_error("db takes load N, hex digits, or print");
  } else if (same(what, "print")) {
    fw_input_print();
  } else {
    fw_input_append(what);
  }
}

/* 1 and *n for a number of inferences, 0 and an error line for anything else. */
static int read_inferences(const char* count, uint32_t* n) {
  if (read_number(count, n) && *n >= 1 && *n <= MOST_INFERENCES) return 1;
  fw_put_error("Inferences must be 1 to 1000000");
  return 0;
}

static void run_infer(const char* count, const char* warm_ups) {
  uint32_t n, w = DEFAULT_WARM_UPS;
  if (!read_inferences(count, &n)) return;
  if (warm_ups && (!read_number(warm_ups, &w) || w > MOST_INFERENCES)) {
    fw_put_error("Warm-ups must be 0 to 1000000");
    return;
  }
  fw_put_number("m-warmup-start-", w);
  fw_end_line();
  for (uint32_t i = 0; i < w; i++) fw_infer();
  fw_put_line("m-warmup-done");
  fw_put_number("m-infer-start-", n);
  fw_end_line();
  fw_put_timestamp();
  for (uint32_t i = 0; i < n; i++) fw_infer();
  fw_put_timestamp();
  fw_put_line("m-infer-done");
  fw_output_print_results();
}

static void put_info(void) {
  fw_put_text("m-fw-info-[schema=2,build=");
  fw_put_text(fw_model_build_id);
  fw_put_text(",board=");
  fw_put_text(fw_model.board);
  fw_put_number(",ops=", fw_model.ops);
  fw_put_number(",inputs=", fw_model.input_bytes);
  fw_put_number(",outputs=", fw_model.output_bytes);
  fw_put_number(",arena=", fw_model.arena_bytes);
  fw_put_number(",stack=", FW_STACK_BYTES);
  fw_put_text(",counter=");
  fw_put_text(FW_COUNTER_SOURCE);
  fw_put_text(",unit=");
  fw_put_text(FW_COUNTER_UNIT);
  fw_put_number(",hz=", FW_COUNTER_HZ);
#ifdef FW_MODEL_STATE_BYTES
  fw_put_number(",state=", FW_MODEL_STATE_BYTES);
#endif
  fw_close_checked_line();
}

static void run_counted(void) {
  const uint64_t ticks = fw_infer();
  fw_put_text("m-fw-run-[count=");
  if (FW_COUNTER_HZ) {
    fw_put_decimal(ticks);
  } else {
    fw_put_text("none");
  }
  fw_close_checked_line();
}

#ifdef FW_WINDOWS
static void put_window(uint32_t inferences, uint64_t ticks) {
  fw_put_number("m-fw-window-[inferences=", inferences);
  fw_put_text(",count=");
  fw_put_decimal(ticks);
}

#ifdef FW_ENERGY
static void put_refusal(const char* why) {
  fw_put_text("e-[Energy: ");
  fw_put_text(why);
  fw_put_line("]");
}
#endif

/* Inferences between two edges of the trigger pin. Nothing passes on the line in between, whose
 * work would be measured as well. */
static void run_window(const char* count) {
  uint32_t n;
  if (!read_inferences(count, &n)) return;
#ifdef FW_ENERGY
  const char* fault = fw_platform_energy_begin();
  if (fault) {
    put_refusal(fault);
    return;
  }
#endif
  fw_platform_trigger();
  const uint64_t start = fw_platform_counter();
  for (uint32_t i = 0; i < n; i++) fw_infer();
  const uint64_t ticks = fw_platform_counter() - start;
  fw_platform_trigger();
#ifdef FW_ENERGY
  uint64_t energy;
  fault = fw_platform_energy_end(&energy);
  if (fault) {
    put_refusal(fault);
    return;
  }
  put_window(n, ticks);
  fw_put_text(",energy=");
  fw_put_decimal(energy);
#else
  put_window(n, ticks);
#endif
  fw_close_checked_line();
}
#endif

static void count_events(const char* number) {
#ifdef FW_COUNTER_EVENTS
  uint32_t event;
  if (read_number(number, &event) && event <= UINT16_MAX) {
    fw_infer_counting_events(event);
  } else {
    fw_put_error("An event is a number from 0 to 65535");
  }
#else
  (void)number;
  fw_put_error("This target counts no events");
#endif
}

static void count_ops(const char* event) {
  if (!FW_COUNTER_HZ) {
    fw_put_error("This target has no counter");
  } else if (!event || *event == '@') { /* a mark is no word of the command */
    fw_infer_counting_ops();
  } else {
    count_events(event);
  }
}

static void dump_op(const char* index) {
  uint32_t op;
  if (read_number(index, &op) && op < fw_model.ops) {
    fw_infer_dumping_op(op);
  } else {
    fw_put_error("The model has no such op");
  }
}

static void put_stack(void) {
  if (!FW_STACK_BYTES) {
    fw_put_error("This target does not measure its stack");
    return;
  }
  fw_put_number("m-fw-stack-[size=", FW_STACK_BYTES);
  fw_put_number(",used=", fw_platform_stack_used());
  fw_close_checked_line();
}

#ifdef FW_ROM_ORIGIN
static void put_rom(const char* bytes) {
  uint32_t count = 0;
  (void)read_number(bytes, &count);
  fw_output_put_rom(count < FW_ROM_BYTES ? count : FW_ROM_BYTES); /* as many as there can be */
}
#endif

static void put_npu(void) {
#ifdef FW_NPU_BASE
  const fw_npu_counts* counts = fw_npu_counters();
  if (counts) {
    fw_put_number("m-fw-npu-[jobs=", counts->jobs);
    fw_put_number(",cycles=", counts->cycles);
    fw_put_text(",events=");
    for (uint32_t i = 0; i < counts->events; i++) {
      fw_put_number(i ? ":" : "", counts->event[i]);
    }
    fw_close_checked_line();
    return;
  }
#endif
  fw_put_text("m-fw-npu-[jobs=0,cycles=none,events=none");
  fw_close_checked_line();
}

#ifdef FW_MODELS
/* All other commands are about the chosen model. */
static void choose_model(const char* number) {
  uint32_t n;
  if (!read_number(number, &n) || n >= FW_MODELS) {
    fw_put_error("The image has no such model");
    return;
  }
  fw_model_choose(n);
  fw_canary_fill(); /* the arena of this model ends elsewhere */
  fw_input_clear();
  fw_put_number("m-fw-model-[number=", n);
  fw_put_number(",models=", FW_MODELS);
  fw_close_checked_line();
}
#endif

static void load_raw(const char* count) {
  uint32_t bytes;
  if (read_number(count, &bytes)) {
    fw_input_receive(bytes);
  } else {
    fw_put_error("Load: a number of bytes is needed");
  }
}

#ifdef FW_MODEL_STATE_BYTES
static void reset_state(void) {
  fw_model_reset();
  fw_put_text("m-fw-reset-[");
  fw_close_checked_line();
}

static void put_state(const char* what) {
  const int nothing = !what || *what == '@'; /* a mark is no word of the command */
  if (nothing || same(what, "dump")) {
    fw_output_print_state(!nothing);
  } else {
    fw_put_error("fw-state takes dump or nothing");
  }
}
#endif

static void put_unknown(const char* name) {
  fw_put_text("e-[Unknown command: ");
  for (; *name; name++) fw_put_char(*name == ']' ? '?' : *name);
  fw_put_line("]");
}

/* Direct calls rather than a table of functions: the stack they need can be proven from the ELF. */
static void dispatch(command_id id, const char* const word[MOST_WORDS]) {
  switch (id) {
    case NAME:
      fw_put_line("m-name-dut-[fwgen]");
      break;
    case PROFILE:
      put_profile();
      break;
    case TIMESTAMP:
      fw_put_timestamp();
      break;
    case HELP:
      put_help();
      break;
    case DB:
      run_db(word[1], word[2]);
      break;
    case INFER:
      run_infer(word[1], word[2]);
      break;
    case RESULTS:
      fw_output_print_results();
      break;
#ifdef FW_TASK_STREAM
    case START:
      fw_stream_start();
      break;
    case STOP:
      fw_stream_stop();
      break;
#endif
    case FW_INFO:
      put_info();
      break;
    case FW_LOAD:
      load_raw(word[1]);
      break;
    case FW_RUN:
      run_counted();
      break;
    case FW_OUT:
      fw_output_print();
      break;
#ifdef FW_MEMORY_REACHED
    case FW_PLACES:
      fw_input_put_place();
      fw_output_put_places();
      break;
#endif
#ifdef FW_WINDOWS
    case FW_WINDOW:
      run_window(word[1]);
      break;
#endif
    case FW_OPS:
      count_ops(word[1]);
      break;
    case FW_CRC:
      fw_infer_checking_ops();
      break;
    case FW_DUMP:
      dump_op(word[1]);
      break;
    case FW_STACK:
      put_stack();
      break;
    case FW_NPU:
      put_npu();
      break;
#ifdef FW_ROM_ORIGIN
    case FW_ROM:
      put_rom(word[1]);
      break;
#endif
#ifdef FW_MODELS
    case FW_MODEL:
      choose_model(word[1]);
      break;
#endif
#ifdef FW_MODEL_STATE_BYTES
    case FW_RESET:
      reset_state();
      break;
    case FW_STATE:
      put_state(word[1]);
      break;
#endif
    case FW_END:
      fw_end();
    case COMMANDS:
    default:
      put_unknown(word[0]);
  }
}

void fw_run_command(char* command) {
  const char* word[MOST_WORDS] = {NULL};
  uint32_t words = 0;
  for (char* c = command; *c;) {
    while (*c == ' ') *c++ = '\0';
    if (*c && words < MOST_WORDS) word[words] = c;
    if (*c) words++;
    while (*c && *c != ' ') c++;
  }
  uint32_t id = 0, mark = 0;
  while (id < COMMANDS && !same(word[0], commands[id].usage)) id++;
  if (id >= FW_INFO && id < COMMANDS && words <= MOST_WORDS && *word[words - 1] == '@' &&
      read_number(word[words - 1] + 1, &mark)) {
    words--;
  }
  if (id < COMMANDS) fw_mark_answer(mark);
  if (id < COMMANDS &&
      (words - 1u < commands[id].least_words || words - 1u > commands[id].most_words)) {
    fw_put_text("e-[Wrong number of words, expected ");
    fw_put_text(commands[id].usage);
    fw_put_line("]");
    return;
  }
  dispatch((command_id)id, word);
}
