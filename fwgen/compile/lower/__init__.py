"""Graph + Selection + Plan -> Program: names, addresses and regions bound, ready to print."""
