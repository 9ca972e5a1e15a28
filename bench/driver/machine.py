"""What the machine is, and what it and its processes are doing."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))


def describe(folder):
    """Lines about the machine that a reader needs to judge the numbers."""
    model = next((line.split(":")[1].strip() for line in read("/proc/cpuinfo").splitlines() if line.startswith("model name")), "unknown CPU")
    memory = int(read("/proc/meminfo").split()[1]) // (1024 * 1024)
    disk = subprocess.run(["df", "--output=source,fstype", folder], capture_output=True, text=True, check=True).stdout
    disk = " ".join(disk.splitlines()[1].split())
    load = read("/proc/loadavg").rsplit(" ", 2)[0]
    return f"{len(CORES)} cores of {model}, {memory} GiB, Linux {platform.release()}, {disk}, load at the start {load}"


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def busy_seconds():
    """CPU seconds that all processes together have used, and that the host took away."""
    ticks = [int(text) for text in read("/proc/stat").splitlines()[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS


def tree(pid):
    """The process and all its descendants."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(read(f"/proc/{name}/stat").rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu_seconds(pids):
    """CPU seconds that each of these processes has used; those that ended are left out."""
    seconds = {}
    for pid in pids:
        try:
            fields = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
        except OSError:
            continue
        seconds[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def resident_mib(pid):
    """Resident memory of a process, in MiB."""
    line = next(line for line in read(f"/proc/{pid}/status").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@dataclass
class Used:
    """What a program used from its start to its end: seconds, and MiB."""

    wall: float
    cpu: float
    peak_mib: float


def last_line(file):
    """The last line of a long file. Not all of it is read: a program that is started next would count our memory as its own."""
    with open(file, "rb") as lines:
        lines.seek(-min(4096, file.stat().st_size), os.SEEK_END)
        return lines.read().decode().splitlines()[-1]


def run_measured(argv, stdout):
    """Runs a program that must succeed, and returns what it used."""
    started = time.monotonic()
    process = subprocess.Popen(argv, stdout=stdout)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(argv)}: ended with {process.returncode}")
    return Used(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def prefer(pids, nice):
    """Puts processes ahead of (or behind) others; does nothing where that is not allowed."""
    for pid in pids:
        try:
            os.setpriority(os.PRIO_PROCESS, pid, nice)
            with open(f"/proc/{pid}/autogroup", "w", encoding="ascii") as file:
                file.write(str(nice))
        except OSError:
            pass


class Patience:
    """Waits for quiet moments, for a bounded time in all."""

    # The share of one core that others may use while we measure.
    OTHERS_MAX = 0.08

    def __init__(self, seconds):
        self.left = seconds

    def wait(self):
        """Returns when nobody else uses the machine, or the time is used up."""
        while self.left > 0:
            started, before = time.monotonic(), busy_seconds()
            time.sleep(0.25)
            used = (busy_seconds() - before) / (time.monotonic() - started)
            self.left -= time.monotonic() - started
            if used < 2 * self.OTHERS_MAX:
                return
