# Counts interrupts from the terminal; the third one ends it.
import signal, sys

count = 0

def on_interrupt(number, frame):
    global count
    count += 1
    print("interrupt", count, flush=True)

signal.signal(signal.SIGINT, on_interrupt)
print("ready on", "a terminal" if sys.stdin.isatty() and sys.stdout.isatty() else "no terminal", flush=True)
while count < 3:
    signal.pause()
sys.exit(5)
