/* Stand-in's device: u85. */
#ifndef ETHOSU85
#error "not for this product"
#endif
#include "device.inc"
