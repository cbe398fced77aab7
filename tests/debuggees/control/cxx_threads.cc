// Proves: std::thread, mutex, condition_variable, promise, call_once, thread_local with destructors, timed waits.
#include "../debuggee.h"
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

static std::mutex m;
static std::condition_variable cv;
static std::deque<int> queue;
static bool closed;
static int gone, once;
static std::once_flag flag;

struct Local {
	int n = 0;
	~Local() {
		std::lock_guard<std::mutex> l(m);
		gone++;
	}
};
static thread_local Local local;

static long consume() {
	long sum = 0;
	for (;;) {
		std::unique_lock<std::mutex> l(m);
		cv.wait(l, [] { return closed || !queue.empty(); });
		if (queue.empty()) return sum;
		sum += queue.front();
		queue.pop_front();
		local.n++;
		l.unlock();
		std::call_once(flag, [] { once++; });
		mix(sum), witness();
	}
}

int main() {
	std::vector<std::future<long>> parts;
	for (int i = 0; i < 4; i++) parts.push_back(std::async(std::launch::async, consume));
	for (int i = 1; i <= 500; i++) {
		{
			std::lock_guard<std::mutex> l(m);
			queue.push_back(i);
		}
		cv.notify_one(); // BP1
	}
	{
		std::lock_guard<std::mutex> l(m);
		closed = true;
	}
	cv.notify_all();
	long sum = 0;
	for (auto &p : parts) sum += p.get();
	CHECK(sum == 125250 && once == 1);
	std::promise<int> p;
	auto f = p.get_future();
	CHECK(f.wait_for(std::chrono::milliseconds(3)) == std::future_status::timeout);
	std::thread t([&p] { p.set_value(9); });
	CHECK(f.get() == 9);
	t.join();
	std::this_thread::sleep_for(std::chrono::milliseconds(1));
	ok("cxx_threads");
}
