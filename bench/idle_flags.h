// Flags that would change nothing in any of the runs that are asked for. Nobody means them to; who
// gives one believes in runs that are others than those that are made.
#pragma once

#include <string_view>

namespace CLI {
class App;
}

namespace spate::bench {

struct Options;

// Whether no cell of the axes heeds that flag, such as "--window". The brokers need not be
// understood.
bool is_idle(std::string_view flag, const Options& options);

// Throws Error for one that was given and is idle.
void refuse_idle_flags(const CLI::App& app, const Options& options);

}  // namespace spate::bench
