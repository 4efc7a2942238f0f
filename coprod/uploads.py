"""How files that somebody sends come in: to a temporary file, and never without end."""

import contextlib
import io
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

#: Of one file, in bytes, which every form here refuses anyway; and of all that is sent at once.
MOST_OF_A_FILE = 10 * 1024 * 1024
MOST_AT_ONCE = 80 * 1024 * 1024


class ToDiskWithinReason(TemporaryFileUploadHandler):
    """Django's own, but a file that is too large, or for which the disk has no room, is let go.

    It then arrives empty with the size that it had, so that its form can say so in words and
    keep everything else. What is larger than any form could want isn't read at all.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Raises RequestDataTooBig, before anything is read."""
        if content_length > MOST_AT_ONCE:
            raise RequestDataTooBig("More files were sent than any form here takes.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.file: Any = None
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self.file = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.file is None:
            return
        try:
            if start + len(raw_data) > MOST_OF_A_FILE:
                raise OSError
            self.file.write(raw_data)
        except OSError:
            self._let_go()

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.file is not None:
            try:
                return super().file_complete(file_size)
            except OSError:  # what was still in memory found no room
                self._let_go()
        return InMemoryUploadedFile(
            io.BytesIO(), self.field_name, self.file_name, self.content_type, file_size, None
        )

    def upload_interrupted(self) -> None:
        if self.file is not None:
            super().upload_interrupted()

    def _let_go(self) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
        self.file = None
