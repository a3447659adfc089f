//===- Text.cpp - Reports as text -----------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-report/Print.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <functional>
#include <map>

using namespace llvm;

namespace heed {

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Prints three digits and the unit that leaves the number below `step`.
static std::string printScaled(double value, double step,
                               ArrayRef<const char *> units) {
  size_t unit = 0;
  while (value >= 999.5 && (unit > 0 || value >= step) &&
         unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  bool isWhole = value == static_cast<double>(static_cast<int64_t>(value));
  int digits = isWhole || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::string text;
  raw_string_ostream(text) << format("%.*f", digits, value) << units[unit];
  return text;
}

static std::string printCount(int64_t count) {
  return printScaled(static_cast<double>(count), 1000,
                     {"", "K", "M", "G", "T", "P", "E"});
}

static std::string printBytes(double bytes) {
  return printScaled(bytes, 1024,
                     {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"});
}

static std::string printRatio(double before, double after) {
  std::string text = "-";
  if (after != 0) {
    text.clear();
    raw_string_ostream(text) << format("%.2fx", before / after);
  }
  return text;
}

/// Prints `0-3, 5, 10-18 by 2`.
static std::string printRanges(ArrayRef<int64_t> numbers) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    int64_t step = end < numbers.size() ? numbers[end] - numbers[i] : 1;
    while (end < numbers.size() && numbers[end] - numbers[end - 1] == step)
      ++end;
    if (step != 1 && end - i < 4)
      end = i + 1;
    std::string part = std::to_string(numbers[i]);
    if (end - i > 1)
      part += "-" + std::to_string(numbers[end - 1]);
    if (end - i > 1 && step != 1)
      part += " by " + std::to_string(step);
    parts.push_back(std::move(part));
    i = end;
  }
  return join(parts, ", ");
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

namespace {

/// One number of a part, and how it is printed.
struct Column {
  const char *head;
  std::function<double(const PartCosts &)> get;
  bool isBytes = true;
};

/// A title and columns of text; the first row heads them.
struct Table {
  std::string title;
  bool isNumeric = true;
  std::vector<std::vector<std::string>> rows;
};

/// A part as it was and as it is. `before` is null if there is only one model
/// or the part is new, `after` if it was deleted.
struct Change {
  const PartCosts *before = nullptr;
  const PartCosts *after = nullptr;
};

} // namespace

static void printTable(raw_ostream &os, const Table &table) {
  std::vector<size_t> widths(table.rows.front().size());
  for (const std::vector<std::string> &row : table.rows)
    for (auto [width, cell] : zip_equal(widths, row))
      width = std::max(width, cell.size());
  os << "\n" << table.title << "\n";
  for (const std::vector<std::string> &row : table.rows) {
    std::string line;
    raw_string_ostream stream(line);
    for (auto [i, cell] : enumerate(row)) {
      stream << "  ";
      if (i > 0 && table.isNumeric)
        stream << right_justify(cell, widths[i]);
      else
        stream << left_justify(cell, widths[i]);
    }
    os << StringRef(line).rtrim() << "\n";
  }
}

namespace {

/// Adds rows of layers to a table; one that equals the row of the layer before
/// it joins that row.
class RowCollapser {
public:
  explicit RowCollapser(Table &table) : table(table) {}

  void add(int64_t index, std::vector<std::string> cells) {
    bool joins = !last.empty() && lastIndex + 1 == index && last == cells;
    if (!joins) {
      first = index;
      last = cells;
      cells.insert(cells.begin(), std::to_string(index));
      table.rows.push_back(std::move(cells));
    } else {
      table.rows.back().front() =
          std::to_string(first) + "-" + std::to_string(index) + " each";
    }
    lastIndex = index;
  }

private:
  Table &table;
  int64_t first = 0, lastIndex = 0;
  std::vector<std::string> last;
};

} // namespace

static std::vector<Column> listPhaseColumns(Counts PartCosts::*phase) {
  auto get = [phase](int64_t Counts::*count) {
    return [=](const PartCosts &costs) {
      return static_cast<double>(costs.*phase.*count);
    };
  };
  return {{"multiply-adds", get(&Counts::multiplyAdds), /*isBytes=*/false},
          {"weights", get(&Counts::weightBytes)},
          {"cache read", get(&Counts::cacheBytesRead)},
          {"activations", get(&Counts::activationBytes)}};
}

static std::vector<Column> listCacheColumns() {
  using Costs = const PartCosts &;
  auto number = [](int64_t bytes) { return static_cast<double>(bytes); };
  return {{"per token", [](Costs costs) { return costs.cache.perToken; }},
          {"after decode",
           [](Costs costs) { return costs.cache.perTokenAfterDecode; }},
          {"full", [=](Costs costs) { return number(costs.cache.full); }},
          {"after decode",
           [=](Costs costs) { return number(costs.cache.fullAfterDecode); }}};
}

/// Prints `after`, or `before -> after` if that is something else.
static std::string printChange(const std::string &before,
                               const std::string &after) {
  return before == after ? after : before + " -> " + after;
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static std::string printPhases(const LayerReport &layer) {
  if (layer.runsInPrefill)
    return layer.runsInDecode ? "both phases" : "prefill only";
  return layer.runsInDecode ? "decode only" : "no phase";
}

static std::string printMasks(const LayerReport &layer) {
  std::vector<std::string> texts = layer.masks;
  for (std::string &text : texts)
    if (text.empty())
      text = "every key";
  return texts.empty() ? "no attention" : join(texts, "; ");
}

namespace {

/// The tables of one report or two.
class TextReport {
public:
  TextReport(const ModelReport *before, const ModelReport &after)
      : before(before), after(after) {}

  void print(raw_ostream &os) const;

private:
  /// The layers of both, by index; of one that a model lacks, null.
  struct LayerPair {
    const LayerReport *was = nullptr;
    const LayerReport *is = nullptr;
  };
  std::map<int64_t, LayerPair> pairLayers() const;

  Table makeLayerTable(const std::map<int64_t, LayerPair> &layers) const;
  Table makeCostTable(const std::string &title,
                      const std::vector<Column> &columns,
                      const std::map<int64_t, LayerPair> &layers) const;
  std::vector<std::string> describe(const LayerReport *was,
                                    const LayerReport *is) const;
  std::vector<std::string> printCosts(const std::vector<Column> &columns,
                                      Change change) const;
  void printSums(Table &table, const std::vector<Column> &columns) const;

  const ModelReport *before;
  const ModelReport &after;
};

} // namespace

std::vector<std::string> TextReport::describe(const LayerReport *was,
                                              const LayerReport *is) const {
  const LayerReport &then = was ? *was : *is;
  const LayerReport &now = is ? *is : *was;
  std::string thenRan = was || !before ? printPhases(then) : "none";
  std::string nowRuns = is ? printPhases(now) : "deleted";
  return {printChange(then.kind, now.kind), printChange(thenRan, nowRuns),
          printChange(printMasks(then), printMasks(now))};
}

std::vector<std::string>
TextReport::printCosts(const std::vector<Column> &columns,
                       Change change) const {
  std::vector<std::string> cells;
  for (const Column &column : columns) {
    auto print = [&](const PartCosts *costs) -> std::string {
      if (!costs)
        return "-";
      double value = column.get(*costs);
      return column.isBytes ? printBytes(value)
                            : printCount(static_cast<int64_t>(value));
    };
    std::string now = print(change.after);
    cells.push_back(before ? printChange(print(change.before), now) : now);
  }
  return cells;
}

std::map<int64_t, TextReport::LayerPair> TextReport::pairLayers() const {
  std::map<int64_t, LayerPair> pairs;
  if (before)
    for (const LayerReport &layer : before->layers)
      pairs[layer.index].was = &layer;
  for (const LayerReport &layer : after.layers)
    pairs[layer.index].is = &layer;
  return pairs;
}

void TextReport::printSums(Table &table,
                           const std::vector<Column> &columns) const {
  auto add = [&](const char *name, std::vector<std::string> cells) {
    cells.insert(cells.begin(), name);
    table.rows.push_back(std::move(cells));
  };
  add("rest",
      printCosts(columns, {before ? &before->rest : nullptr, &after.rest}));
  add("all",
      printCosts(columns, {before ? &before->all : nullptr, &after.all}));
  if (!before)
    return;
  std::vector<std::string> ratios;
  for (const Column &column : columns)
    ratios.push_back(
        printRatio(column.get(before->all), column.get(after.all)));
  add("ratio", std::move(ratios));
}

Table TextReport::makeLayerTable(
    const std::map<int64_t, LayerPair> &layers) const {
  Table table{"layers",
              /*isNumeric=*/false,
              {{"layer", "kind", "runs in", "attention sees"}}};
  RowCollapser rows(table);
  for (auto [index, pair] : layers)
    rows.add(index, describe(pair.was, pair.is));
  return table;
}

Table TextReport::makeCostTable(
    const std::string &title, const std::vector<Column> &columns,
    const std::map<int64_t, LayerPair> &layers) const {
  Table table{title, /*isNumeric=*/true, {{"layer"}}};
  for (const Column &column : columns)
    table.rows.back().push_back(column.head);
  RowCollapser rows(table);
  for (auto [index, pair] : layers)
    rows.add(index, printCosts(columns, {pair.was ? &pair.was->costs : nullptr,
                                         pair.is ? &pair.is->costs : nullptr}));
  printSums(table, columns);
  return table;
}

void TextReport::print(raw_ostream &os) const {
  const ReportSizes &sizes = after.sizes;
  std::string tokens =
      std::to_string(sizes.tokens) + (sizes.tokens == 1 ? " token" : " tokens");
  std::string batch = std::to_string(sizes.batch);
  std::map<int64_t, LayerPair> layers = pairLayers();
  printTable(os, makeLayerTable(layers));
  printTable(os, makeCostTable("prefill: " + tokens +
                                   " onto an empty cache, batch " + batch,
                               listPhaseColumns(&PartCosts::prefill), layers));
  printTable(os, makeCostTable("decode: 1 token onto " +
                                   std::to_string(sizes.tokens - 1) +
                                   ", batch " + batch,
                               listPhaseColumns(&PartCosts::decode), layers));
  printTable(os, makeCostTable("cache: room for " + batch + " x " +
                                   std::to_string(sizes.capacity) + " tokens",
                               listCacheColumns(), layers));
}

/// Prints the rewrites of `after`; those that `before` has had too are marked.
static void printRewrites(raw_ostream &os, const ModelReport *before,
                          const ModelReport &after) {
  Table table{"rewrites", /*isNumeric=*/false, {}};
  for (auto [i, rewrite] : enumerate(after.rewrites)) {
    bool isOld =
        before && i < before->rewrites.size() && before->rewrites[i] == rewrite;
    table.rows.push_back({rewrite.name, rewrite.options,
                          "layers " + printRanges(rewrite.layers),
                          isOld ? "(before too)" : ""});
  }
  if (table.rows.empty())
    table.rows.push_back({"none"});
  printTable(os, table);
}

/// Prints which layers are gone, new, or run in one phase only.
static void printLayerSets(raw_ostream &os, const ModelReport *before,
                           const ModelReport &after) {
  Table table{"layers that differ from the others", /*isNumeric=*/false, {}};
  auto add = [&](const char *name, ArrayRef<int64_t> layers) {
    if (!layers.empty())
      table.rows.push_back({name, printRanges(layers)});
  };
  if (before) {
    add("deleted", listMissingLayers(*before, after));
    add("added", listMissingLayers(after, *before));
  }
  add("prefill only", listLayersOfOnePhase(after, EvalPhase::Prefill));
  add("decode only", listLayersOfOnePhase(after, EvalPhase::Decode));
  if (!table.rows.empty())
    printTable(os, table);
}

void printText(raw_ostream &os, const NamedReport *before,
               const NamedReport &after) {
  const ModelReport *old = before ? &before->report : nullptr;
  if (before) {
    os << "before: " << before->file << "\nafter:  " << after.file
       << "\nratios are before / after\n";
    for (const std::string &line : listMismatches(*old, after.report))
      os << "note: " << line << "\n";
  } else {
    os << after.file << "\n";
  }
  TextReport(old, after.report).print(os);
  printRewrites(os, old, after.report);
  printLayerSets(os, old, after.report);
}

} // namespace heed
