"""What executing an image costs: recorded by a QEMU plugin of ours, estimated by a pipeline model.

``recorder`` (with ``recorder.c``) and ``record`` say what was executed, ``image`` which
instructions those are, ``pipeline`` (with ``cores`` and ``llvm``) how long a core takes for them,
``analysis`` sums both up, and ``energy`` turns cycles into joules. docs/counters.md has the
assumptions in one place.
"""
