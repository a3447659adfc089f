//===- Run.cpp - Everything heed-run does ---------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Run.h"

#include "heed/Support/Error.h"
#include "heed/Support/InputFile.h"
#include "heed/Support/OutputFile.h"
#include "heed/Text/TextStream.h"
#include "heed/Text/Tokenizer.h"
#include "tools/heed-run/Ids.h"
#include "tools/heed-run/LogitTable.h"
#include "tools/heed-run/Results.h"

#include <algorithm>

namespace heed {
namespace {

/// The largest text that --eval reads.
constexpr uint64_t kTextBytes = uint64_t(1) << 30;

class Run {
public:
  explicit Run(const Options &options) : options(options) {}
  llvm::Error operator()();

private:
  bool hasIds() const { return !options.promptIds.empty(); }
  llvm::Error open();
  void noteDevices() const;
  void noteProducts() const;
  llvm::Error openTokenizer();
  llvm::Expected<EvalText> readEvalText() const;
  llvm::Expected<std::vector<TokenIds>> readPrompts() const;
  std::string getText(llvm::ArrayRef<int32_t> ids) const;

  llvm::Error runBench();
  llvm::Error runEval();
  llvm::Error runPrompts();
  llvm::Error useLogits(const LogitTable &table,
                        llvm::ArrayRef<TokenIds> prompts,
                        llvm::ArrayRef<Continuation> continuations);
  llvm::Error compareLogits(const LogitTable &table,
                            llvm::ArrayRef<TokenIds> prompts,
                            llvm::ArrayRef<Continuation> continuations);
  void printTexts(llvm::ArrayRef<Continuation> continuations) const;
  void noteLimits(llvm::ArrayRef<Continuation> continuations) const;
  llvm::Error writeResults();

  const Options &options;
  std::unique_ptr<Session> model, other;
  std::unique_ptr<Tokenizer> tokenizer;
  llvm::json::Object results;
};

} // namespace

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

llvm::Error Run::open() {
  auto opened = openSession(options.model, options.device, options.threads);
  if (!opened)
    return opened.takeError();
  model = std::move(*opened);
  if (!options.compare.empty()) {
    auto second = openSession(options.compare, options.device, options.threads);
    if (!second)
      return second.takeError();
    other = std::move(*second);
  }
  if (options.device == "auto")
    noteDevices();
  noteProducts();
  if (options.prompts.empty() && options.evalText.empty())
    return llvm::Error::success();
  return openTokenizer();
}

/// Says where the models run, and once why not on a GPU.
void Run::noteDevices() const {
  const ModelFacts &facts = model->getFacts();
  llvm::errs() << "heed-run: note: runs on " << facts.device;
  if (!facts.missing.empty())
    llvm::errs() << ": " << facts.missing;
  llvm::errs() << "\n";
  if (other && other->getFacts().device != facts.device)
    llvm::errs() << "heed-run: note: " << options.compare << " runs on "
                 << other->getFacts().device << "\n";
}

/// Says what computes large products, once if it is the same for both models.
void Run::noteProducts() const {
  std::string last;
  for (const Session *session : {model.get(), other.get()}) {
    if (!session || session->getFacts().products == last)
      continue;
    last = session->getFacts().products;
    if (!last.empty())
      llvm::errs() << "heed-run: note: " << session->getFacts().file << ": "
                   << last << "\n";
  }
}

llvm::Error Run::openTokenizer() {
  const ModelFacts &facts = model->getFacts();
  std::string path =
      options.tokenizer.empty() ? facts.tokenizer : options.tokenizer;
  if (path.empty())
    return makeError(facts.file + ": found a model without a tokenizer, wanted "
                                  "--tokenizer=FILE, or --prompt-ids");
  if (path == "bytes" && facts.vocabulary != 256)
    return makeError(facts.file + ": found a vocabulary of " +
                     llvm::Twine(facts.vocabulary) +
                     " and the tokenizer \"bytes\", wanted a vocabulary of "
                     "256");
  auto opened = path == "bytes" ? createByteTokenizer(facts.startId)
                                : heed::openTokenizer(path, facts.vocabulary);
  if (!opened)
    return opened.takeError();
  tokenizer = std::move(*opened);
  return llvm::Error::success();
}

llvm::Expected<EvalText> Run::readEvalText() const {
  llvm::Expected<std::string> text = readFile(options.evalText, kTextBytes);
  if (!text)
    return text.takeError();
  llvm::Expected<TokenIds> ids = tokenizer->encode(*text, /*addSpecial=*/false);
  if (!ids)
    return makeError(options.evalText + ": " + llvm::toString(ids.takeError()));
  EvalText result;
  for (int32_t id : *ids)
    result.bytes.push_back(int32_t(tokenizer->getBytes(id).size()));
  result.ids = std::move(*ids);
  return result;
}

llvm::Expected<std::vector<TokenIds>> Run::readPrompts() const {
  if (hasIds())
    return options.promptIds;
  std::vector<TokenIds> prompts;
  for (const std::string &text : options.prompts) {
    llvm::Expected<TokenIds> ids = tokenizer->encode(text, /*addSpecial=*/true);
    if (!ids)
      return makeError("--prompt: " + llvm::toString(ids.takeError()));
    prompts.push_back(std::move(*ids));
  }
  return prompts;
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

llvm::Error Run::runBench() {
  llvm::Expected<BenchResult> result = bench(*model, options.bench);
  if (!result)
    return makeError("--bench: " + llvm::toString(result.takeError()));
  print(llvm::outs(), *result, options.bench);
  results["bench"] = toJson(*result, options.bench);
  return llvm::Error::success();
}

llvm::Error Run::runEval() {
  llvm::Expected<EvalText> text = readEvalText();
  if (!text)
    return text.takeError();
  EvalOptions eval = options.eval;
  int64_t context = model->getFacts().context;
  if (!eval.window)
    eval.window = context ? std::min<int64_t>(context, 1024) & -2 : 1024;
  llvm::Expected<EvalScore> score = evaluate(*model, other.get(), *text, eval);
  if (!score)
    return makeError("--eval: " + llvm::toString(score.takeError()));
  print(llvm::outs(), *score, eval, other != nullptr);
  results["eval"] = toJson(*score, eval, other != nullptr);
  return llvm::Error::success();
}

llvm::Error Run::runPrompts() {
  llvm::Expected<std::vector<TokenIds>> prompts = readPrompts();
  if (!prompts)
    return prompts.takeError();
  GenerateOptions generateOptions = options.generate;
  if (!options.ignoreStopIds)
    generateOptions.stopIds = model->getFacts().stopIds;

  // A single text appears as it comes.
  TextStream stream;
  bool streams = options.prompts.size() == 1;
  TokenSink sink;
  if (streams) {
    llvm::outs() << options.prompts.front();
    sink = [&](int64_t, int32_t id) {
      llvm::outs() << stream.push(tokenizer->getBytes(id));
      llvm::outs().flush();
    };
  }
  bool keeps = !options.saveLogits.empty() || other;
  LogitTable table(int64_t(prompts->size()), model->getFacts().vocabulary);
  decltype(BatchHooks::see) see;
  if (keeps)
    see = [&](int64_t sequence, int64_t, llvm::ArrayRef<float> logits) {
      table.add(sequence, logits);
    };
  auto continuations =
      generate(*model, *prompts, generateOptions, sink, std::move(see));
  if (streams)
    llvm::outs() << stream.finish() << "\n";
  if (!continuations)
    return continuations.takeError();
  results["generation"] = toJson(*continuations);
  noteLimits(*continuations);
  if (!streams && !hasIds())
    printTexts(*continuations);
  if (keeps)
    if (llvm::Error error = useLogits(table, *prompts, *continuations))
      return error;
  if (hasIds())
    for (const Continuation &one : *continuations)
      llvm::outs() << printIds(one.ids) << "\n";
  return llvm::Error::success();
}

llvm::Error Run::useLogits(const LogitTable &table,
                           llvm::ArrayRef<TokenIds> prompts,
                           llvm::ArrayRef<Continuation> continuations) {
  if (!options.saveLogits.empty())
    if (llvm::Error error = table.write(options.saveLogits))
      return error;
  if (!other || !options.evalText.empty())
    return llvm::Error::success();
  return compareLogits(table, prompts, continuations);
}

/// Runs what the prompts have become through the other model.
llvm::Error Run::compareLogits(const LogitTable &table,
                               llvm::ArrayRef<TokenIds> prompts,
                               llvm::ArrayRef<Continuation> continuations) {
  if (other->getFacts().vocabulary != model->getFacts().vocabulary)
    return makeError(options.compare + ": found a vocabulary of " +
                     llvm::Twine(other->getFacts().vocabulary) + ", wanted " +
                     llvm::Twine(model->getFacts().vocabulary) + ", that of " +
                     options.model);
  std::vector<TokenIds> sequences;
  std::vector<int64_t> sizes;
  for (auto [i, prompt] : llvm::enumerate(prompts)) {
    TokenIds ids = prompt;
    llvm::append_range(ids, continuations[i].ids);
    ids.resize(table.countTokens(int64_t(i)));
    sequences.push_back(std::move(ids));
    sizes.push_back(int64_t(prompt.size()));
  }
  Divergence divergence;
  if (llvm::Error error = force(
          *other, sequences, sizes,
          [&](int64_t sequence, int64_t token, llvm::ArrayRef<float> logits) {
            divergence.add(table.getRow(sequence, token), logits);
          }))
    return makeError(options.compare + ": " + llvm::toString(std::move(error)));
  print(llvm::outs(), divergence);
  results["compare"] = toJson(divergence);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

std::string Run::getText(llvm::ArrayRef<int32_t> ids) const {
  TextStream stream;
  std::string text;
  for (int32_t id : ids)
    text += stream.push(tokenizer->getBytes(id));
  return text + stream.finish();
}

void Run::printTexts(llvm::ArrayRef<Continuation> continuations) const {
  for (auto [i, one] : llvm::enumerate(continuations))
    llvm::outs() << "[" << i << "] " << options.prompts[i] << getText(one.ids)
                 << "\n";
}

/// Says which sequences the context has ended.
void Run::noteLimits(llvm::ArrayRef<Continuation> continuations) const {
  for (auto [i, one] : llvm::enumerate(continuations))
    if (!one.stopped && int64_t(one.ids.size()) < options.generate.maxNewTokens)
      llvm::errs() << "heed-run: note: sequence " << i << " ends after "
                   << one.ids.size() << " new tokens, at the model's context "
                   << "of " << model->getFacts().context << "\n";
}

llvm::Error Run::writeResults() {
  if (options.json.empty())
    return llvm::Error::success();
  results["model"] = options.model;
  results["target"] = model->getFacts().target;
  results["device"] = model->getFacts().device;
  if (!model->getFacts().products.empty())
    results["products"] = model->getFacts().products;
  if (other)
    results["compared_with"] = options.compare;
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream writer(stream, /*IndentSize=*/2);
  writer.value(llvm::json::Value(std::move(results)));
  return writeFile(options.json, text + "\n");
}

llvm::Error Run::operator()() {
  if (llvm::Error error = open())
    return error;
  if (options.wantsBench)
    if (llvm::Error error = runBench())
      return error;
  if (!options.evalText.empty())
    if (llvm::Error error = runEval())
      return error;
  if (!options.prompts.empty() || hasIds())
    if (llvm::Error error = runPrompts())
      return error;
  return writeResults();
}

llvm::Error run(const Options &options) { return Run(options)(); }

} // namespace heed
