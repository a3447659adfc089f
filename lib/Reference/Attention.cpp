//===- Attention.cpp - Softmax attention in plain loops -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Attention.h"
#include "heed/Reference/Block.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed::reference {

static constexpr double kNone = -std::numeric_limits<double>::infinity();

namespace {

/// Attends with one query head after the other.
class Attention {
public:
  explicit Attention(const AttentionInputs &inputs);
  std::optional<AttentionParts> run();

private:
  void findKeys(int64_t b, int64_t h, int64_t i);
  void scoreKeys(int64_t b, int64_t h, int64_t i);
  void accumulate(int64_t b, int64_t h, int64_t i);
  double queryPosition(int64_t b, int64_t i) const;
  /// Returns the row of key or value `key` of its segment.
  int64_t keyRow(int64_t b, int64_t h, int64_t segment, int64_t key) const;

  /// A key that the query at hand sees.
  struct Seen {
    int64_t segment, key;
  };

  const AttentionInputs &in;
  int64_t batch, heads, queries, keyHeads, allKeys = 0;
  AttentionParts parts;
  std::vector<Seen> seen;
  std::vector<double> scores, positions;
};

} // namespace

Attention::Attention(const AttentionInputs &inputs)
    : in(inputs), batch(in.query->shape[0]), heads(in.query->shape[1]),
      queries(in.query->shape[2]), keyHeads(in.segments[0].keys->shape[1]) {
  for (const KeySegment &segment : in.segments)
    allKeys += segment.keys->shape[2];
  int64_t width = in.segments[0].values->shape[3];
  parts.numerator = Tensor(Element::F64, {batch, heads, queries, width});
  parts.maximum = Tensor(Element::F64, {batch, heads, queries});
  parts.sum = Tensor(Element::F64, {batch, heads, queries});
}

double Attention::queryPosition(int64_t b, int64_t i) const {
  if (in.queryPositions)
    return in.queryPositions->row(b)[i];
  return static_cast<double>(i + allKeys - queries);
}

int64_t Attention::keyRow(int64_t b, int64_t h, int64_t segment,
                          int64_t key) const {
  int64_t group = h / (heads / keyHeads);
  return (b * keyHeads + group) * in.segments[segment].keys->shape[2] + key;
}

void Attention::findKeys(int64_t b, int64_t h, int64_t i) {
  seen.clear();
  positions.clear();
  double p = queryPosition(b, i);
  int64_t before = 0;
  for (int64_t s = 0, e = in.segments.size(); s < e; ++s) {
    const KeySegment &segment = in.segments[s];
    int64_t keys = segment.keys->shape[2];
    for (int64_t j = 0; j < keys; ++j) {
      double k = segment.positions ? segment.positions->row(b)[j]
                                   : static_cast<double>(before + j);
      bool sameSegment = !in.mask.segments || in.querySegments->row(b)[i] ==
                                                  segment.segments->row(b)[j];
      if (!sameSegment || !in.mask.isVisible(h, p, k))
        continue;
      seen.push_back({s, j});
      positions.push_back(k);
    }
    before += keys;
  }
}

void Attention::scoreKeys(int64_t b, int64_t h, int64_t i) {
  scores.resize(seen.size());
  const double *query = in.query->row((b * heads + h) * queries + i);
  for (size_t n = 0; n < seen.size(); ++n) {
    const Tensor &keys = *in.segments[seen[n].segment].keys;
    int64_t row = keyRow(b, h, seen[n].segment, seen[n].key);
    scores[n] = in.scale * dot(query, keys.row(row), keys.width());
    if (in.softcap)
      scores[n] = *in.softcap * std::tanh(scores[n] / *in.softcap);
  }
}

void Attention::accumulate(int64_t b, int64_t h, int64_t i) {
  int64_t row = (b * heads + h) * queries + i;
  double maximum = kNone;
  for (double score : scores)
    maximum = std::max(maximum, score);
  parts.maximum.data[row] = maximum;
  if (maximum == kNone)
    return;
  double *numerator = parts.numerator.row(row);
  double sum = 0;
  for (size_t n = 0; n < seen.size(); ++n) {
    const Tensor &values = *in.segments[seen[n].segment].values;
    const double *value =
        values.row(keyRow(b, h, seen[n].segment, seen[n].key));
    double weight = std::exp(scores[n] - maximum);
    sum += weight;
    for (int64_t d = 0, e = values.width(); d < e; ++d)
      numerator[d] += weight * value[d];
  }
  parts.sum.data[row] = sum;
}

std::optional<AttentionParts> Attention::run() {
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < queries; ++i) {
        findKeys(b, h, i);
        scoreKeys(b, h, i);
        if (in.score && !scores.empty() &&
            !(*in.score)({b, h, queryPosition(b, i), positions, scores}))
          return std::nullopt;
        accumulate(b, h, i);
      }
  return std::move(parts);
}

std::optional<AttentionParts> attend(const AttentionInputs &inputs) {
  return Attention(inputs).run();
}

Tensor AttentionParts::output(Element element) const {
  Tensor result(element, numerator.shape);
  int64_t width = numerator.width();
  for (int64_t row = 0, e = sum.size(); row < e; ++row) {
    if (sum.data[row] == 0)
      continue;
    for (int64_t d = 0; d < width; ++d)
      result.row(row)[d] = numerator.row(row)[d] / sum.data[row];
  }
  result.round();
  return result;
}

Tensor AttentionParts::logSumExp() const {
  Tensor result(Element::F32, sum.shape);
  for (int64_t row = 0, e = sum.size(); row < e; ++row)
    result.data[row] = sum.data[row] == 0
                           ? kNone
                           : maximum.data[row] + std::log(sum.data[row]);
  result.round();
  return result;
}

Tensor mergeAttention(llvm::ArrayRef<Attended> parts, Tensor &lse) {
  const Tensor &first = *parts.front().output;
  Tensor output(first.element, first.shape);
  lse = Tensor(Element::F32, parts.front().lse->shape);
  int64_t width = output.width();
  for (int64_t row = 0, e = lse.size(); row < e; ++row) {
    double maximum = kNone, sum = 0;
    for (const Attended &part : parts)
      maximum = std::max(maximum, part.lse->data[row]);
    lse.data[row] = maximum;
    if (maximum == kNone)
      continue;
    for (const Attended &part : parts)
      sum += std::exp(part.lse->data[row] - maximum);
    lse.data[row] = maximum + std::log(sum);
    for (const Attended &part : parts) {
      double weight = std::exp(part.lse->data[row] - maximum) / sum;
      for (int64_t d = 0; d < width; ++d)
        output.row(row)[d] += weight * part.output->row(row)[d];
    }
  }
  output.round();
  lse.round();
  return output;
}

} // namespace heed::reference
