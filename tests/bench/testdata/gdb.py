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


gdb.execute("starti")
threading.Thread(target=interrupt, args=(gdb.selected_inferior().pid,)).start()
gdb.execute("continue")
gdb.execute("record full")
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
gdb.execute("kill")
