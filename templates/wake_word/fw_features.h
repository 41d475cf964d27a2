/* Features of sound for the streaming wake word task of MLPerf Tiny. */
#ifndef FW_FEATURES_H
#define FW_FEATURES_H

#include <stdint.h>

#define FW_WINDOW 1024u /* samples that the features are of: 64 ms at 16 kHz */
#define FW_STEP 512u    /* from one window to the next */
#define FW_FEATURES 40u

/* The logarithm of the power in FW_FEATURES bands, 0 to 1. before is the sample that comes before
 * those of the window. */
void fw_features(int16_t before, const int16_t window[FW_WINDOW], float features[FW_FEATURES]);

/* Tables, see fw_features_tables.c. */
extern const float fw_features_cosine[FW_WINDOW / 2];  /* cos(2 pi i / 1024) */
extern const float fw_features_hamming[FW_WINDOW / 2]; /* the window rises; it falls alike */
extern const float
    fw_features_band[FW_WINDOW / 2 + 1]; /* of a frequency: band i has its top at i + 1 */

#endif
