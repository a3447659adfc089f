//===- Sampler.cpp - Choosing the next token ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Sampler.h"

#include "heed/Support/Error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace heed {

Sampler::Sampler(const SamplerOptions &options, uint64_t sequence)
    : options(options) {
  std::seed_seq seeds{uint32_t(options.seed), uint32_t(options.seed >> 32),
                      uint32_t(sequence), uint32_t(sequence >> 32)};
  random.seed(seeds);
}

llvm::Expected<int32_t> Sampler::choose(llvm::ArrayRef<float> logits) {
  size_t best = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i]) || logits[i] == HUGE_VALF)
      return makeError(llvm::Twine("found ") +
                       (std::isnan(logits[i]) ? "NaN" : "infinity") +
                       " as logit of id " + llvm::Twine(i) +
                       ", wanted a number: weights that are not finite or that "
                       "overflow make such");
    if (logits[i] > logits[best])
      best = i;
  }
  if (logits.empty() || logits[best] == -HUGE_VALF)
    return makeError("found no logit above -infinity, wanted one");
  if (options.temperature == 0)
    return int32_t(best);
  return draw(logits, logits[best]);
}

int32_t Sampler::draw(llvm::ArrayRef<float> logits, float highest) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  std::vector<double> weights;
  for (int32_t id : order)
    weights.push_back(
        std::exp((double(logits[id]) - highest) / options.temperature));
  double total = std::accumulate(weights.begin(), weights.end(), 0.0), kept = 0;
  size_t count = 0;
  while (count < weights.size() && (count == 0 || kept < options.topP * total))
    kept += weights[count++];
  // 53 random bits are a double in [0, 1), on every machine.
  double rest = double(random() >> 11) * 0x1p-53 * kept;
  size_t chosen = 0;
  while (chosen + 1 < count && rest >= weights[chosen])
    rest -= weights[chosen++];
  return order[chosen];
}

} // namespace heed
