"""The micro-NPU: what Vela's command streams mean, and a functional model that executes them."""
