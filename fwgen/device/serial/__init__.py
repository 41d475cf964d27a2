"""Serial ports of this machine and of others: which there are, whose they are, bytes over them."""
