# json, hashing, compression, big numbers, files and the clock.
import hashlib, json, os, random, tempfile, time, zlib

random.seed(2)
data = {f"key {i}": [random.random() for _ in range(20)] + [{"text": "ü" * (i % 9)}] for i in range(2000)}
text = json.dumps(data, sort_keys=True)
assert json.loads(text) == data
print("json", len(text), hashlib.sha256(text.encode()).hexdigest())
packed = zlib.compress(text.encode())
assert zlib.decompress(packed) == text.encode()
print("zlib", len(packed))
print("number", 3 ** 5000 % (10 ** 40))
with tempfile.TemporaryDirectory() as place:
    for i in range(50):
        with open(os.path.join(place, str(i)), "w") as f:
            f.write(text[i:i + 1000])
    print("files", sum(os.stat(e.path).st_size for e in os.scandir(place)))
before, wall = time.monotonic(), time.time()
time.sleep(0.01)
print("time goes on", time.monotonic() - before >= 0.01, time.time() > wall, len(os.urandom(16)))
