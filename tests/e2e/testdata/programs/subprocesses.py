# Children: pipes, environment, exit statuses, signals, sessions, a pool of processes.
import multiprocessing, os, signal, subprocess, sys

print(subprocess.run(["tr", "a-z", "A-Z"], input="shout", capture_output=True, text=True).stdout)
print(subprocess.run("echo out; echo err >&2; exit 9", shell=True, capture_output=True))
print(subprocess.check_output(["sh", "-c", "echo $COLOUR"], env={"COLOUR": "blue", "PATH": os.environ["PATH"]}))
child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
child.send_signal(signal.SIGTERM)
print("sleep ended with", child.wait())
pipe = subprocess.Popen([sys.executable, "-c", "for i in range(1000): print(i)"], stdout=subprocess.PIPE, text=True)
print("lines", sum(int(line) for line in pipe.stdout), pipe.wait())
try:
    subprocess.run(["sleep", "1000"], timeout=0.05)
except subprocess.TimeoutExpired:
    print("timed out")

def square(x):
    return x * x

if __name__ == "__main__":
    with multiprocessing.Pool(3) as pool:
        print(sum(pool.map(square, range(300), chunksize=10)))
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, b"from the child")
        os._exit(5)
    print(os.read(read, 100), os.waitstatus_to_exitcode(os.wait()[1]))
