//===- AttnOps.td - All ops of the attn dialect -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_ATTNOPS_TD
#define HEED_DIALECTS_ATTN_ATTNOPS_TD

include "dialects/attn/AttentionOps.td"
include "dialects/attn/BlockOps.td"
include "dialects/attn/CacheOps.td"
include "dialects/attn/ModelOps.td"

#endif // HEED_DIALECTS_ATTN_ATTNOPS_TD
