"""The program: names and addresses bound, constants in their regions."""
