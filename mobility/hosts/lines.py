"""A field of lines, each in the notation of the import."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import TextAreaField

from mobility.core.files import BadCell

LONGEST_SHOWN = 40


class LinesField(TextAreaField):
    """Something on each line; `read` and `write` are those of one line."""

    data: Any

    def __init__(
        self,
        *arguments: Any,
        read: Callable[[str], Any],
        write: Callable[[Any], str],
        most: int,
        **more: Any,
    ) -> None:
        self._read, self._write, self._most = read, write, most
        super().__init__(*arguments, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = ()
        lines = [line for line in (valuelist[0] if valuelist else "").splitlines() if line.strip()]
        if len(lines) > self._most:
            raise ValueError(_("Write at most %(most)s lines.", most=self._most))
        try:
            self.data = tuple(self._read(line.strip()) for line in lines)
        except BadCell as bad:
            raise ValueError(f"{bad.value[:LONGEST_SHOWN]} {bad.reason}.") from None

    def add(self, more: Sequence[Any]) -> None:
        """Put lines below those that stand there, read or not."""
        text = "\n".join([self._value().rstrip(), *map(self._write, more)]).strip()
        self.raw_data, self.data = [text], (*(self.data or ()), *more)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(map(self._write, self.data or ()))
