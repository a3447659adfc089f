"""Tests that run our tools: every .mlir and .test below this folder."""

import os

import lit.formats
import lit.llvm
import lit.llvm.subst

lit.llvm.initialize(lit_config, config)

config.name = "heed"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "bench", "fuzz", "golden", "models", "unit"]
config.test_source_root = os.path.dirname(__file__)

config.substitutions += [
    ("%heed_source", config.heed_source_dir),
    ("%heed_build", config.heed_build_dir),
    ("%scripts", os.path.join(config.heed_source_dir, "tools", "scripts")),
    ("%models", os.path.join(config.test_source_root, "models")),
    ("%cmake", config.cmake),
    ("%cxx", config.heed_compiler),
    ("%cc", config.heed_c_compiler),
    ("%mlir_dir", config.mlir_dir),
    ("%plugin", os.path.join(config.heed_build_dir, "lib", "HeedPlugin.so")),
    ("%libmlir", os.path.join(config.llvm_tools_dir, "..", "lib",
                              "libMLIR.so")),
    ("%mlir_opt", os.path.join(config.llvm_tools_dir, "mlir-opt")),
    ("%llvm_nm", os.path.join(config.llvm_tools_dir, "llvm-nm")),
    ("%llvm_readelf", os.path.join(config.llvm_tools_dir, "llvm-readelf")),
]

# With the sanitizers, whatever loads our libraries must bring their runtime
# along: tests whose program is built without them cannot run.
if config.heed_sanitize:
  config.available_features.add("sanitize")
  config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0"

lit.llvm.llvm_config.use_default_substitutions()
lit.llvm.llvm_config.add_tool_substitutions(
    [
        lit.llvm.subst.ToolSubst(tool, unresolved="ignore")
        for tool in ("heed-compile", "heed-import", "heed-opt", "heed-report",
                     "heed-run")
    ],
    [os.path.join(config.heed_build_dir, "bin"), config.llvm_tools_dir])
