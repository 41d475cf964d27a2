/* The end of a run that went wrong. */
#ifndef FW_FAULT_H
#define FW_FAULT_H

#include <stdint.h>

/* What something other than the core knew. */
typedef struct {
  const char* name; /* lower case, '_' between words */
  uint32_t value;
} fw_fault_word;

/* What the core knew when it faulted; 0 for what it does not have. */
typedef struct {
  const char* name; /* lower case, '-' between words */
  uint32_t pc, lr, psr;
  uint32_t cfsr, hfsr, mmfar, bfar;
  const fw_fault_word* words;
  uint32_t word_count;
} fw_fault;

/* Prints the fault and ends the run. Uses no interrupt and little stack. */
_Noreturn void fw_fault_end(const fw_fault* fault);

/* The same for a check that failed in software at pc. */
_Noreturn void fw_fail_at(const char* name, uint32_t pc);

/* The same with the place of the caller. The platform's: nothing will return to the caller or read
 * its frames, so that it may begin at the top of the stack again. */
_Noreturn void fw_fail(const char* name);

/* m-fw-end and the byte that ends simulators. */
_Noreturn void fw_end(void);

#endif
