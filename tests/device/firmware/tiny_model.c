/* A model by hand, to run the runtime and the platforms without the generator.
 *
 * Inputs: 4 bytes of mode and loop count, 8 bytes of data. Outputs: 16 int8 values and 2 floats.
 * Op 0 spoils its inputs in the arena, op 1 spins for as many rounds as asked for (two instructions
 * each on a Cortex-M), op 2 computes the outputs. The mode can be a fault that op 1 provokes, or
 * 1200 bytes of stack.
 */
#include "fw_memory.h"
#include "fw_model.h"

enum { NONE, UNDEFINED, BUS_ERROR, DIVIDE, JUMP, OVERFLOW, BIG_FRAME, CORRUPT_STACK, DEEP };

#define ARENA_BYTES 64

static uint8_t arena[ARENA_BYTES] __attribute__((aligned(16), section(".bss.fw_arena")));
static uint8_t* const control = arena;            /* mode, rounds: 24 bits little endian */
static int8_t* const data = (int8_t*)(arena + 4); /* 8 values */
static int8_t* const doubled = (int8_t*)(arena + 16);
static int8_t* const integers = (int8_t*)(arena + 32);
static float* const reals = (float*)(void*)(arena + 48);
static uint32_t mode, rounds;

/* Constants of odd size, which must not disturb what follows them in memory. */
extern const volatile uint8_t fw_test_weights[3];
const volatile uint8_t fw_test_weights[3]
    __attribute__((section(".rodata.fw_weights"))) = {1, 1, 1};

volatile int32_t fw_model_current_op = -1;
const char fw_model_build_id[] = "0123456789abcdef";

#ifdef __arm__
#if __ARM_ARCH >= 8
#define NOWHERE UINT32_C(0x1F000000)
#elif __ARM_ARCH == 7
#define NOWHERE UINT32_C(0x90000000)
#else
#define NOWHERE UINT32_C(0xA0000000)
#endif

void fw_test_undefined(void);
void fw_test_bus_error(void);
int fw_test_divide(int a, volatile int* b);
void fw_test_jump(uint32_t to);
int fw_test_overflow(volatile int* depth);
int fw_test_big_frame(volatile int* depth);
void fw_test_corrupt_stack(void);
int fw_test_deep(volatile int* depth);
extern uint32_t fw_stack_bottom[];

__attribute__((noinline)) void fw_test_undefined(void) { __asm__ volatile("udf #7"); }

__attribute__((noinline)) void fw_test_bus_error(void) {
  *(volatile uint32_t*)(uintptr_t)NOWHERE = 1;
}

__attribute__((noinline)) int fw_test_divide(int a, volatile int* b) { return a / *b; }

__attribute__((noinline)) void fw_test_jump(uint32_t to) {
  ((void (*)(void))(uintptr_t)to)();
  __asm__ volatile("");
}

__attribute__((noinline)) int fw_test_overflow(volatile int* depth) {
  volatile int here[8] = {*depth};
  if (*depth == -1) return 0;
  return fw_test_overflow(here) + here[0];
}

__attribute__((noinline)) int fw_test_big_frame(volatile int* depth) {
  volatile int here[2000];
  for (int i = 1999; i >= 0; i--) here[i] = *depth + i;
  return here[*depth & 1023];
}

__attribute__((noinline)) int fw_test_deep(volatile int* depth) {
  volatile int here[300];
  for (int i = 0; i < 300; i++) here[i] = *depth;
  return here[*depth & 255];
}

__attribute__((noinline)) void fw_test_corrupt_stack(void) { fw_stack_bottom[1] = 0; }

static void spin(uint32_t count) {
  if (count) __asm__ volatile(".syntax unified\n\t1: subs %0, #1\n\tbne 1b" : "+r"(count) : : "cc");
}

static void provoke(void) {
  volatile int zero = 0;
  switch (mode) {
    case UNDEFINED:
      fw_test_undefined();
      break;
    case BUS_ERROR:
      fw_test_bus_error();
      break;
    case DIVIDE:
      doubled[0] = (int8_t)fw_test_divide(7, &zero);
      break;
    case JUMP:
      fw_test_jump(0xE5000001u);
      break;
    case OVERFLOW:
      doubled[0] = (int8_t)fw_test_overflow(&zero);
      break;
    case BIG_FRAME:
      doubled[0] = (int8_t)fw_test_big_frame(&zero);
      break;
    case CORRUPT_STACK:
      fw_test_corrupt_stack();
      break;
    case DEEP:
      doubled[0] = (int8_t)fw_test_deep(&zero);
      break;
    default:
      break;
  }
}
#else
static void spin(uint32_t count) {
  for (volatile uint32_t i = count; i; i--) {
  }
}

static void provoke(void) {}
#endif

static __attribute__((noinline)) void op0(void) {
  mode = control[0];
  rounds = control[1] | (uint32_t)control[2] << 8 | (uint32_t)control[3] << 16;
  for (int i = 0; i < 8; i++) doubled[i] = (int8_t)(2 * data[i]);
  memset(arena, 0x5A, 12);
}

static __attribute__((noinline)) void op1(void) {
  provoke();
  spin(rounds);
}

static __attribute__((noinline)) void op2(void) {
  for (int i = 0; i < 8; i++) {
    integers[i] = doubled[i];
    integers[15 - i] = (int8_t)(doubled[i] + fw_test_weights[i % 3]);
  }
  reals[0] = 0.5f * (float)doubled[0];
  reals[1] = -1.0f / 3.0f;
}

#ifdef TINY_EMPTY
__attribute__((naked)) void fw_model_invoke(void) { __asm__ volatile("bx lr"); }
#else
void fw_model_invoke(void) {
  fw_model_current_op = 0;
  op0();
  fw_model_current_op = 1;
  op1();
  fw_model_current_op = 2;
  op2();
  fw_model_current_op = -1;
}
#endif

int32_t fw_model_check(void) { return -1; }

int fw_model_check_constants(void) { return 1; }

void fw_model_trace(int (*after)(uint32_t op)) {
  static void (*const ops[])(void) = {op0, op1, op2};
  for (uint32_t i = 0; i < 3; i++) {
    fw_model_current_op = (int32_t)i;
    ops[i]();
    fw_model_current_op = -1;
    if (!after(i)) return;
  }
}

static const fw_tensor inputs[] = {
    {.data = arena, .bytes = 4, .type = FW_UINT8, .scale = 1.0f, .zero_point = 0},
    {.data = arena + 4, .bytes = 8, .type = FW_INT8, .scale = 0.5f, .zero_point = 0},
};

static const fw_tensor outputs[] = {
    {.data = arena + 32, .bytes = 16, .type = FW_INT8, .scale = 0.00390625f, .zero_point = -128},
    {.data = arena + 48, .bytes = 8, .type = FW_FLOAT32, .scale = 1.0f, .zero_point = 0},
};

static const fw_op op_outputs[] = {
    {.data = arena + 16, .bytes = 8},
    {.data = arena + 16, .bytes = 8},
    {.data = arena + 32, .bytes = 16},
};

const fw_model_info fw_model = {
    .name = "tiny",
    .board = "test",
    .arena_bytes = ARENA_BYTES,
    .input_bytes = 12,
    .output_bytes = 24,
    .inputs = 2,
    .outputs = 2,
    .ops = 3,
    .input = inputs,
    .output = outputs,
    .op = op_outputs,
};
