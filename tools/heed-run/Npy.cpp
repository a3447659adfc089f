//===- Npy.cpp - Arrays that NumPy reads ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Npy.h"

#include "heed/Support/OutputFile.h"

#include "llvm/Support/Endian.h"

namespace heed {

/// Returns magic, version, length and dictionary, padded to 64 bytes.
static std::string makeHeader(llvm::ArrayRef<int64_t> shape) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t size : shape)
    text += std::to_string(size) + ",";
  text += "), }";
  const size_t fixed = 10; // magic, version, length of the text
  while ((fixed + text.size() + 1) % 64)
    text += ' ';
  text += '\n';
  char length[2];
  llvm::support::endian::write16le(length, uint16_t(text.size()));
  return std::string("\x93NUMPY\x01\x00", 8) + std::string(length, 2) + text;
}

llvm::Error writeNpy(llvm::StringRef path, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<float> values) {
  llvm::Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  file->os() << makeHeader(shape);
  file->os().write(reinterpret_cast<const char *>(values.data()),
                   values.size() * sizeof(float));
  return file->commit();
}

} // namespace heed
