// What functions, inlined calls and lines can be. Tests find lines by their marks.
#include <cstdio>

namespace ns {
struct Class {
  int n;
  Class(int a) : n(a) {}
  __attribute__((noinline)) int method(int x) { // METHOD
    return x * n + 1; // IN METHOD
  }
};

template <class T> __attribute__((noinline)) T twice(T a) { // TWICE
  T b = a; // IN TWICE
  return b + a;
}

inline __attribute__((always_inline)) int inner(int a) { // INNER
  volatile int r = a * 3; // IN INNER
  return r + 1;
}

inline __attribute__((always_inline)) int outer(int a) {
  volatile int x = inner(a); // CALLS INNER
  return x + 1;
}
} // namespace ns

namespace {
__attribute__((noinline)) int hidden(int a) { // HIDDEN
  if (a > 100)
    throw 5;
  return a - 1;
}
} // namespace

extern "C" __attribute__((noinline)) int plain(int a) { // PLAIN
  volatile int s = 0; // IN PLAIN

  // Nothing here. EMPTY
  s += ns::outer(a); // CALLS OUTER
  for (int i = 0; i < a; i++) // LOOP
    s += ns::outer(i) + hidden(i); // TWO CALLS
  auto f = [&](int q) { // LAMBDA
    return q + s; // IN LAMBDA
  };
  return f(a); // AFTER
} // END

int main(int argc, char **argv) { // MAIN
  ns::Class c(argc); // IN MAIN
  printf("%d %d %d %g\n", plain(argc), c.method(2), ns::twice(3), ns::twice(2.5)); // PRINT
  return 0;
}
