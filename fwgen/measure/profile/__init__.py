"""The profile: what executing an image costs, and whose the costs are."""
