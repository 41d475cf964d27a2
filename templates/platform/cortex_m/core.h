/* Registers of the Cortex-M core, by their names in the architecture manual. */
#ifndef CORE_H
#define CORE_H

#include <stdint.h>

#if !defined(__ARM_ARCH) || __ARM_ARCH < 6 || __ARM_ARCH_PROFILE != 'M'
#error "This start-up code is for Cortex-M: give the -mcpu of one"
#endif

/* A Cortex-M0 or M0+ has one kind of fault and no register that tells why (Armv6-M). A Cortex-M23
 * is of Armv8-M, with as few registers, and is not supported. */
#if __ARM_ARCH_ISA_THUMB < 2 && __ARM_ARCH > 6
#error "This start-up code has not been made for Armv8-M without the main extension"
#endif

#define CORE_REGISTER(address) (*(volatile uint32_t*)(uintptr_t)UINT32_C(address))

#define ACTLR CORE_REGISTER(0xE000E008)
#define SYST_CSR CORE_REGISTER(0xE000E010)
#define SYST_RVR CORE_REGISTER(0xE000E014)
#define SYST_CVR CORE_REGISTER(0xE000E018)
#define NVIC_ISER ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE000E100))
#define NVIC_ICER ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE000E180))
#define NVIC_ICPR ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE000E280))
#define CPUID CORE_REGISTER(0xE000ED00)
#define ICSR CORE_REGISTER(0xE000ED04)
#define VTOR CORE_REGISTER(0xE000ED08)
#define CCR CORE_REGISTER(0xE000ED14)
#define SHCSR CORE_REGISTER(0xE000ED24)
#define CFSR CORE_REGISTER(0xE000ED28)
#define HFSR CORE_REGISTER(0xE000ED2C)
#define MMFAR CORE_REGISTER(0xE000ED34)
#define BFAR CORE_REGISTER(0xE000ED38)
#define CLIDR CORE_REGISTER(0xE000ED78)
#define CCSIDR CORE_REGISTER(0xE000ED80)
#define CSSELR CORE_REGISTER(0xE000ED84)
#define MPU_TYPE CORE_REGISTER(0xE000ED90)
#define MPU_CTRL CORE_REGISTER(0xE000ED94)
#define MPU_RNR CORE_REGISTER(0xE000ED98)
#define MPU_RBAR CORE_REGISTER(0xE000ED9C)
#define MPU_RASR CORE_REGISTER(0xE000EDA0)
#define ICIALLU CORE_REGISTER(0xE000EF50)
#define DCISW CORE_REGISTER(0xE000EF60)
#define MSCR CORE_REGISTER(0xE001E000)

/* Lowest bytes of the stack that must not be written. Armv8-M has a stack limit instead. */
#if __ARM_ARCH >= 8
#define STACK_GUARD_BYTES 0
#else
#define STACK_GUARD_BYTES 256
#endif

/* What unused stack is filled with. */
#define STACK_PATTERN 0xA5A5A5A5

/* The linker script's. */
extern uint32_t fw_stack_bottom[], fw_stack_top[];

/* Fills the unused stack with the pattern by which its use is measured. */
void fw_stack_paint(void);

static inline void core_barrier(void) { __asm__ volatile("dsb\n\tisb" ::: "memory"); }

#endif
