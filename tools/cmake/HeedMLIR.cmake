# Finds MLIR 22.1 and sets what every MLIR-based target of Heed shares.
#
# MLIR is linked as the one shared library: a plugin that carried its own copy
# would register its dialects in a second, invisible MLIR.

find_package(MLIR 22.1 REQUIRED CONFIG
  HINTS /usr/lib/llvm-22/lib/cmake/mlir)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
set(LLVM_EXTERNAL_LIT "${LLVM_TOOLS_BINARY_DIR}/lit" CACHE FILEPATH "lit")
set(LLVM_RUNTIME_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/bin)
set(LLVM_LIBRARY_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/lib)
# Without it, add_mlir_doc writes below the root of the file system.
set(MLIR_BINARY_DIR ${PROJECT_BINARY_DIR})

include(TableGen)
include(AddLLVM)
include(AddMLIR)
add_definitions(${LLVM_DEFINITIONS})
