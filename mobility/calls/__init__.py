"""Calls: one edition of the scheme, its rules as data, its money per partnership."""
