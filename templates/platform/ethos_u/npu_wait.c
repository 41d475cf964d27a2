/* Waiting for the NPU: sleeps until its interrupt. As everywhere here no interrupt is taken: it
 * wakes the core, is held back, and withdrawn before interrupts are let in again. */
#include "core.h"
#include "fw_board.h"
#include "fw_npu.h"
#include "fw_npu_hooks.h"
#include "fw_platform.h"

#define NVIC_ISPR ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE000E200))
#define IRQ_WORD (FW_NPU_IRQ / 32)
#define IRQ_BIT (UINT32_C(1) << (FW_NPU_IRQ % 32))

#define SYSTICK_RUN 7u /* core clock, interrupt, enable; fw_platform_init set the period */
#define ICSR_PENDSTCLR (UINT32_C(1) << 25)

/* The driver has one; Arm's has one for all NPUs besides. */
#define SEMAPHORES 2u

void* ethosu_semaphore_create(void) {
  static volatile uint32_t counts[SEMAPHORES];
  static uint32_t created;
  return created < SEMAPHORES ? (void*)&counts[created++] : 0;
}

void ethosu_semaphore_destroy(void* semaphore) { (void)semaphore; }

int ethosu_semaphore_give(void* semaphore) {
  volatile uint32_t* const count = semaphore;
  *count = *count + 1u;
  return 0;
}

/* Until the NPU's interrupt, or for one period of the tick. */
static void sleep(void) {
  __asm__ volatile("cpsid i" ::: "memory");
  NVIC_ISER[IRQ_WORD] = IRQ_BIT;
  SYST_CVR = 0;
  SYST_CSR = SYSTICK_RUN;
  __asm__ volatile("dsb\n\twfi" ::: "memory");
  SYST_CSR = 0;
  ICSR = ICSR_PENDSTCLR;
  NVIC_ICER[IRQ_WORD] = IRQ_BIT;
  if (NVIC_ISPR[IRQ_WORD] & IRQ_BIT) {
    fw_npu_interrupt(); /* the NPU withdraws it first, or it would be pending again */
    core_barrier();
    NVIC_ICPR[IRQ_WORD] = IRQ_BIT;
  }
  core_barrier();
  __asm__ volatile("cpsie i" ::: "memory");
}

int ethosu_semaphore_take(void* semaphore, uint64_t timeout) {
  volatile uint32_t* const count = semaphore;
  const uint32_t start = fw_platform_microseconds();
  while (!*count) {
    if (fw_platform_microseconds() - start >= timeout) return -1;
    sleep();
  }
  *count = *count - 1u;
  return 0;
}
