/* What an inference left behind, as raw bytes and as real numbers. */
#ifndef FW_OUTPUT_H
#define FW_OUTPUT_H

#include <stdint.h>

/* fw-out: the bytes of all outputs. */
void fw_output_print(void);

/* fw-crc: the CRC-32 of what an op wrote, of several outputs one after the other. */
uint32_t fw_output_crc(uint32_t op);

/* fw-dump: the same bytes. */
void fw_output_print_op(uint32_t op);

/* fw-state: what the model keeps, byte by byte or only the size and CRC-32 of all of it. */
void fw_output_print_state(int all_bytes);

/* results: the first output, dequantized. */
void fw_output_print_results(void);

#endif
