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
#include <set>

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

/// Prints `0-3, 5`.
static std::string printRanges(ArrayRef<int64_t> numbers) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1)
      ++end;
    std::string part = std::to_string(numbers[i]);
    if (end - i > 1)
      part += "-" + std::to_string(numbers[end - 1]);
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

  void print(raw_ostream &os);

private:
  /// The cells of one layer in all tables, in order.
  struct Row {
    int64_t first, last;
    std::vector<std::vector<std::string>> cells;
  };

  std::vector<Row> makeRows() const;
  std::vector<std::string> describe(const LayerReport *was,
                                    const LayerReport *is) const;
  std::vector<std::string> printCosts(const std::vector<Column> &columns,
                                      Change change) const;
  void printSums(Table &table, const std::vector<Column> &columns) const;

  const ModelReport *before;
  const ModelReport &after;
  std::vector<std::pair<std::string, std::vector<Column>>> groups;
};

} // namespace

std::vector<std::string> TextReport::describe(const LayerReport *was,
                                              const LayerReport *is) const {
  std::vector<std::string> cells;
  for (auto print : {+[](const LayerReport &layer) { return layer.kind; },
                     printPhases, printMasks}) {
    std::string now = is ? print(*is) : "deleted";
    std::string then = was ? print(*was) : before ? "none" : now;
    cells.push_back(printChange(then, now));
  }
  return cells;
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

std::vector<TextReport::Row> TextReport::makeRows() const {
  std::set<int64_t> indices;
  for (const ModelReport *report : {before, &after})
    if (report)
      for (const LayerReport &layer : report->layers)
        indices.insert(layer.index);
  std::vector<Row> rows;
  for (int64_t index : indices) {
    const LayerReport *was = before ? before->findLayer(index) : nullptr;
    const LayerReport *is = after.findLayer(index);
    Row row{index, index, {describe(was, is)}};
    Change change{was ? &was->costs : nullptr, is ? &is->costs : nullptr};
    for (const auto &[title, columns] : groups)
      row.cells.push_back(printCosts(columns, change));
    if (!rows.empty() && rows.back().last + 1 == index &&
        rows.back().cells == row.cells)
      rows.back().last = index;
    else
      rows.push_back(std::move(row));
  }
  return rows;
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

void TextReport::print(raw_ostream &os) {
  std::string tokens = std::to_string(after.sizes.tokens);
  std::string batch = std::to_string(after.sizes.batch);
  groups = {
      {"prefill: " + tokens + " tokens onto an empty cache, batch " + batch,
       listPhaseColumns(&PartCosts::prefill)},
      {"decode: one token onto " + std::to_string(after.sizes.tokens - 1) +
           ", batch " + batch,
       listPhaseColumns(&PartCosts::decode)},
      {"cache: room for " + batch + " x " +
           std::to_string(after.sizes.capacity) + " tokens",
       listCacheColumns()}};
  std::vector<Table> tables(1 + groups.size());
  tables[0] = {"layers",
               /*isNumeric=*/false,
               {{"layer", "kind", "runs in", "attention sees"}}};
  for (auto [table, group] : zip_equal(drop_begin(tables), groups)) {
    table.title = group.first;
    table.rows.push_back({"layer"});
    for (const Column &column : group.second)
      table.rows.back().push_back(column.head);
  }
  for (Row &row : makeRows()) {
    std::string label = std::to_string(row.first);
    if (row.last != row.first)
      label += "-" + std::to_string(row.last) + " each";
    for (auto [table, cells] : zip_equal(tables, row.cells)) {
      cells.insert(cells.begin(), label);
      table.rows.push_back(std::move(cells));
    }
  }
  for (auto [table, group] : zip_equal(drop_begin(tables), groups))
    printSums(table, group.second);
  for (const Table &table : tables)
    printTable(os, table);
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
