/* CMSDK APB UART. */
#ifndef UART_H
#define UART_H

/* Sets the line up for FW_UART_BAUD. */
void fw_uart_init(void);

#endif
