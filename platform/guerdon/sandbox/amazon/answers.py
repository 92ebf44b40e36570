"""How the API answers: JSON with decimal numbers, and errors in one shape."""

import msgspec

ENCODER = msgspec.json.Encoder(decimal_format="number")


class ApiError(Exception):
    """An answer in the API's error shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"errors": [{"code": code, "message": message, "details": ""}]}
