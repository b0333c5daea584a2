"""Where is an uploaded file while it is looked at? In memory only: an order that lay in a temporary file would be plain on disk."""

from io import BytesIO
from typing import Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MAX_REQUEST_BYTES: Final = 12 * 1024 * 1024


class InMemoryOnly(FileUploadHandler):
    """Keeps the files of one request, up to a bound for all of them; beyond it only their size is known."""

    def __init__(self, request: Any = None) -> None:
        """Begin with nothing kept."""
        super().__init__(request)
        self._kept = 0
        self._file = BytesIO()

    def new_file(self, *arguments: Any, **named: Any) -> None:
        """Begin with the next file."""
        super().new_file(*arguments, **named)
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - as Django calls it
        """Keep a piece, as long as there is room."""
        self._kept += len(raw_data)
        if self._kept <= MAX_REQUEST_BYTES:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file; one that did not fit has its true size, and the form refuses it by that."""
        self._file.seek(0)
        fits = self._kept <= MAX_REQUEST_BYTES
        return InMemoryUploadedFile(
            file=self._file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size if fits else MAX_REQUEST_BYTES + file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
