"""Becomes another program: as a child that ends with its parent, and as another user where root is refused.

Run as a file (`python -I -S launch.py PARENT_PID SIGNAL USER -- COMMAND...`) between the fork and the
program: the calls below must be made by the child itself, and `preexec_fn` is not safe beside threads.
USER is `-` for no change. Outside Linux only the change of user is made.
"""

import ctypes
import os
import pwd
import signal
import stat
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
LINUX_CAPABILITY_VERSION_3 = 0x20080522


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def end_with_parent(parent: int, death_signal: int) -> None:
    """Have the kernel send `death_signal` to this process when its parent dies, however that dies."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before the call above
        os.kill(os.getpid(), signal.SIGKILL)


def is_shut_to_others(path: str) -> bool:
    """Whether some folder above `path` may not be entered by other users (a home folder of mode 700)."""
    folder = os.path.dirname(os.path.abspath(path))
    while True:
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return True
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent


def become(user: str, *, pass_shut_folders: bool) -> None:
    """Run as `user` from here on; with `pass_shut_folders`, keep the one capability that passes file modes.

    Without it a server that refuses to run as root could not reach a checkout below root's own home.
    """
    account = pwd.getpwnam(user)
    libc = ctypes.CDLL(None, use_errno=True)
    keep = pass_shut_folders and sys.platform == "linux"
    if keep:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    if keep:
        bit = 1 << CAP_DAC_OVERRIDE
        sets = (_CapabilitySets * 2)(_CapabilitySets(bit, bit, bit), _CapabilitySets(0, 0, 0))
        libc.capset(ctypes.byref(_CapabilityHeader(LINUX_CAPABILITY_VERSION_3, 0)), sets)
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def main(arguments: list[str]) -> None:
    """See the head of this file."""
    parent, death_signal, user, separator, *command = arguments
    assert separator == "--"
    if user != "-":
        become(user, pass_shut_folders=is_shut_to_others(command[0]) or is_shut_to_others(os.getcwd()))
    if sys.platform == "linux":
        end_with_parent(int(parent), int(death_signal))  # after the change of user, which would clear it
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
