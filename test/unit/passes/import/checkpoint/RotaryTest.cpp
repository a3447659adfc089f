//===- RotaryTest.cpp - Tests of rotary parameters ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

#include <cmath>

namespace {

using heed::faultOf;
using heed::ModelConfig;
using heed::RotaryConfig;
using heed::RotaryType;

const std::string kLlama = R"("model_type": "llama", )";
const double kPi = std::acos(-1.0);

RotaryConfig read(const std::string &members) {
  return heed::readMembers(kLlama + members).rotary;
}

/// Compares with frequencies in double; all are rounded a few times at most.
void expectNear(const std::vector<float> &found,
                const std::vector<double> &wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i] / wanted[i], 1.0, 1e-6) << i;
}

std::vector<double> plain(double theta, int64_t width) {
  std::vector<double> result;
  for (int64_t i = 0; i < width / 2; ++i)
    result.push_back(std::exp(-std::log(theta) * 2 * i / width));
  return result;
}

TEST(Rotary, BothSpellingsSayTheSame) {
  RotaryConfig old = read(
      R"("rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3",
         "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 64})");
  RotaryConfig fresh = read(
      R"("rope_parameters": {"rope_theta": 500000.0, "rope_type": "llama3",
         "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 64})");
  EXPECT_EQ(old.type, RotaryType::Llama3);
  EXPECT_EQ(fresh.type, RotaryType::Llama3);
  EXPECT_EQ(getInverseFrequencies(old, 32), getInverseFrequencies(fresh, 32));
  EXPECT_EQ(fresh.theta, 500000.0);
  EXPECT_EQ(getAmplitude(fresh), 1.0);
}

TEST(Rotary, DefaultIsGeometric) {
  RotaryConfig rotary = read(R"("rope_theta": 10000.0, "rope_scaling": null)");
  expectNear(getInverseFrequencies(rotary, 64), plain(10000, 64));
  EXPECT_EQ(getInverseFrequencies(rotary, 64).front(), 1.0f);
}

TEST(Rotary, LinearDividesAll) {
  RotaryConfig rotary =
      read(R"("rope_scaling": {"type": "linear", "factor": 4})");
  std::vector<double> wanted = plain(10000, 16);
  for (double &frequency : wanted)
    frequency /= 4;
  expectNear(getInverseFrequencies(rotary, 16), wanted);
}

TEST(Rotary, Llama3LeavesShortWavesAndStretchesLongOnes) {
  RotaryConfig rotary = read(
      R"("rope_theta": 10000.0, "rope_scaling": {"rope_type": "llama3",
         "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 64})");
  std::vector<double> wanted = plain(10000, 16);
  int between = 0;
  for (double &frequency : wanted) {
    double turns = 64 * frequency / (2 * kPi); // in the original context
    double kept = std::min(1.0, std::max(0.0, (turns - 1) / 3));
    between += kept > 0 && kept < 1;
    frequency *= kept + (1 - kept) / 8;
  }
  EXPECT_EQ(between, 2);
  expectNear(getInverseFrequencies(rotary, 16), wanted);
}

TEST(Rotary, YarnRampsBetweenDimensions) {
  // Computed apart, in double, from the formulas of the paper.
  const std::vector<double> wanted = {
      1,      0.25693506,     0.0625,  0.0138349648,
      0.0025, 0.000790569415, 0.00025, 7.90569415e-05};
  RotaryConfig rotary = read(
      R"("max_position_embeddings": 1024, "rope_scaling": {"rope_type": "yarn",
         "factor": 4.0, "original_max_position_embeddings": 256})");
  expectNear(getInverseFrequencies(rotary, 16), wanted);
  EXPECT_NEAR(getAmplitude(rotary), 1.138629436111989, 1e-12);
  rotary = read(R"("rope_scaling": {"rope_type": "yarn", "factor": 4.0,
                   "attention_factor": 0.75})");
  EXPECT_EQ(getAmplitude(rotary), 0.75);
  EXPECT_EQ(rotary.originalContext, 2048);
  rotary = read(R"("rope_scaling": {"rope_type": "yarn", "factor": 4.0,
                   "mscale": 2.0, "mscale_all_dim": 1.0})");
  EXPECT_NEAR(getAmplitude(rotary),
              (0.2 * std::log(4) + 1) / (0.1 * std::log(4) + 1), 1e-12);
}

TEST(Rotary, TypesThatDependOnTheLengthAreRefusedByName) {
  for (const char *type : {"dynamic", "longrope"})
    EXPECT_EQ(faultOf(kLlama + R"("rope_scaling": {"factor": 2.0, "type": ")" +
                      type + "\"}"),
              std::string("config.json: key \"rope_scaling.type\": found "
                          "string \"") +
                  type +
                  "\", wanted default, linear, llama3 or yarn: frequencies "
                  "that depend on the current length are not supported");
  EXPECT_EQ(faultOf(kLlama + R"("rope_parameters": {"rope_type": "mrope"})"),
            "config.json: key \"rope_parameters.rope_type\": found string "
            "\"mrope\", wanted default, linear, llama3 or yarn");
}

TEST(Rotary, ContradictionsNameBoth) {
  EXPECT_EQ(
      faultOf(kLlama + R"("rope_theta": 1e4,
                    "rope_parameters": {"rope_theta": 2e4})"),
      "config.json: key \"rope_parameters.rope_theta\": found number 2e4, "
      "wanted the top level's rope_theta 10000");
  EXPECT_EQ(faultOf(kLlama + R"("rope_scaling": {"type": "linear",
                    "rope_type": "yarn", "factor": 2})"),
            "config.json: key \"rope_scaling.rope_type\": found string "
            "\"yarn\", wanted type's \"linear\"");
  EXPECT_EQ(faultOf(kLlama + R"("rope_scaling": {"factor": 2},
                    "rope_parameters": {"factor": 2})"),
            "config.json: key \"rope_parameters\": found it beside "
            "\"rope_scaling\", wanted one of the two");
  EXPECT_EQ(faultOf(kLlama + R"("max_position_embeddings": 32768,
                    "rope_scaling": {"type": "yarn", "factor": 4.0,
                    "original_max_position_embeddings": 32768})"),
            "config.json: key \"rope_scaling\": found factor 4, wanted 1: "
            "max_position_embeddings 32768 / original_max_position_embeddings "
            "32768");
}

TEST(Rotary, MissingUnusedAndBadParametersAreErrors) {
  EXPECT_EQ(faultOf(kLlama + R"("rope_scaling": {"rope_type": "llama3",
                    "factor": 8.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0})"),
            "config.json: key "
            "\"rope_scaling.original_max_position_embeddings\": found "
            "nothing, wanted integer");
  EXPECT_NE(
      faultOf(kLlama + R"("rope_scaling": {"rope_type": "default",
                    "factor": 8.0})")
          .find("key \"rope_scaling.factor\": found number 8.0, wanted no"),
      std::string::npos);
  EXPECT_NE(faultOf(kLlama + R"("partial_rotary_factor": 0.5)")
                .find("found number 0.5, wanted 1"),
            std::string::npos);
  EXPECT_NE(faultOf(kLlama + R"("rope_theta": 1.0)").find("a number above 1"),
            std::string::npos);
  EXPECT_NE(faultOf(kLlama + R"("rope_scaling": {"rope_type": "linear",
                    "factor": null})")
                .find("found null, wanted number"),
            std::string::npos);
}

} // namespace
