//===- Fixtures.h - Models with a property ----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes tiny checkpoints that have the properties which rewrites name in
/// `exactWhen` (passes/framework/Rewrite.h). All have the same shape, so that
/// what differs between two is the property alone.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_FIXTURES_H
#define HEED_TEST_UNIT_MODELS_FIXTURES_H

#include "passes/framework/Rewrite.h"
#include "test/unit/models/RandomCheckpoint.h"

#include <memory>

namespace heed {

/// What every fixture has.
inline constexpr int64_t kFixtureLayers = 6;
inline constexpr int64_t kFixtureContext = 128;
inline constexpr int32_t kFixtureVocabulary = 61;

/// Makes a Llama with random weights that has `fixture`; Fixture::None has
/// nothing but random weights.
std::unique_ptr<RandomCheckpoint> makeFixture(Fixture fixture);

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_FIXTURES_H
