/* What the boot ROM of an RP2350 looks for in the first 4 KB of an image: that it is one, for its
 * Arm cores in the secure state. The vectors are at the image's start, so that no item says where.
 *
 * Source of the words: boot/picobin.h of Raspberry Pi's pico-sdk, and the order that its start-up
 * code (pico_crt0, embedded_start_block.inc.S) has.
 */
#include <stdint.h>

#define MARKER_START UINT32_C(0xFFFFDED3)
#define MARKER_END UINT32_C(0xAB123579)
#define ITEM_IMAGE_TYPE UINT32_C(0x42)
#define ITEM_LAST UINT32_C(0xFF)
#define TYPE_EXECUTABLE UINT32_C(1)
#define TYPE_SECURE (UINT32_C(2) << 4)
#define TYPE_RP2350 (UINT32_C(1) << 12) /* and bits 8 to 10 clear: Arm */
#define IMAGE_TYPE (TYPE_EXECUTABLE | TYPE_SECURE | TYPE_RP2350)

__attribute__((section(".vectors.image_def"), used)) static const uint32_t image_def[] = {
    MARKER_START,
    ITEM_IMAGE_TYPE | 1u << 8 | IMAGE_TYPE << 16, /* an item of 1 word */
    ITEM_LAST | 1u << 8,                          /* after items of 1 word together */
    0, /* bytes from here to the next block of the loop of blocks, which is this one */
    MARKER_END,
};
