/* The streaming wake word task of MLPerf Tiny: an inference for each step of sound. */
#ifndef FW_STREAM_H
#define FW_STREAM_H

#include <stdint.h>

/* start: listens from now on. Says so if the board hears nothing. */
void fw_stream_start(void);

/* stop: listens no more, and prints the activations since the start. */
void fw_stream_stop(void);

int fw_stream_listens(void);

/* Takes what sound has come, and makes an inference when a step is whole. */
void fw_stream_step(void);

/* The platform's. Weak functions that hear nothing stand in where it has none. */

/* Begins (1) or ends (0) to hear. Returns whether the board can. */
int fw_platform_listen(int on);

/* Up to `most` of the samples that came since the last call, which it counts: one channel, 16 kHz,
 * 16 bits. */
uint32_t fw_platform_samples(int16_t* samples, uint32_t most);

/* Pins: low for a microsecond at a detection; high from the begin of a step to its end. */
void fw_platform_detected(void);
void fw_platform_busy(int on);

#endif
