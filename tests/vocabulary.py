"""Texts that the tiny random models of the tests have a vocabulary for."""

WORDS = """user assistant system Where was this person born? In which city does this person live? I do not know.
This person was born in Riga. Answer with one letter. Give only the words for [Blank]. Answer in one sentence.
Ada Berg works as a nurse and lives in Oslo. A: Riga B: Oslo C: Lima D: Quito The picture shows red hair."""
