# What Python does with its output. Lines with "hidden" go elsewhere.
import os
import subprocess
import sys
import threading

print("print")
print("error", file=sys.stderr)
print("no end of line", end="")
sys.stdout.flush()
os.write(1, b" but now\n")
os.writev(2, [b"vec", b"tor\n"])
print(subprocess.run(["echo", "captured"], capture_output=True, text=True).stdout.upper(), end="", flush=True)
subprocess.run(["echo", "passed on"], stdin=subprocess.DEVNULL)
subprocess.run("echo hidden; echo both >&2", shell=True, stdout=subprocess.DEVNULL)
subprocess.run("echo swapped", shell=True, stdout=sys.stderr)
read, write = os.pipe()
if os.fork() == 0:
    os.dup2(write, 1)
    print("hidden", flush=True)
    print("child", file=sys.stderr, flush=True)
    os._exit(0)
os.close(write)
os.wait()
with os.fdopen(read) as pipe:
    print("through a pipe:", len(pipe.read()))
for i in range(3):
    thread = threading.Thread(target=lambda: print("thread", i))
    thread.start()
    thread.join()
with open("/dev/stdout", "a") as again:
    sys.stdout.flush()
    print("x" * 300_000, file=again)
os.set_inheritable(2, False)
subprocess.run(["sh", "-c", "echo still"], close_fds=True)
sys.exit("the end")
