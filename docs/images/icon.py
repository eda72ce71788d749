#!/usr/bin/env python3
"""Draws icon.png, the icon of the packages: the spectrum of a Hessian, a bulk at zero and the few eigenvalues that stand out of it.

    python3 docs/images/icon.py
"""
import math
import pathlib
import struct
import zlib

SIZE = 128
FINE = 4  # points along each side of a pixel

GROUND = (16, 42, 67)
BULK = (86, 180, 233)
OUTLIER = (230, 159, 0)
CORNER = 24
BASE = 100
BULK_CENTRE, BULK_RADIUS, BULK_HEIGHT = 44, 30, 68
OUTLIERS = [(84, 30), (97, 22), (110, 44)]
HALF_WIDTH = 3


def colour(x, y):
    """Colour of a point with its opacity, the origin at the upper left."""
    inner_x = max(CORNER - x, x - (SIZE - CORNER), 0)
    inner_y = max(CORNER - y, y - (SIZE - CORNER), 0)
    if math.hypot(inner_x, inner_y) > CORNER:
        return (*GROUND, 0)
    if y < BASE:
        across = (x - BULK_CENTRE) / BULK_RADIUS
        if abs(across) < 1 and BASE - y < BULK_HEIGHT * math.sqrt(1 - across * across):
            return (*BULK, 255)
        if any(abs(x - centre) < HALF_WIDTH and BASE - y < height for centre, height in OUTLIERS):
            return (*OUTLIER, 255)
    elif y < BASE + 2 and 12 < x < SIZE - 12:
        return (255, 255, 255, 255)
    return (*GROUND, 255)


def pixel(column, row):
    points = [colour(column + (i + 0.5) / FINE, row + (j + 0.5) / FINE) for i in range(FINE) for j in range(FINE)]
    opacity = sum(point[3] for point in points)
    mixed = [round(sum(point[c] * point[3] for point in points) / max(1, opacity)) for c in range(3)]
    return bytes([*mixed, round(opacity / len(points))])


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0))
image += chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
pathlib.Path(__file__).with_name("icon.png").write_bytes(image)
