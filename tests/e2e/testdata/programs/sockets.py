# Sockets on loopback: TCP with threads, UDP, Unix sockets with a passed descriptor, select and asyncio.
import array, asyncio, os, select, socket, threading

def serve(listener):
    for _ in range(5):
        conn, _ = listener.accept()
        with conn:
            while data := conn.recv(4096):
                conn.sendall(data[::-1])

listener = socket.create_server(("127.0.0.1", 0))
server = threading.Thread(target=serve, args=(listener,))
server.start()
total = 0
for i in range(5):
    with socket.create_connection(listener.getsockname()) as client:
        for j in range(20):
            message = bytes([i, j]) * 500
            client.sendall(message)
            got = b""
            while len(got) < len(message):
                got += client.recv(65536)
            assert sorted(got) == sorted(message)
            total += len(got)
server.join()
print("tcp", total)

a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
a.bind(("127.0.0.1", 0))
b.sendto(b"datagram", a.getsockname())
print("udp", select.select([a], [], [], 10)[0] == [a], a.recvfrom(100)[0])

left, right = socket.socketpair()
read, write = os.pipe()
socket.send_fds(left, [b"here"], [write])
message, fds, _, _ = socket.recv_fds(right, 100, 1)
os.write(fds[0], b"through a passed descriptor")
print(message, os.read(read, 100))

async def main():
    async def echo(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    async def ask(i):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"line %d\n" % i)
        writer.write_eof()
        return await reader.read()
    answers = await asyncio.gather(*(ask(i) for i in range(20)))
    print("asyncio", sorted(answers) == sorted(b"LINE %d\n" % i for i in range(20)))
    server.close()

asyncio.run(main())
