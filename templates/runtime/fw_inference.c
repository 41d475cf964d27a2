#include "fw_inference.h"

#include "fw_canary.h"
#include "fw_fault.h"
#include "fw_format.h"
#include "fw_input.h"
#include "fw_line.h"
#include "fw_model.h"
#include "fw_output.h"
#include "fw_platform.h"

static uint64_t read_cost;  /* ticks between two readings with nothing in between */
static uint64_t trace_cost; /* ticks or events that tracing adds to an op, reading included */
static uint64_t op_start;   /* reading when the op before was done with */
static uint64_t total_ticks;
static int calibrated;
static uint32_t last_op;

#ifdef FW_MODEL_CONTROLLED_OPS
#define HAS_RUN (UINT64_C(1) << 63)
/* Of each op HAS_RUN, and the ticks of all its runs or the CRC-32 of its output after the first:
 * ops may run in any order, or not at all, and the link tells of them from the first to the last.
 */
static uint64_t record_of[FW_MODEL_CONTROLLED_OPS];
#endif

#ifdef FW_COUNTER_EVENTS
static int counts_events; /* of ops, and no ticks */

static uint64_t reading(void) {
  return counts_events ? fw_platform_events() : fw_platform_counter();
}
#else
static uint64_t reading(void) { return fw_platform_counter(); }
#endif

static uint64_t less(uint64_t ticks, uint64_t cost) { return ticks > cost ? ticks - cost : 0; }

static void check_memory(void) {
  if (!fw_platform_stack_intact()) fw_fail("stack-overflow");
  if (!fw_canary_intact()) fw_fail("arena-overrun");
#ifdef FW_MODEL_CONTROLLED_OPS
  if (fw_model.endless_op && *fw_model.endless_op >= 0) {
    fw_model_current_op = *fw_model.endless_op;
    fw_fail("endless-loop");
  }
#endif
}

/* The only place that calls the model, so that a profiler can hook it. */
static __attribute__((noinline)) uint64_t count_model(void) {
  const uint64_t start = fw_platform_counter();
  fw_model_invoke();
  return fw_platform_counter() - start;
}

static __attribute__((noinline)) uint64_t count_nothing(void) {
  const uint64_t start = fw_platform_counter();
  return fw_platform_counter() - start;
}

uint64_t fw_infer(void) {
  fw_input_place();
  const uint64_t ticks = count_model();
  check_memory();
  return less(ticks, read_cost);
}

static void trace(int (*after)(uint32_t op)) {
  fw_input_place();
  op_start = reading();
  fw_model_trace(after);
  check_memory();
}

static void report_op(uint32_t op, uint64_t ticks) {
  total_ticks += ticks;
  fw_put_number("m-fw-op-[", op);
  fw_put_number("=", ticks);
  fw_close_checked_line();
}

static int count_op(uint32_t op) {
  const uint64_t ticks = reading() - op_start;
  if (calibrated) {
#ifdef FW_MODEL_CONTROLLED_OPS
    record_of[op & ~FW_AGAIN] += less(ticks, trace_cost);
#else
    report_op(op, less(ticks, trace_cost));
#endif
  } else {
    trace_cost = ticks;
  }
  op_start = reading();
  return 1;
}

/* What fw_model_trace does around its ops. */
static __attribute__((noinline)) void trace_nothing(int (*after)(uint32_t op)) {
  volatile int32_t* const current_op = &fw_model_current_op;
  for (uint32_t op = 0; op < 2; op++) {
    *current_op = (int32_t)op;
    *current_op = -1;
    if (!after(op)) return;
  }
}

static void calibrate_trace(void) {
  /* volatile: or the compiler would make the call more direct than it is in the model. */
  int (*volatile after)(uint32_t op) = count_op;
  calibrated = 0;
  for (int i = 0; i < 2; i++) trace_nothing(after); /* the first time fills the caches */
  calibrated = 1;
}

void fw_calibrate(void) {
  for (int i = 0; i < 2; i++) read_cost = count_nothing();
  calibrate_trace();
}

#ifdef FW_MODEL_CONTROLLED_OPS
static void clear_records(void) {
  for (uint32_t op = 0; op < fw_model.ops; op++) record_of[op] = 0;
}
#endif

/* All but the end of the last line. */
static void count_ops(void) {
  total_ticks = 0;
#ifdef FW_MODEL_CONTROLLED_OPS
  clear_records();
  trace(count_op);
  for (uint32_t op = 0; op < fw_model.ops; op++) report_op(op, record_of[op]);
#else
  trace(count_op);
#endif
  fw_put_number("m-fw-ops-[ops=", fw_model.ops);
  fw_put_number(",total=", total_ticks);
}

void fw_infer_counting_ops(void) {
  count_ops();
  fw_close_checked_line();
}

#ifdef FW_COUNTER_EVENTS
void fw_infer_counting_events(uint32_t event) {
  fw_platform_count_event(event);
  counts_events = 1;
  calibrate_trace();
  count_ops();
  fw_put_number(",event=", event);
  fw_close_checked_line();
  counts_events = 0;
  calibrate_trace();
}
#endif

static void report_crc(uint32_t op, uint32_t crc) {
  fw_put_number("m-fw-crc-[", op);
  fw_put_char('=');
  fw_put_hex(crc, 8);
  fw_close_checked_line();
}

#ifdef FW_MODEL_CONTROLLED_OPS
static int check_op(uint32_t op) {
  if (!(op & FW_AGAIN) && !record_of[op]) record_of[op] = HAS_RUN | fw_output_crc(op);
  return 1;
}

static void report_crcs(void) {
  for (uint32_t op = 0; op < fw_model.ops; op++) {
    if (record_of[op]) {
      report_crc(op, (uint32_t)record_of[op]);
    } else {
      fw_put_number("m-fw-crc-[", op);
      fw_put_text("=none");
      fw_close_checked_line();
    }
  }
}
#else
static int check_op(uint32_t op) {
  report_crc(op, fw_output_crc(op));
  return 1;
}
#endif

void fw_infer_checking_ops(void) {
#ifdef FW_MODEL_CONTROLLED_OPS
  clear_records();
  trace(check_op);
  report_crcs();
#else
  trace(check_op);
#endif
  fw_put_number("m-fw-crc-[ops=", fw_model.ops);
  fw_close_checked_line();
}

static int stop_at_last(uint32_t op) { return op != last_op; }

void fw_infer_dumping_op(uint32_t op) {
  last_op = op;
  trace(stop_at_last);
  fw_output_print_op(op);
}
