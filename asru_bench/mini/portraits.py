"""Portraits of the embedded universe, drawn with Pillow: a face that stays, a photo that changes.

`Face` holds what identifies a person; `Photo` what differs between two pictures of the same person (pose,
light, crop, scene, accessory). Everything visible has words, so that answers about pictures can be checked.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = 64
SCALE = 3

SKINS = {
    "pale": (250, 224, 204), "light": (238, 194, 158), "olive": (205, 165, 112), "tan": (182, 125, 80),
    "brown": (132, 84, 52), "dark": (86, 54, 38),
}  # fmt: skip
HAIR_COLOURS = {
    "black": (25, 22, 25), "brown": (105, 62, 28), "blond": (240, 208, 98), "red": (200, 62, 22),
    "grey": (150, 150, 155), "white": (246, 246, 246), "blue": (45, 85, 215), "green": (45, 155, 65),
}  # fmt: skip
HAIR_STYLES = ("short", "long", "curly", "spiky", "tied", "parted")
SHIRTS = {
    "red": (205, 40, 45), "blue": (35, 70, 190), "green": (35, 135, 60), "yellow": (240, 205, 40),
    "purple": (125, 45, 150), "orange": (240, 125, 25), "black": (30, 30, 34), "white": (242, 242, 242),
}  # fmt: skip
PATTERNS = ("plain", "striped", "dotted")
GLASSES = ("none", "round", "square", "dark")
BEARDS = ("none", "full", "moustache", "goatee")
EYES = {"brown": (92, 55, 25), "blue": (40, 100, 205), "green": (45, 150, 80), "grey": (125, 130, 140)}
SHAPES = {"narrow": (15, 21), "round": (19, 19), "long": (16, 23), "wide": (21, 20)}
MARKS = ("none", "left", "right", "freckles")
SCENES = {
    "a market": ((214, 170, 90), (170, 60, 50)), "a beach": ((120, 190, 235), (238, 214, 150)),
    "a library": ((120, 84, 56), (168, 130, 90)), "a forest": ((60, 110, 66), (34, 72, 42)),
    "a stage": ((70, 30, 80), (150, 40, 60)), "a kitchen": ((225, 228, 220), (150, 175, 180)),
    "a street": ((150, 156, 165), (95, 98, 106)), "a garden": ((160, 205, 130), (225, 140, 170)),
}  # fmt: skip
ACCESSORIES = ("none", "none", "none", "hat", "scarf")


@dataclass(frozen=True)
class Face:
    """What identifies a person."""

    skin: str
    hair: str
    style: str
    shirt: str
    pattern: str
    glasses: str
    beard: str
    eyes: str
    shape: str
    mark: str


@dataclass(frozen=True)
class Photo:
    """What differs between two pictures of one person. Lengths in pixels of the 64 x 64 portrait."""

    scene: str
    accessory: str = "none"
    dx: float = 0.0
    dy: float = 0.0
    angle: float = 0.0
    zoom: float = 1.0
    light: float = 1.0
    smile: bool = False


def random_face(rng: random.Random) -> Face:
    """Draws every feature; beards and glasses are rarer than their absence."""
    return Face(
        skin=rng.choice(list(SKINS)),
        hair=rng.choice(list(HAIR_COLOURS)),
        style=rng.choice(HAIR_STYLES),
        shirt=rng.choice(list(SHIRTS)),
        pattern=rng.choice(PATTERNS),
        glasses=rng.choice(GLASSES),
        beard=rng.choice(BEARDS),
        eyes=rng.choice(list(EYES)),
        shape=rng.choice(list(SHAPES)),
        mark=rng.choice(MARKS),
    )


def random_photo(rng: random.Random) -> Photo:
    """One picture: pose, light, crop, scene and accessory."""
    return Photo(
        scene=rng.choice(list(SCENES)),
        accessory=rng.choice(ACCESSORIES),
        dx=rng.uniform(-2.0, 2.0),
        dy=rng.uniform(-1.5, 1.5),
        angle=rng.uniform(-6, 6),
        zoom=rng.uniform(0.95, 1.07),
        light=rng.uniform(0.85, 1.1),
        smile=rng.random() < 0.5,
    )


def look_alike(face: Face, rng: random.Random) -> Face:
    """Another face that shares all but two features."""
    other = random_face(rng)
    changed = rng.sample(["shirt", "glasses", "beard", "hair", "style"], 2)
    pools = {
        "shirt": list(SHIRTS),
        "glasses": GLASSES,
        "beard": BEARDS,
        "hair": list(HAIR_COLOURS),
        "style": HAIR_STYLES,
    }
    for feature in changed:
        values = [v for v in pools[feature] if v != getattr(face, feature)]
        other = replace(other, **{feature: rng.choice(values)})
    kept = {f: getattr(face, f) for f in Face.__dataclass_fields__ if f not in changed}
    return replace(other, **kept)


def visible(face: Face) -> dict[str, str]:
    """What every photo of this face shows, as the words that captions and refusals use."""
    words = {"hair": f"{face.hair} hair", "shirt": f"a {face.shirt} shirt", "skin": f"{face.skin} skin"}
    if face.shirt == "orange":
        words["shirt"] = "an orange shirt"
    if face.glasses != "none":
        words["glasses"] = f"{face.glasses} glasses"
    if face.beard != "none":
        words["beard"] = "a moustache" if face.beard == "moustache" else f"a {face.beard} beard"
    return words


def draw(face: Face, photo: Photo, size: int = SIZE) -> Image:
    """One portrait of `size` x `size` pixels, RGB; equal for equal arguments."""
    from PIL import Image, ImageEnhance

    canvas = _scene(photo)
    person = Image.new("RGBA", canvas.size, (0, 0, 0, 0))
    _draw_person(person, face, photo)
    centre = (canvas.width / 2, canvas.height / 2)
    person = person.rotate(photo.angle, Image.Resampling.BILINEAR, center=centre)
    side = round(canvas.width * photo.zoom)
    person = person.resize((side, side), Image.Resampling.BILINEAR)
    shift = (canvas.width - side) // 2
    corner = (shift + round(photo.dx * SCALE), shift + round(photo.dy * SCALE))
    canvas.paste(person, corner, person)
    small = canvas.resize((size, size), Image.Resampling.BOX)
    return ImageEnhance.Brightness(small).enhance(photo.light)


def draw_pair(faces: tuple[Face, Face], photo: Photo) -> Image:
    """A picture of two people, side by side."""
    from PIL import Image

    half = SIZE // 2
    canvas = Image.new("RGB", (SIZE, SIZE))
    for i, face in enumerate(faces):
        canvas.paste(draw(face, photo).crop((half // 2, 0, half // 2 + half, SIZE)), (i * half, 0))
    return canvas


def _scene(photo: Photo) -> Image:
    from PIL import Image, ImageDraw

    first, second = SCENES[photo.scene]
    calm = tuple((a + b) // 2 for a, b in zip(first, second, strict=True))  # so that the face is seen
    side = SIZE * SCALE
    canvas = Image.new("RGB", (side, side), first)
    pen = ImageDraw.Draw(canvas)
    kind = list(SCENES).index(photo.scene)
    step = side // 6
    for i in range(6):
        if kind % 4 == 0:
            pen.rectangle([i * step, 0, i * step + step // 2, side], fill=calm)
        elif kind % 4 == 1:
            pen.rectangle([0, side // 2 + i * step // 2, side, side], fill=calm)
        elif kind % 4 == 2:
            pen.rectangle([0, i * step, side, i * step + step // 3], fill=calm)
        else:
            pen.polygon([(i * step, side), (i * step + step // 2, 0), (i * step + step, side)], fill=calm)
    return canvas


class _Pen:
    """Draws in the 64 x 64 grid on a canvas that is `SCALE` times larger."""

    def __init__(self, image: Image) -> None:
        from PIL import ImageDraw

        self.pen = ImageDraw.Draw(image)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: tuple[int, ...] | None, line=None, width=1) -> None:
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.pen.ellipse(box, fill=fill, outline=line, width=round(width * SCALE))

    def box(self, x0: float, y0: float, x1: float, y1: float, fill=None, line=None, width=1.0) -> None:
        box = [x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE]
        self.pen.rectangle(box, fill=fill, outline=line, width=round(width * SCALE))

    def shape(self, points: list[tuple[float, float]], fill: tuple[int, ...]) -> None:
        self.pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def arc(self, x: float, y: float, rx: float, ry: float, span: tuple[int, int], fill, width: float) -> None:
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.pen.arc(box, *span, fill=fill, width=round(width * SCALE))


def _draw_person(image: Image, face: Face, photo: Photo) -> None:
    pen = _Pen(image)
    rx, ry = SHAPES[face.shape]
    skin, hair = SKINS[face.skin], HAIR_COLOURS[face.hair]
    _hair_back(pen, face, rx, ry, hair)
    _shirt(pen, face)
    pen.box(27, 46, 37, 56, fill=tuple(int(c * 0.85) for c in skin))
    pen.oval(32, 32, rx, ry, skin)
    _hair_front(pen, face, rx, ry, hair)
    _features(pen, face, photo, hair, ry)
    if photo.accessory == "hat":
        pen.box(32 - rx - 5, 13, 32 + rx + 5, 16, fill=(60, 45, 35))
        pen.box(32 - rx + 2, 2, 32 + rx - 2, 13, fill=(60, 45, 35))
    elif photo.accessory == "scarf":
        pen.box(20, 52, 44, 58, fill=(190, 60, 130))


def _hair_back(pen: _Pen, face: Face, rx: float, ry: float, hair: tuple[int, ...]) -> None:
    if face.style == "long":
        pen.box(32 - rx - 4, 26, 32 + rx + 4, 58, fill=hair)
        pen.oval(32, 27, rx + 4, ry, hair)
    elif face.style == "curly":
        for x, y in ((-1.0, -0.2), (-0.8, -0.8), (0, -1.05), (0.8, -0.8), (1.0, -0.2), (-1, 0.3), (1, 0.3)):
            pen.oval(32 + x * rx, 30 + y * ry, 8, 8, hair)
    elif face.style == "tied":
        pen.oval(32, 7, 7, 7, hair)
        pen.oval(32, 28, rx + 1, ry, hair)
    else:
        pen.oval(32, 27, rx + 1.5, ry - 1, hair)


def _hair_front(pen: _Pen, face: Face, rx: float, ry: float, hair: tuple[int, ...]) -> None:
    top = 32 - ry
    if face.style == "spiky":
        spikes = [(32 - rx + i * rx / 3, top + (9 if i % 2 == 0 else -6)) for i in range(7)]
        pen.shape([(32 - rx, top + 10), *spikes, (32 + rx, top + 10)], hair)
    elif face.style == "parted":
        pen.shape([(32 - rx, top + 14), (30, top - 3), (36, top + 6), (32 + rx, top + 12), (38, top - 3)], hair)
    else:
        pen.pen.chord(
            [(32 - rx) * SCALE, (top - 2) * SCALE, (32 + rx) * SCALE, (top + 20) * SCALE], 180, 360, fill=hair
        )


def _shirt(pen: _Pen, face: Face) -> None:
    colour = SHIRTS[face.shirt]
    contrast = (250, 250, 250) if sum(colour) < 420 else (40, 40, 60)
    pen.shape([(4, 66), (12, 54), (26, 50), (38, 50), (52, 54), (60, 66)], colour)
    if face.pattern == "striped":
        for x in range(8, 60, 8):
            pen.box(x, 54, x + 2.5, 66, fill=contrast)
    elif face.pattern == "dotted":
        for x in range(10, 60, 7):
            pen.oval(x, 60, 1.7, 1.7, contrast)


def _features(pen: _Pen, face: Face, photo: Photo, hair: tuple[int, ...], ry: float) -> None:
    ink = (35, 25, 25)
    for side in (-1, 1):
        pen.oval(32 + side * 8, 31, 4, 2.8, (250, 250, 250))
        pen.oval(32 + side * 8, 31, 2.3, 2.5, EYES[face.eyes])
        pen.box(32 + side * 8 - 4, 25, 32 + side * 8 + 4, 26.5, fill=hair)
    pen.shape([(32, 32), (29.5, 39), (34.5, 39)], tuple(int(c * 0.8) for c in SKINS[face.skin]))
    if face.beard in ("full", "goatee"):
        wide = 13 if face.beard == "full" else 5.5
        pen.pen.chord([(32 - wide) * SCALE, 34 * SCALE, (32 + wide) * SCALE, (33 + ry) * SCALE], 0, 180, fill=hair)
    if face.beard in ("full", "moustache"):
        pen.box(25, 40, 39, 42.5, fill=hair)
    if photo.smile:
        pen.arc(32, 42, 6, 4, (10, 170), (150, 30, 40), 1.5)
    else:
        pen.box(27, 44, 37, 45.5, fill=(150, 30, 40))
    if face.glasses == "round":
        for side in (-1, 1):
            pen.oval(32 + side * 8, 31, 6.5, 6.5, None, ink, 1.3)
    elif face.glasses == "square":
        for side in (-1, 1):
            pen.box(32 + side * 8 - 6.5, 26, 32 + side * 8 + 6.5, 36, line=(170, 20, 30), width=1.6)
    elif face.glasses == "dark":
        for side in (-1, 1):
            pen.box(32 + side * 8 - 6.5, 27, 32 + side * 8 + 6.5, 35, fill=ink)
    if face.mark in ("left", "right"):
        pen.oval(32 + (-11 if face.mark == "left" else 11), 40, 1.8, 1.8, (70, 25, 25))
    elif face.mark == "freckles":
        for x in (-12, -9, -6, 6, 9, 12):
            pen.oval(32 + x, 37 + (x % 2), 0.9, 0.9, (150, 75, 40))
