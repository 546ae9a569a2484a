#include "host.h"

#include <malloc.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <thread>
#include <vector>

namespace spate::bench {
namespace {

struct CpuTimes {
  std::uint64_t idle = 0;
  std::uint64_t all = 0;
};

// The first line of /proc/stat: user nice system idle iowait irq softirq steal (proc(5)).
CpuTimes cpu_times() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  stat >> cpu;
  std::vector<std::uint64_t> ticks;
  for (std::uint64_t value = 0; ticks.size() < 8 && stat >> value;) {
    ticks.push_back(value);
  }
  if (ticks.size() < 8) {
    return {};
  }
  return {ticks[3] + ticks[4], std::accumulate(ticks.begin(), ticks.end(), std::uint64_t{0})};
}

// What was freed before does not count as ours.
void give_back_freed() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

std::string kernel_version() {
  utsname names{};
  if (uname(&names) != 0) {
    return "unknown";
  }
  return std::string(names.sysname) + " " + names.release;
}

double host_idle_percent() {
  const CpuTimes before = cpu_times();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the span that is measured
  const CpuTimes after = cpu_times();
  if (after.all <= before.all) {
    return -1.0;
  }
  return 100.0 * static_cast<double>(after.idle - before.idle) /
         static_cast<double>(after.all - before.all);
}

std::int64_t resident_bytes() {
  give_back_freed();
  std::ifstream statm("/proc/self/statm");
  std::int64_t size_pages = 0;
  std::int64_t resident_pages = 0;
  statm >> size_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

// VmHWM of /proc/self/status, in kB (proc(5)).
std::int64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) {
      return kilobytes * 1024;
    }
  }
  return 0;
}

void reset_peak_resident() {
  give_back_freed();
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): resets the peak
}

}  // namespace spate::bench
