"""Distance between two places on the globe."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088


def km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """The great-circle distance in whole kilometres, rounded down so that "under 200 km" stays true."""
    north, other_north = radians(latitude), radians(other_latitude)
    east = radians(other_longitude - longitude)
    half_chord = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(east / 2) ** 2
    return int(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord))))
