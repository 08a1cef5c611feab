"""From a raw page to its passages: decoding, shapes, boilerplate, repeats, language, offsets."""
