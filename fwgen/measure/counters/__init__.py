"""The counters of an image's execution: recorded by a QEMU plugin of ours, estimated by a
pipeline model.

``recorder`` (with ``recorder.c``) and ``record`` say which addresses were executed, and how often.
The other modules find out which instructions those are, how many cycles a core takes for them, and
how many joules that is. docs/counters.md has the assumptions in one place.
"""
