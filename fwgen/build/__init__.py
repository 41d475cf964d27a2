"""The image: a project's folder -> ELF, and what it takes."""
