"""A museum drawn in code, which comes in like a stranger's: by an entry point, over what plugins may import.

========== ==================================================================
palettes   the colours an artist thinks in
scene      shapes with light on them, drawn into one plate
motifs     what is shown: each draws a scene
fields     noise, blur, flow and strokes over whole pictures
manners    how it is shown: each turns a plate into a picture
artists    invented artists and workshops, and who borrowed what from whom
plan       which works the museum owns
words      what different describers say about a picture
dirt       the record as a museum's API would give it, dirt included
pipeline   works drawn ahead, in order
truth      what was planted, for later evaluation
source     the Source that yields the records
========== ==================================================================
"""
