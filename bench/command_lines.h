// The programs' command lines by themselves, for what documents them.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace spate::bench {

using SeeApp = std::function<void(const CLI::App& app)>;

// Each shows the App that the program of its name parses with, under that name.
void see_bench_app(const SeeApp& see);
void see_stress_app(const SeeApp& see);
void see_brokers_app(const SeeApp& see);
void see_conformance_app(const SeeApp& see);
void see_proxy_app(const SeeApp& see);

}  // namespace spate::bench
