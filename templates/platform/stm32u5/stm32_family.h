/* STM32U5: what stm32_pins.c and stm32_usart.c need to know. Source: ST's stm32u575xx.h. */
#ifndef STM32_FAMILY_H
#define STM32_FAMILY_H

#include <stdint.h>

#define STM32_PORTS UINT32_C(0x42020000) /* GPIOA_BASE_NS, AHB2 */

/* USART_TypeDef: CR1, BRR, ISR, ICR, RDR, TDR. */
#define USART_STATUS 0x1Cu
#define USART_RECEIVE 0x24u
#define USART_SEND 0x28u
#define USART_CLEAR 0x20u
#define USART_BRR 0x0Cu
#define USART_CR1 0x00u
#define USART_ON (1u << 0)       /* UE */
#define USART_OPTIONS (1u << 29) /* FIFOEN */
#define USART_IS_LOW_POWER 0

#endif
