"""The lower stage: Graph + Selection + Plan -> Program, with names, addresses and regions bound."""
