// Many tests at once: p values adjusted so that all that are at most alpha can be called findings
// with a chance of at most alpha that any one of them is false.
#pragma once

#include <span>
#include <vector>

namespace spate::compare {

// In the given order, at most 1, and a smaller p never gets the larger adjusted one. Whatever the
// dependence between the tests is. (Holm: A simple sequentially rejective multiple test procedure,
// Scandinavian Journal of Statistics 6, 1979.)
std::vector<double> holm(std::span<const double> p);

}  // namespace spate::compare
