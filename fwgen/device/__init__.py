"""The device: the serial link, and what runs an image."""
