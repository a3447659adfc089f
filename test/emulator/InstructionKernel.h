//===- InstructionKernel.h - A kernel around one instruction -- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HEED_TEST_EMULATOR_INSTRUCTIONKERNEL_H
#define HEED_TEST_EMULATOR_INSTRUCTIONKERNEL_H

#include <string>
#include <vector>

namespace heed::ptx::test {

/// A kernel `k` with the pointers p0, p1, ... in %p0, %p1, ..., the thread in
/// %id, and registers %r, %f, %d, %h (16 bits) and %q (predicates) to use.
inline std::string makeKernel(const std::string &body, int pointers,
                              const std::string &declarations = "") {
  std::string text = ".version 8.3\n.target sm_90a\n.address_size 64\n" +
                     declarations + "\n.visible .entry k(";
  for (int i = 0; i != pointers; ++i)
    text += std::string(i ? ", " : "") + ".param .u64 p" + std::to_string(i);
  text += ")\n{\n.reg .b64 %p<" + std::to_string(pointers + 1) +
          ">, %d<40>;\n.reg .b32 %r<80>, %id;\n.reg .f32 %f<80>;\n"
          ".reg .b16 %h<20>;\n.reg .pred %q<20>;\nmov.u32 %id, %tid.x;\n";
  for (int i = 0; i != pointers; ++i)
    text += "ld.param.u64 %p" + std::to_string(i) + ", [p" + std::to_string(i) +
            "];\n";
  return text + body + "\nret;\n}\n";
}

/// `instruction` takes %a, %b, ... of the types `operands`, and leaves %x of
/// type `result`. The kernel does so for every lane of 32-thread blocks: p0 is
/// the result, p1, p2, p3 are the operands, 8 bytes per lane.
inline std::string
makeInstructionKernel(const std::string &instruction, const std::string &result,
                      const std::vector<std::string> &operands) {
  auto width = [](const std::string &type) {
    return type == "pred" ? "16"
                          : type.substr(type.find_first_of("0123456789"));
  };
  std::string body = ".reg .b64 %at, %o;\n.reg .b16 %u;\n.reg ." + result +
                     " %x;\n.reg .u32 %n;\nmov.u32 %n, %ctaid.x;\n"
                     "mad.lo.u32 %n, %n, 32, %id;\nmul.wide.u32 %o, %n, 8;\n";
  for (size_t i = 0; i != operands.size(); ++i) {
    std::string name = std::string("%") + char('a' + i);
    body += ".reg ." + operands[i] + " " + name + ";\nadd.s64 %at, %p" +
            std::to_string(i + 1) + ", %o;\n";
    bool isPredicate = operands[i] == "pred";
    body += "ld.global.b" + width(operands[i]) + " " +
            (isPredicate ? "%u" : name) + ", [%at];\n";
    if (isPredicate)
      body += "setp.ne.b16 " + name + ", %u, 0;\n";
  }
  body += instruction + "\nadd.s64 %at, %p0, %o;\n";
  if (result == "pred")
    body += "selp.b16 %u, 1, 0, %x;\n";
  return makeKernel(body + "st.global.b" + width(result) + " [%at], " +
                        (result == "pred" ? "%u" : "%x") + ";\n",
                    4);
}

} // namespace heed::ptx::test

#endif // HEED_TEST_EMULATOR_INSTRUCTIONKERNEL_H
