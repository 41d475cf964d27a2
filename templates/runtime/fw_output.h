/* What an inference left behind, as raw bytes and as real numbers. */
#ifndef FW_OUTPUT_H
#define FW_OUTPUT_H

#include <stdint.h>

/* fw-out: the bytes of all outputs. */
void fw_output_print(void);

/* fw-rom: the CRC-32 of the first bytes of the image, which nobody could read back. */
void fw_output_put_rom(uint32_t bytes);

/* fw-places: where all outputs are, to be read by other ways than the line. */
void fw_output_put_places(void);

/* A line of fw-places: the number of the tensor, its address and bytes, and their CRC-32. */
void fw_output_put_place(uint32_t number, const void* data, uint32_t bytes);

/* fw-crc: the CRC-32 of what an op wrote, of several outputs one after the other. */
uint32_t fw_output_crc(uint32_t op);

/* fw-dump: the same bytes. */
void fw_output_print_op(uint32_t op);

/* fw-state: what the model keeps, byte by byte or only the size and CRC-32 of all of it. */
void fw_output_print_state(int all_bytes);

/* results: the first output, dequantized; of a task of MLPerf Tiny with a score, that score. */
void fw_output_print_results(void);

#endif
