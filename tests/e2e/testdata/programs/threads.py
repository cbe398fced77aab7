# Threads with a queue, a lock, a condition and a pool.
import concurrent.futures, queue, threading

jobs, results, lock = queue.Queue(), {}, threading.Lock()

def work():
    while (n := jobs.get()) is not None:
        value = sum(i * i for i in range(n))
        with lock:
            results[n] = value

workers = [threading.Thread(target=work) for _ in range(6)]
for w in workers:
    w.start()
for n in range(0, 4000, 10):
    jobs.put(n)
for _ in workers:
    jobs.put(None)
for w in workers:
    w.join()
print(len(results), sum(results.values()))

turn, order, cond = 0, [], threading.Condition()

def take(me):
    global turn
    for _ in range(20):
        with cond:
            cond.wait_for(lambda: turn % 4 == me)
            order.append(me)
            turn += 1
            cond.notify_all()

takers = [threading.Thread(target=take, args=(i,)) for i in range(4)]
for t in takers:
    t.start()
for t in takers:
    t.join()
print(order == [0, 1, 2, 3] * 20)

with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda x: x * x, range(500))))
