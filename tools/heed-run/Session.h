//===- Session.h - A model that can be stepped ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Opens a package or a module for a device, behind one interface: packages run
/// in the runtime, modules are compiled in memory first, or run uncompiled on
/// the reference. The compiler is a shared library that is loaded only when a
/// module needs it.
///
///     auto session = openSession("m.heed", "auto", /*threads=*/0);
///     if (!session)
///       return session.takeError();
///     if (llvm::Error error = (*session)->makeCache(1, 1024))
///       return error;
///     return (*session)->prefill(step);
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_SESSION_H
#define HEED_TOOLS_HEED_RUN_SESSION_H

#include "heed-c/Runtime.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heed {

/// What a model says of itself.
struct ModelFacts {
  std::string file;               ///< Where it was opened.
  std::string target;             ///< What it was compiled for, or "reference".
  std::string device;             ///< Where it runs, for people.
  std::string missing;            ///< Why "auto" took no GPU for a module.
  int64_t vocabulary = 0;         ///< Ids lie in [0, vocabulary).
  int64_t context = 0;            ///< Most positions; 0: no limit.
  std::vector<int32_t> stopIds;   ///< Ids that end a text.
  std::optional<int32_t> startId; ///< The id that begins a text.
  std::string tokenizer; ///< "bytes", the path of a tokenizer.json, or empty.
  std::string products;  ///< What computes large products, or empty.
};

/// One open model and one cache of it; see heed-c/Runtime.h for the rules.
class Session {
public:
  virtual ~Session() = default;

  const ModelFacts &getFacts() const { return facts; }

  /// Makes an empty cache in place of the one there was.
  virtual llvm::Error makeCache(int64_t sequences, int64_t capacity) = 0;
  /// Forgets all tokens of all sequences.
  virtual llvm::Error reset() = 0;
  virtual llvm::Error prefill(const heed_step &step) = 0;
  virtual llvm::Error decode(const heed_step &step) = 0;
  virtual int64_t countCacheBytes() const = 0;

protected:
  /// Takes over what `info` says; file names in it are relative to `folder`.
  llvm::Error readFacts(const heed_model_info &info, llvm::StringRef folder);

  ModelFacts facts;
};

/// Opens the package or module `path` for `device`: "cpu", "cuda", "cuda:N",
/// "reference", or "auto", which is the one that a package was compiled for,
/// and for a module the first GPU if it can run it, else the CPU. `threads` is
/// that of heed_model_options.
llvm::Expected<std::unique_ptr<Session>>
openSession(llvm::StringRef path, llvm::StringRef device, int32_t threads);

/// The three that openSession() chooses from.
llvm::Expected<std::unique_ptr<Session>>
openPackage(llvm::StringRef path, llvm::StringRef device, int32_t threads);
llvm::Expected<std::unique_ptr<Session>>
openModule(llvm::StringRef path, llvm::StringRef device, int32_t threads);
llvm::Expected<std::unique_ptr<Session>> openReference(llvm::StringRef path);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_SESSION_H
