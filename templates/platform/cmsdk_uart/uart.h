/* CMSDK APB UART. */
#ifndef UART_H
#define UART_H

/* Sets the line up for 115200 baud. */
void fw_uart_init(void);

#endif
