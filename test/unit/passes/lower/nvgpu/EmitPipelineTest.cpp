//===- EmitPipelineTest.cpp - Faults planted in pipelines are found -------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Of a kernel that the tests of EmitConsumers find right, every wait, release
/// and expectation is needed: without it the emulator complains, or the
/// result is wrong, on one of a few seeds.
///
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/AttentionKernels.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

/// What is replaced, wherever it stands, one place at a time; and in how many
/// places that may pass.
struct Fault {
  const char *name, *text, *instead;
  int passing = 0;
};

const Fault faults[] = {
    {"no wait for a phase", "mbarrier.try_wait.parity.shared::cta.b64 done,",
     "setp.eq.b32 done, 0, 0; //",
     // The producer for free keys, since values hold it back; the last values,
     // which have come by then but on rare seeds.
     2},
    // Programs outside of the grid's last dimension and streams without steps
    // have places that this kernel does not reach.
    {"no release", "mbarrier.arrive.shared::cta.b64 _,", "mov.b32 %r1, 0; //",
     2},
    {"no bytes expected", "mbarrier.arrive.expect_tx", "mov.b32 %r1, 0; //", 1},
    {"no wait for products", "wgmma.wait_group.sync.aligned", "//"},
    {"no commit", "wgmma.commit_group.sync.aligned;", ""},
    {"no barriers made", "mbarrier.init.shared.b64", "//"},
    {"no barrier behind making them", "bar.sync \t0;", ""},
    {"a number drawn twice", "[attention_kernel_drawn], 1;",
     "[attention_kernel_drawn], 0;"},
};

std::vector<size_t> findAll(const std::string &text, const std::string &word) {
  std::vector<size_t> places;
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at)
    places.push_back(at);
  return places;
}

/// Several programs for each block, and several rounds through the rings.
AttentionCase makeCase() {
  AttentionCase shape;
  shape.heads = 3;
  shape.queries = 200;
  shape.keys = 600;
  return shape;
}

class EmitPipeline : public testing::Test {
protected:
  /// What goes wrong on one of a few seeds, or nothing.
  std::string findFault(const std::string &text) {
    for (uint64_t seed = 1; seed != 7; ++seed) {
      AttentionError error = runAttention(shape, image, text, seed);
      if (!error.fault.empty())
        return error.fault;
      if (!(error.output < 4e-3))
        return "the result is off by " + std::to_string(error.output);
    }
    return "";
  }

  AttentionCase shape = makeCase();
  GpuImage image = compileAttention(shape);
};

TEST_F(EmitPipeline, EveryFaultIsFound) {
  ASSERT_TRUE(image.kernels.front().isPersistent);
  ASSERT_EQ(findFault(image.ptx), "");
  for (const Fault &fault : faults) {
    std::vector<size_t> places = findAll(image.ptx, fault.text);
    EXPECT_FALSE(places.empty()) << fault.name;
    int passed = 0;
    for (size_t at : places) {
      std::string wrong = image.ptx;
      wrong.replace(at, strlen(fault.text), fault.instead);
      passed += findFault(wrong).empty();
    }
    EXPECT_LE(passed, fault.passing) << fault.name;
    EXPECT_LT(passed, int(places.size())) << fault.name;
  }
}

} // namespace
