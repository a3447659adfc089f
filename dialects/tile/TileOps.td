//===- TileOps.td - Ops of the tile dialect ----------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILEOPS_TD
#define HEED_DIALECTS_TILE_TILEOPS_TD

include "dialects/tile/TileDialect.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_Tile : Type<
    CPred<"::heed::tile::isTile($_self)">,
    "tile (static rank 1 or 2 tensor of f32, bf16, i32 or i1)",
    "::mlir::RankedTensorType">;

def Tile_Matrix : ConfinedType<
    StaticShapeTensorOf<[F32, BF16]>, [HasAnyRankOfPred<[2]>],
    "2-D tile of f32 or bf16", "::mlir::RankedTensorType">;

def Tile_Rows : ConfinedType<
    StaticShapeTensorOf<[I32]>, [HasAnyRankOfPred<[1]>],
    "1-D tile of i32", "::mlir::RankedTensorType">;

def Tile_View : MemRefRankOf<[F32, BF16, I32], [1, 2]>;

include "dialects/tile/TileKernel.td"
include "dialects/tile/TileMemory.td"
include "dialects/tile/TileCompute.td"
include "dialects/tile/TileStream.td"

#endif // HEED_DIALECTS_TILE_TILEOPS_TD
