//===- Rotary.cpp - Frequencies of rotary embeddings ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Rotary.h"
#include "passes/import/checkpoint/Fields.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <cmath>

namespace heed {

static constexpr double kPi = 3.14159265358979323846;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Fails unless the whole head is rotated, which is what all families do.
static void requireWholeHead(JsonObject &object) {
  double fraction = 1.0;
  object.readOptional("partial_rotary_factor", fraction);
  if (fraction != 1.0)
    object.fail(object.get("partial_rotary_factor")->mismatch("1"));
}

/// Reads rope_type, which older files call type; some have both.
static void readType(JsonObject &object, RotaryType &type) {
  std::string name = "default", old;
  object.readOptional("type", old);
  if (!old.empty())
    name = old;
  object.readOptional("rope_type", name);
  std::optional<JsonValue> value = object.get("rope_type");
  if (!value)
    value = object.get("type");
  if (!old.empty() && name != old)
    return object.fail(value->mismatch("type's \"" + old + "\""));
  if (name == "dynamic" || name == "longrope")
    return object.fail(value->mismatch(
        "default, linear, llama3 or yarn: frequencies that depend on the "
        "current length are not supported"));
  auto known = llvm::StringSwitch<std::optional<RotaryType>>(name)
                   .Case("default", RotaryType::Default)
                   .Case("linear", RotaryType::Linear)
                   .Case("llama3", RotaryType::Llama3)
                   .Case("yarn", RotaryType::Yarn)
                   .Default(std::nullopt);
  if (!known)
    return object.fail(value->mismatch("default, linear, llama3 or yarn"));
  type = *known;
}

static void readLlama3(JsonObject &object, RotaryConfig &rotary) {
  object.read("low_freq_factor", rotary.lowFrequencyFactor);
  object.read("high_freq_factor", rotary.highFrequencyFactor);
  readPositive(object, "low_freq_factor", rotary.lowFrequencyFactor);
  readPositive(object, "high_freq_factor", rotary.highFrequencyFactor);
  object.read("original_max_position_embeddings", rotary.originalContext, 1,
              INT32_MAX);
  if (rotary.lowFrequencyFactor >= rotary.highFrequencyFactor)
    object.fail(object.value().fault(
        "found low_freq_factor " + formatNumber(rotary.lowFrequencyFactor) +
        " and high_freq_factor " + formatNumber(rotary.highFrequencyFactor) +
        ", wanted the first below the second"));
}

static void readYarn(JsonObject &object, int64_t context,
                     RotaryConfig &rotary) {
  readPositive(object, "beta_fast", rotary.betaFast);
  readPositive(object, "beta_slow", rotary.betaSlow);
  readPositive(object, "attention_factor", rotary.attentionFactor);
  readPositive(object, "mscale", rotary.mscale);
  readPositive(object, "mscale_all_dim", rotary.mscaleAllDim);
  object.readOptional("truncate", rotary.truncate);
  rotary.originalContext = context;
  object.readOptional("original_max_position_embeddings",
                      rotary.originalContext, 1, INT32_MAX);
  if (rotary.betaFast < rotary.betaSlow)
    object.fail(object.value().fault(
        "found beta_fast " + formatNumber(rotary.betaFast) + " and beta_slow " +
        formatNumber(rotary.betaSlow) +
        ", wanted the second not above the first"));
  // Versions of the original disagree about which of the two it is.
  double implied = static_cast<double>(context) / rotary.originalContext;
  if (object.has("original_max_position_embeddings") &&
      rotary.factor != implied)
    object.fail(object.value().fault(
        "found factor " + formatNumber(rotary.factor) + ", wanted " +
        formatNumber(implied) + ": max_position_embeddings " +
        llvm::Twine(context) + " / original_max_position_embeddings " +
        llvm::Twine(rotary.originalContext)));
}

/// Reads the base, which must leave every frequency below the one before it.
static void readTheta(JsonObject &object, double &theta) {
  readPositive(object, "rope_theta", theta);
  if (theta <= 1)
    object.fail(object.get("rope_theta")->mismatch("a number above 1"));
}

void readRotary(JsonObject &config, int64_t context, RotaryConfig &rotary) {
  readTheta(config, rotary.theta);
  requireWholeHead(config);
  JsonObject scaling, parameters;
  config.readOptional("rope_scaling", scaling);
  config.readOptional("rope_parameters", parameters);
  if (scaling && parameters)
    return config.fail(parameters.value().fault(
        "found it beside \"rope_scaling\", wanted one of the two"));
  JsonObject &object = parameters ? parameters : scaling;
  if (!object)
    return;
  double theta = rotary.theta;
  if (parameters)
    readTheta(object, rotary.theta);
  if (config.has("rope_theta") && theta != rotary.theta)
    return config.fail(
        object.get("rope_theta")
            ->mismatch("the top level's rope_theta " + formatNumber(theta)));
  requireWholeHead(object);
  readType(object, rotary.type);
  if (rotary.type != RotaryType::Default) {
    object.read("factor", rotary.factor);
    readPositive(object, "factor", rotary.factor);
  }
  if (rotary.type == RotaryType::Llama3)
    readLlama3(object, rotary);
  if (rotary.type == RotaryType::Yarn)
    readYarn(object, context, rotary);
  checkUnread(object);
}

//===----------------------------------------------------------------------===//
// Frequencies
//===----------------------------------------------------------------------===//

/// Computes theta^(2 i / headDim), rounded to float.
static float getPeriod(const RotaryConfig &rotary, int64_t headDim, int64_t i) {
  float exponent = static_cast<float>(2 * i) / static_cast<float>(headDim);
  return static_cast<float>(
      std::pow(static_cast<double>(static_cast<float>(rotary.theta)),
               static_cast<double>(exponent)));
}

/// Divides the low frequencies by the factor, leaves the high ones, and blends
/// between the two.
static float scaleLlama3(const RotaryConfig &rotary, float frequency) {
  const float context = static_cast<float>(rotary.originalContext);
  const float low = static_cast<float>(rotary.lowFrequencyFactor);
  const float factor = static_cast<float>(rotary.factor);
  const float width = static_cast<float>(rotary.highFrequencyFactor -
                                         rotary.lowFrequencyFactor);
  float length = (1.0f / frequency) * static_cast<float>(2 * kPi);
  if (length <
      static_cast<float>(rotary.originalContext / rotary.highFrequencyFactor))
    return frequency;
  if (length >
      static_cast<float>(rotary.originalContext / rotary.lowFrequencyFactor))
    return frequency / factor;
  float smooth = ((1.0f / length) * context - low) / width;
  return (1.0f - smooth) * frequency / factor + smooth * frequency;
}

/// Returns the dimension whose frequency turns `rotations` times in the
/// original context.
static double getYarnDimension(const RotaryConfig &rotary, int64_t headDim,
                               double rotations) {
  return headDim * std::log(rotary.originalContext / (rotations * 2 * kPi)) /
         (2 * std::log(rotary.theta));
}

static std::vector<float> getYarnFrequencies(const RotaryConfig &rotary,
                                             int64_t headDim) {
  double low = getYarnDimension(rotary, headDim, rotary.betaFast);
  double high = getYarnDimension(rotary, headDim, rotary.betaSlow);
  if (rotary.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(headDim - 1));
  if (low == high)
    high += 0.001;
  std::vector<float> result;
  for (int64_t i = 0; i < headDim / 2; ++i) {
    float period = getPeriod(rotary, headDim, i);
    float ramp = (static_cast<float>(i) - static_cast<float>(low)) /
                 static_cast<float>(high - low);
    float kept = 1.0f - std::clamp(ramp, 0.0f, 1.0f);
    float stretched = 1.0f / (static_cast<float>(rotary.factor) * period);
    result.push_back(stretched * (1.0f - kept) + (1.0f / period) * kept);
  }
  return result;
}

std::vector<float> getInverseFrequencies(const RotaryConfig &rotary,
                                         int64_t headDim) {
  if (rotary.type == RotaryType::Yarn)
    return getYarnFrequencies(rotary, headDim);
  std::vector<float> result;
  for (int64_t i = 0; i < headDim / 2; ++i) {
    float frequency = 1.0f / getPeriod(rotary, headDim, i);
    if (rotary.type == RotaryType::Linear)
      frequency /= static_cast<float>(rotary.factor);
    if (rotary.type == RotaryType::Llama3)
      frequency = scaleLlama3(rotary, frequency);
    result.push_back(frequency);
  }
  return result;
}

double getAmplitude(const RotaryConfig &rotary) {
  if (rotary.type != RotaryType::Yarn)
    return 1.0;
  if (rotary.attentionFactor)
    return *rotary.attentionFactor;
  auto scaled = [&](double weight) {
    return rotary.factor <= 1 ? 1.0
                              : 0.1 * weight * std::log(rotary.factor) + 1.0;
  };
  if (rotary.mscale && rotary.mscaleAllDim)
    return scaled(*rotary.mscale) / scaled(*rotary.mscaleAllDim);
  return scaled(1.0);
}

} // namespace heed
