/* What an inference left behind, as raw bytes and as real numbers. */
#ifndef FW_OUTPUT_H
#define FW_OUTPUT_H

#include <stdint.h>

/* fw-out: the bytes of all outputs. */
void fw_output_print(void);

/* fw-dump: the bytes that an op wrote. */
void fw_output_print_op(uint32_t op);

/* results: the first output, dequantized. */
void fw_output_print_results(void);

#endif
