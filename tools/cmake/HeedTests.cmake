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
endfunction()
