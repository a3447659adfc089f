//===- ElfImage.cpp - Kernels from a shared object ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ElfImage.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <sys/mman.h>
#include <vector>

namespace heed {

using ull = unsigned long long;

/// Bounds the image, so that sums of its addresses cannot overflow.
static constexpr uint64_t maxImageBytes = uint64_t(1) << 31;

using Functions = std::map<std::string, uint64_t, std::less<>>;

static Status badCode(const char *text) {
  return Status(HEED_BAD_PACKAGE, std::string("code: ") + text);
}

namespace {
/// Loads one object; the members are filled in the order of the methods.
class Loader {
public:
  Loader(std::string_view file, Pages &pages) : file_(file), pages_(pages) {}

  Status run(Functions &functions);

private:
  Status readHeader();
  Status readSegments();
  Status copySegments();
  Status readDynamic();
  Status countSymbols(uint64_t hash, uint64_t gnuHash);
  Status countGnuSymbols(uint64_t table);
  Status readSymbols(Functions &functions);
  Status relocate(uint64_t table, uint64_t bytes);
  Status relocateOne(const Elf64_Rela &relocation);
  Status protect();

  /// Whether [address, address + bytes) lies in the image.
  bool holds(uint64_t address, uint64_t bytes) const {
    return address <= bytes_ && bytes <= bytes_ - address;
  }
  template <typename T> T get(uint64_t address) const {
    T value;
    std::memcpy(&value, pages_.data() + address, sizeof(T));
    return value;
  }
  /// Returns the terminated string at `offset` of the string table.
  bool name(uint64_t offset, std::string_view &text) const;
  bool isExecutable(uint64_t address) const;

  std::string_view file_;
  Pages &pages_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Phdr> segments_;
  Elf64_Phdr dynamic_ = {};
  uint64_t bytes_ = 0;
  uint64_t symbols_ = 0, symbolCount_ = 0;
  uint64_t strings_ = 0, stringBytes_ = 0;
  uint64_t rela_ = 0, relaBytes_ = 0, plt_ = 0, pltBytes_ = 0;
};
} // namespace

Status Loader::run(Functions &functions) {
  if (Status error = readHeader())
    return error;
  if (Status error = readSegments())
    return error;
  if (Status error = copySegments())
    return error;
  if (Status error = readDynamic())
    return error;
  if (Status error = readSymbols(functions))
    return error;
  if (Status error = relocate(rela_, relaBytes_))
    return error;
  if (Status error = relocate(plt_, pltBytes_))
    return error;
  return protect();
}

Status Loader::readHeader() {
  if (file_.size() < sizeof(header_))
    return makeError(HEED_BAD_PACKAGE,
                     "code: %zu bytes found, an ELF header "
                     "has %zu",
                     file_.size(), sizeof(header_));
  std::memcpy(&header_, file_.data(), sizeof(header_));
  if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0 ||
      header_.e_ident[EI_CLASS] != ELFCLASS64 ||
      header_.e_ident[EI_DATA] != ELFDATA2LSB)
    return badCode("not a 64-bit little-endian ELF file");
  if (header_.e_type != ET_DYN || header_.e_machine != EM_X86_64)
    return makeError(HEED_BAD_PACKAGE,
                     "code: ELF type %u for machine %u found, a shared object "
                     "(%d) for x86-64 (%d) wanted",
                     header_.e_type, header_.e_machine, ET_DYN, EM_X86_64);
  if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_phnum == 0 ||
      header_.e_phnum > 64 || header_.e_phoff > file_.size() ||
      header_.e_phnum * sizeof(Elf64_Phdr) > file_.size() - header_.e_phoff)
    return makeError(HEED_BAD_PACKAGE,
                     "code: %u segment headers of %u bytes at %llu found, the "
                     "object has %zu bytes",
                     header_.e_phnum, header_.e_phentsize, ull(header_.e_phoff),
                     file_.size());
  return Status();
}

Status Loader::readSegments() {
  for (unsigned i = 0; i != header_.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, file_.data() + header_.e_phoff + i * sizeof(segment),
                sizeof(segment));
    if (segment.p_type == PT_INTERP || segment.p_type == PT_TLS)
      return badCode("kernels may have no interpreter and no thread storage");
    if (segment.p_type == PT_DYNAMIC)
      dynamic_ = segment;
    if (segment.p_type != PT_LOAD)
      continue;
    if (segment.p_offset > file_.size() ||
        segment.p_filesz > file_.size() - segment.p_offset ||
        segment.p_filesz > segment.p_memsz || segment.p_vaddr > maxImageBytes ||
        segment.p_memsz > maxImageBytes)
      return makeError(HEED_BAD_PACKAGE,
                       "code: segment %u: %llu bytes at %llu for %llu at %llu "
                       "found, the object has %zu",
                       i, ull(segment.p_filesz), ull(segment.p_offset),
                       ull(segment.p_memsz), ull(segment.p_vaddr),
                       file_.size());
    // Pages of two segments must differ, as their rights do.
    uint64_t page = pageBytes();
    if (segment.p_vaddr / page * page < bytes_)
      return badCode("segments overlap or are not in order");
    bytes_ = (segment.p_vaddr + segment.p_memsz + page - 1) / page * page;
    segments_.push_back(segment);
  }
  if (bytes_ == 0 || dynamic_.p_type != PT_DYNAMIC)
    return badCode("no segments to load found");
  if (bytes_ > maxImageBytes)
    return badCode("image of more than 2^31 bytes");
  return Status();
}

Status Loader::copySegments() {
  if (Status error = pages_.allocate(bytes_, "kernels"))
    return error;
  for (const Elf64_Phdr &segment : segments_)
    std::memcpy(pages_.data() + segment.p_vaddr,
                file_.data() + segment.p_offset, segment.p_filesz);
  return Status();
}

Status Loader::readDynamic() {
  if (!holds(dynamic_.p_vaddr, dynamic_.p_memsz))
    return badCode("dynamic section outside of the image");
  uint64_t hash = 0, gnuHash = 0;
  for (uint64_t i = 0; i != dynamic_.p_memsz / sizeof(Elf64_Dyn); ++i) {
    auto item = get<Elf64_Dyn>(dynamic_.p_vaddr + i * sizeof(Elf64_Dyn));
    uint64_t value = item.d_un.d_val;
    switch (item.d_tag) {
    case DT_NULL:
      i = dynamic_.p_memsz / sizeof(Elf64_Dyn) - 1;
      break;
    case DT_NEEDED:
      return badCode("needs another library, kernels must stand alone");
    case DT_INIT:
    case DT_FINI:
    case DT_INIT_ARRAY:
    case DT_FINI_ARRAY:
    case DT_REL:
    case DT_RELR:
    case DT_TEXTREL:
      return makeError(HEED_BAD_PACKAGE,
                       "code: dynamic tag %lld found, kernels must stand alone",
                       static_cast<long long>(item.d_tag));
    case DT_HASH:
      hash = value;
      break;
    case DT_GNU_HASH:
      gnuHash = value;
      break;
    case DT_SYMTAB:
      symbols_ = value;
      break;
    case DT_STRTAB:
      strings_ = value;
      break;
    case DT_STRSZ:
      stringBytes_ = value;
      break;
    case DT_RELA:
      rela_ = value;
      break;
    case DT_RELASZ:
      relaBytes_ = value;
      break;
    case DT_JMPREL:
      plt_ = value;
      break;
    case DT_PLTRELSZ:
      pltBytes_ = value;
      break;
    }
  }
  if (!holds(strings_, stringBytes_))
    return badCode("string table outside of the image");
  return countSymbols(hash, gnuHash);
}

/// The number of symbols is written nowhere but in the hash tables.
Status Loader::countSymbols(uint64_t hash, uint64_t gnuHash) {
  if (hash != 0) {
    if (!holds(hash, 8))
      return badCode("hash table outside of the image");
    symbolCount_ = get<uint32_t>(hash + 4);
  } else if (gnuHash != 0) {
    if (Status error = countGnuSymbols(gnuHash))
      return error;
  }
  if (!holds(symbols_, symbolCount_ * sizeof(Elf64_Sym)))
    return badCode("symbol table outside of the image");
  return Status();
}

Status Loader::countGnuSymbols(uint64_t table) {
  if (!holds(table, 16))
    return badCode("hash table outside of the image");
  uint64_t buckets = get<uint32_t>(table), first = get<uint32_t>(table + 4);
  uint64_t bucket = table + 16 + uint64_t(get<uint32_t>(table + 8)) * 8;
  uint64_t chain = bucket + buckets * 4;
  if (!holds(table, chain - table))
    return badCode("hash table outside of the image");
  uint64_t last = 0;
  for (uint64_t i = 0; i != buckets; ++i)
    last = std::max<uint64_t>(last, get<uint32_t>(bucket + i * 4));
  symbolCount_ = first;
  if (last < first)
    return Status();
  // The chain of the highest bucket ends with the last symbol.
  for (;; ++last) {
    uint64_t link = chain + (last - first) * 4;
    if (!holds(link, 4))
      return badCode("hash table outside of the image");
    if (get<uint32_t>(link) & 1)
      break;
  }
  symbolCount_ = last + 1;
  return Status();
}

bool Loader::name(uint64_t offset, std::string_view &text) const {
  if (offset >= stringBytes_)
    return false;
  const char *begin = pages_.data() + strings_ + offset;
  const void *end = std::memchr(begin, 0, stringBytes_ - offset);
  if (!end)
    return false;
  text = std::string_view(begin, static_cast<const char *>(end) - begin);
  return true;
}

bool Loader::isExecutable(uint64_t address) const {
  return std::any_of(
      segments_.begin(), segments_.end(), [&](const Elf64_Phdr &segment) {
        return segment.p_flags & PF_X && address >= segment.p_vaddr &&
               address - segment.p_vaddr < segment.p_filesz;
      });
}

Status Loader::readSymbols(Functions &functions) {
  for (uint64_t i = 1; i < symbolCount_; ++i) {
    auto symbol = get<Elf64_Sym>(symbols_ + i * sizeof(Elf64_Sym));
    std::string_view text;
    if (!name(symbol.st_name, text))
      return badCode("symbol name outside of the string table");
    if (symbol.st_shndx == SHN_UNDEF) {
      if (ELF64_ST_BIND(symbol.st_info) == STB_WEAK)
        continue;
      return makeError(HEED_BAD_PACKAGE,
                       "code: undefined symbol '%.*s' found, kernels must "
                       "stand alone",
                       static_cast<int>(std::min<size_t>(text.size(), 200)),
                       text.data());
    }
    if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC &&
        isExecutable(symbol.st_value))
      functions.emplace(text, symbol.st_value);
  }
  return Status();
}

Status Loader::relocate(uint64_t table, uint64_t bytes) {
  if (bytes % sizeof(Elf64_Rela) != 0 || !holds(table, bytes))
    return badCode("relocations outside of the image");
  for (uint64_t at = table; at != table + bytes; at += sizeof(Elf64_Rela))
    if (Status error = relocateOne(get<Elf64_Rela>(at)))
      return error;
  return Status();
}

Status Loader::relocateOne(const Elf64_Rela &relocation) {
  uint64_t base = reinterpret_cast<uint64_t>(pages_.data());
  uint64_t type = ELF64_R_TYPE(relocation.r_info);
  uint64_t number = ELF64_R_SYM(relocation.r_info);
  if (type == R_X86_64_NONE)
    return Status();
  if (!holds(relocation.r_offset, 8))
    return badCode("relocation outside of the image");
  uint64_t value = base;
  switch (type) {
  case R_X86_64_RELATIVE:
    value += relocation.r_addend;
    break;
  case R_X86_64_64:
  case R_X86_64_GLOB_DAT:
  case R_X86_64_JUMP_SLOT:
    if (number >= symbolCount_)
      return badCode("relocation against a symbol outside of the table");
    {
      auto symbol = get<Elf64_Sym>(symbols_ + number * sizeof(Elf64_Sym));
      // What is undefined here is weak, hence null.
      value = symbol.st_shndx == SHN_UNDEF ? 0 : base + symbol.st_value;
      if (type == R_X86_64_64)
        value += relocation.r_addend;
    }
    break;
  default:
    return makeError(HEED_BAD_PACKAGE,
                     "code: relocation type %llu found, which kernels may not "
                     "have",
                     ull(type));
  }
  std::memcpy(pages_.data() + relocation.r_offset, &value, sizeof(value));
  return Status();
}

Status Loader::protect() {
  uint64_t page = pageBytes();
  for (const Elf64_Phdr &segment : segments_) {
    int rights = 0;
    if (segment.p_flags & PF_R)
      rights |= PROT_READ;
    if (segment.p_flags & PF_W)
      rights |= PROT_WRITE;
    if (segment.p_flags & PF_X)
      rights |= PROT_EXEC;
    uint64_t begin = segment.p_vaddr / page * page;
    uint64_t bytes = segment.p_vaddr - begin + segment.p_memsz;
    if (bytes != 0 && mprotect(pages_.data() + begin, bytes, rights) != 0)
      return makeError(HEED_INTERNAL,
                       "the system refuses to make kernels executable");
  }
  return Status();
}

Status ElfImage::load(std::string_view file) {
  Pages pages;
  Functions functions;
  if (Status error = Loader(file, pages).run(functions))
    return error;
  pages_ = std::move(pages);
  functions_ = std::move(functions);
  return Status();
}

const void *ElfImage::function(std::string_view name) const {
  auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : pages_.data() + found->second;
}

} // namespace heed
