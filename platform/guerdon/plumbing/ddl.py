"""What migrations need: hot SQL functions as files beside their feature."""

from importlib.resources import files


def sql_file(package: str, name: str) -> str:
    """The text of `<package>/sql/<name>.sql`."""
    return (files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
