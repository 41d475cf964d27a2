"""The farm: boards at places of labgrid's, which many share over the network."""
