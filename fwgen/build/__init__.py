"""The build of an image: a project's folder -> ELF, and the memory that it takes."""
