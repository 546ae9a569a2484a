// What spate_stress prints of a run's real faults.
#pragma once

#include <string>

#include "result_json.h"
#include "terminal.h"

namespace spate::bench {

// Of a row's object `spate`; nothing where the run had none.
std::string faults_report(const Json& spate, const Palette& palette);

}  // namespace spate::bench
