//===- Rewrite.h - Base of all rewrites -------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A rewrite is one class in one file: it judges layers (`check`, which may not
/// touch IR) and changes those it accepted (`apply`, which may not fail). What
/// all rewrites share lives here: walking, the selection of layers, refusals
/// and provenance. passes/README.md shows how to add one.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_FRAMEWORK_REWRITE_H
#define HEED_PASSES_FRAMEWORK_REWRITE_H

#include "passes/framework/Model.h"
#include "passes/framework/OptionKind.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>
#include <type_traits>

namespace heed {

/// What a rewrite does to the numbers a model computes.
enum class Numerics {
  Exact,    ///< Equal up to the order of roundings.
  Bounded,  ///< Differs by no more than a bound that is stated.
  Measured, ///< Differs; only measuring tells by how much.
  Learned   ///< Meaningful only after new parameters were trained.
};

/// How the prefill and the decode of a rewritten model belong together.
enum class Phases {
  Same, ///< One call over all tokens equals prefill and decode in turn.
  SameGivenBits, ///< So it does with the routing bits that were recorded.
  Differ         ///< It does not; `phaseReason` says why.
};

/// What the trivial setting of a rewrite does.
enum class Trivial {
  None,      ///< There is none.
  Unchanged, ///< The IR stays as it is.
  Rewritten  ///< Layers change, and compute the same for short sequences.
};

/// A sequence that Trivial::Rewritten speaks of has this many tokens at most.
inline constexpr int64_t kTrivialTokens = 64;

/// A property of a model on which a real setting of a rewrite changes nothing.
/// Tests make models that have it: test/unit/models/Fixtures.h.
enum class Fixture {
  None,
  IdleLayers, ///< All layers but the first and the last add nothing.
  ShortReach  ///< Keys `kReach` tokens back and farther get no weight.
};

/// What Fixture::ShortReach speaks of; the key before that may get all weight.
inline constexpr int64_t kReach = 16;

/// When a rewritten model must equal the dense one, in two forms; generic tests
/// demand both of every rewrite.
struct ExactWhen {
  Trivial trivial = Trivial::None;
  llvm::StringLiteral trivialOptions = ""; ///< E.g. "speedup=1".
  Fixture fixture = Fixture::None;
  llvm::StringLiteral fixtureOptions = ""; ///< A real setting: "speedup=2".
  llvm::StringLiteral missing = ""; ///< Why a form is missing; else empty.
};

/// How a rewrite presents itself to people: in `--help`, docs and reports.
struct RewriteInfo {
  llvm::StringLiteral name;    ///< Pass argument, e.g. "attn-sliding-window".
  llvm::StringLiteral summary; ///< One line, no full stop.
  llvm::StringLiteral paper;   ///< Where the method comes from.
  Numerics numerics;
  Phases phases;
  llvm::StringLiteral phaseReason; ///< Empty if the phases are the same.
  ExactWhen exactWhen;
};

/// The answer of a rewrite's `check` about a layer, a model or its options.
class Verdict {
public:
  /// It will be rewritten.
  static Verdict accept() { return Verdict(Kind::Accept, {}); }
  /// The rewrite would save nothing here; `reason` tells the user why.
  static Verdict ignore(const llvm::Twine &reason) {
    return Verdict(Kind::Ignore, reason.str());
  }
  /// The rewrite is impossible here. `reason` starts in lower case, has no full
  /// stop, names what was found and what is wanted.
  static Verdict refuse(const llvm::Twine &reason) {
    return Verdict(Kind::Refuse, reason.str());
  }

  bool isAccept() const { return kind == Kind::Accept; }
  bool isRefuse() const { return kind == Kind::Refuse; }
  llvm::StringRef reason() const { return why; }

private:
  enum class Kind { Accept, Ignore, Refuse };
  Verdict(Kind kind, std::string why) : kind(kind), why(std::move(why)) {}

  Kind kind;
  std::string why;
};

/// What all rewrites share, whatever they do to a layer.
class RewritePass : public mlir::OperationPass<mlir::ModuleOp> {
public:
  RewritePass(mlir::TypeID id, const RewriteInfo &info)
      : OperationPass(id), info(info) {}
  /// Options are copied by `clonePass`; the options themselves are not.
  RewritePass(const RewritePass &other)
      : OperationPass(other), info(other.info) {}

  const RewriteInfo &getInfo() const { return info; }
  llvm::StringRef getName() const override { return info.name; }
  llvm::StringRef getArgument() const override { return info.name; }
  llvm::StringRef getDescription() const override { return info.summary; }
  void getDependentDialects(mlir::DialectRegistry &registry) const override;

  /// Returns what the option `name` holds; nothing if there is no such option.
  std::optional<OptionKind> findOption(llvm::StringRef name) const {
    auto found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional(found->second);
  }

protected:
  /// Options as those of any pass, which the rewrite knows by name and kind.
  template <typename T> struct Option : OperationPass::Option<T> {
    template <typename... Arguments>
    Option(RewritePass &pass, llvm::StringRef name, Arguments &&...arguments)
        : OperationPass::Option<T>(pass, name,
                                   std::forward<Arguments>(arguments)...) {
      pass.options[name] = kindOf<T>();
    }
    using OperationPass::Option<T>::operator=;
  };
  template <typename T> struct ListOption : OperationPass::ListOption<T> {
    template <typename... Arguments>
    ListOption(RewritePass &pass, llvm::StringRef name,
               Arguments &&...arguments)
        : OperationPass::ListOption<T>(pass, name,
                                       std::forward<Arguments>(arguments)...) {
      static_assert(std::is_integral_v<T>, "plans write lists of integers");
      pass.options[name] = OptionKind::Integers;
    }
    using OperationPass::ListOption<T>::operator=;
  };

  /// Judges the options and the model as a whole, before any layer.
  virtual Verdict checkModel(const Model &model) const {
    return Verdict::accept();
  }
  /// Judges one layer, without touching IR.
  virtual Verdict check(attn::LayerOp layer, const Model &model) const = 0;
  /// Rewrites a layer that `check` accepted; may not fail.
  virtual void apply(attn::LayerOp layer, mlir::RewriterBase &rewriter) = 0;

  void runOnOperation() final;

private:
  template <typename T> static constexpr OptionKind kindOf() {
    if constexpr (std::is_same_v<T, bool>)
      return OptionKind::Boolean;
    else if constexpr (std::is_integral_v<T>)
      return OptionKind::Integer;
    else if constexpr (std::is_floating_point_v<T>)
      return OptionKind::Number;
    else
      return OptionKind::String;
  }

  /// Puts the layers to be judged into `selected`; fails, with an error, if one
  /// was asked for that the model does not have.
  llvm::LogicalResult select(const Model &model,
                             llvm::SmallVectorImpl<attn::LayerOp> &selected);
  /// Tells the user why `layer` stays as it is. Fails if a named one does.
  llvm::LogicalResult report(attn::LayerOp layer, const Verdict &verdict);
  /// Writes into the module which layers this rewrite changed, and how.
  void recordProvenance(mlir::ModuleOp module, llvm::ArrayRef<int64_t> changed);

  const RewriteInfo &info;
  llvm::StringMap<OptionKind> options;
  ListOption<int64_t> layers{
      *this, "layers",
      llvm::cl::desc("Indices of the layers to rewrite; none named: all. A "
                     "refusal of a named layer is an error")};
};

/// Base of a rewrite `Derived`, which defines `static constexpr RewriteInfo
/// kInfo`, `check` and `apply`.
template <typename Derived> class Rewrite : public RewritePass {
public:
  Rewrite() : RewritePass(mlir::TypeID::get<Derived>(), Derived::kInfo) {}

  /// `Pass::clone` copies the options, the only state a rewrite may have.
  std::unique_ptr<mlir::Pass> clonePass() const final {
    return std::make_unique<Derived>();
  }
};

} // namespace heed

#endif // HEED_PASSES_FRAMEWORK_REWRITE_H
