"""Files on their way in: written to the disk as they come, never more of one, or of a request, than may be kept."""

import io
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class TooLargeFile(UploadedFile):
    """What is left of a file that was too large: its name and size. Its bytes were thrown away as they came."""


class CappedUploadHandler(TemporaryFileUploadHandler):
    """A file is counted while it comes; beyond the limit nothing more of it is written (it runs before any view)."""

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Refuse a request that says it is far too large before a byte of it is read."""
        if content_length > 2 * settings.UPLOAD_MAX_BYTES_OF_REQUEST:
            raise RequestDataTooBig("The request is larger than all files that may be sent at once.")
        self.received = 0  # of this request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write it while it may be kept."""
        self.received += len(raw_data)
        if start + len(raw_data) <= settings.UPLOAD_MAX_BYTES and self.received <= settings.UPLOAD_MAX_BYTES_OF_REQUEST:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """The file, or its name and size when it was too large."""
        too_large = file_size > settings.UPLOAD_MAX_BYTES or self.received > settings.UPLOAD_MAX_BYTES_OF_REQUEST
        if not too_large:
            kept = super().file_complete(file_size)
            assert kept is not None
            return kept
        self.file.close()
        return TooLargeFile(io.BytesIO(), self.file_name, self.content_type, file_size, self.charset)
