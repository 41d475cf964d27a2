/* USART and LPUART. */
#ifndef STM32_USART_H
#define STM32_USART_H

/* Sets the line up for FW_UART_BAUD. */
void stm32_usart_init(void);

#endif
