# Run by gdb, see gdb.go.
import gdb
import os
import re
import signal
import threading
import time

for setting in "confirm off", "pagination off", "debuginfod enabled off", "startup-with-shell on", "inferior-tty /dev/null":
    gdb.execute("set " + setting)
steps = int(os.environ["STEPS"])
gdb.execute("set record full insn-number-max %d" % (steps * 2))


def interrupt(pid):
    """Interrupts the program when it has computed for $DELAY seconds."""
    try:
        used = 0.0
        while used < float(os.environ["DELAY"]):
            time.sleep(0.01)
            with open("/proc/%d/stat" % pid) as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        os.kill(pid, signal.SIGINT)
    except OSError:
        pass  # it has ended




def timed(command):
    """Executes a command and returns the seconds."""
    start = time.time()
    gdb.execute(command, to_string=True)
    return time.time() - start


def goto(place):
    """Goes to the begin or the end of what was recorded."""
    try:
        gdb.execute("record goto " + place, to_string=True)
    except gdb.error:
        pass  # it is there


def used():
    """Returns the memory that gdb uses, in bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def travel(count):
    """Goes back and forth in the instructions that were recorded."""
    goto("end")
    print("STEP", *[timed("reverse-stepi") for _ in range(100)])
    goto("end")
    print("REVERSE", count, timed("reverse-continue"))
    if "STOP" in os.environ:
        gdb.execute(os.environ["STOP"])
        for word, start, move in (("BACK", "end", "reverse-continue"), ("FORWARD", "begin", "continue")):
            goto(start)
            before = int(gdb.parse_and_eval(os.environ["COUNT"]))
            seconds = timed(move)
            print(word, abs(int(gdb.parse_and_eval(os.environ["COUNT"])) - before), seconds)


gdb.execute("starti")
if "START" in os.environ:
    gdb.execute("tbreak " + os.environ["START"])
else:
    threading.Thread(target=interrupt, args=(gdb.selected_inferior().pid,)).start()
gdb.execute("continue")
gdb.execute("record full")
memory = used()
start = time.time()
why = ""
try:
    gdb.execute("stepi %d" % steps)
except gdb.error:
    pass  # it cannot record the next instruction
seconds = time.time() - start
recorded = re.search(r"Log contains (\d+) instructions", gdb.execute("info record", to_string=True))
count = int(recorded.group(1)) if recorded else 0
if count < steps * 9 // 10:
    why = ": stops at " + gdb.execute("x/i $pc", to_string=True).split(":", 1)[1].strip().replace("\t", " ")
print("\nRECORDED %d %f%s" % (count, seconds, why), flush=True)
if "TRAVEL" in os.environ and count:
    print("MEMORY", (used() - memory) / count)
    try:
        travel(count)
    except gdb.error as error:
        print("FAILED: %s" % error)
gdb.execute("kill")
