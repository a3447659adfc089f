# Conventions of Heed's tests as functions.

# heed_add_unit_test(NAME SOURCE.cpp... [LIBRARY...] [MLIR HEADER])
#
# One gtest executable in bin/tests, run by ctest. What ends in .cpp is a
# source, relative to test/; everything else is a library to link. With MLIR,
# the test sees MLIR's headers through the precompiled HEADER.
function(heed_add_unit_test name)
  cmake_parse_arguments(arg "" "MLIR" "" ${ARGN})
  set(sources ${arg_UNPARSED_ARGUMENTS})
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  set(libraries ${arg_UNPARSED_ARGUMENTS})
  list(FILTER libraries EXCLUDE REGEX "\\.cpp$")
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ${libraries} GTest::gtest_main)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin/tests)
  if(arg_MLIR)
    # The precompiled header of the libraries is -fPIC, so the test must be.
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC)
    heed_use_mlir(${name} ${arg_MLIR})
  endif()
  add_dependencies(heed-unit-tests ${name})
  add_test(NAME ${name} COMMAND ${name})
  if(HEED_SANITIZE)
    # Our code poisons what LLVM's allocators have not given out, and the
    # distribution's libLLVM, built without the sanitizer, never takes it back.
    set_tests_properties(${name} PROPERTIES
      ENVIRONMENT ASAN_OPTIONS=allow_user_poisoning=0)
  endif()
endfunction()

# heed_add_fuzzer(NAME SOURCE LIBRARY...)
#
# A libFuzzer executable in bin/fuzz, built only with HEED_FUZZ. The sources of
# the libraries are compiled again with the sanitizers, so that the rest of the
# build stays as it is.
function(heed_add_fuzzer name source)
  add_executable(${name} ${source})
  foreach(library ${ARGN})
    get_target_property(directory ${library} SOURCE_DIR)
    get_target_property(sources ${library} SOURCES)
    list(TRANSFORM sources PREPEND ${directory}/)
    target_sources(${name} PRIVATE ${sources})
    # Libraries that are files are not ours, and linked as they are.
    get_target_property(linked ${library} LINK_LIBRARIES)
    list(FILTER linked INCLUDE REGEX "^/")
    target_link_libraries(${name} PRIVATE ${linked})
  endforeach()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/include)
  target_include_directories(${name} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  target_link_libraries(${name} PRIVATE LLVM)
  set(flags -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -g1)
  target_compile_options(${name} PRIVATE ${flags} -O1 -UNDEBUG)
  target_link_options(${name} PRIVATE ${flags})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin/fuzz)
endfunction()
