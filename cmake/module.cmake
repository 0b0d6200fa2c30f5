# A module is a set of folders: every .cc and .h in them belongs to it.
#
# add_module(name FOLDERS f… DEPS … [LIBRARIES …]): one static library for one room. DEPS are the rooms below that it may include;
# LIBRARIES the C libraries that live in it. Each edge is recorded in layers.txt, and tests/checks/layering.py compares the record with
# every #include. VERIFY_INTERFACE_HEADER_SETS checks that headers stand alone (target all_verify_interface_header_sets).
#
# UNITY f…: folders whose files are compiled several at a time where PORTCULLIS_UNITY is on. They share a header that costs more to read than
# they do to compile (plugin/cli: CLI11, a second and a half for each file), so names in their anonymous namespaces must differ.
#
# Where PORTCULLIS_PRECOMPILED is on, a module reads these headers of the standard library once instead of once a file: reading them is most of
# what a file costs. Every file includes what it uses all the same, as the other presets show.
set(PORTCULLIS_PRECOMPILED_HEADERS
  <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <functional> <map> <memory> <mutex> <optional> <span> <string> <string_view>
  <thread> <unordered_map> <utility> <variant> <vector>)
set(PORTCULLIS_LAYERS_FILE "${CMAKE_BINARY_DIR}/layers.txt")
file(WRITE "${PORTCULLIS_LAYERS_FILE}" "")

function(add_module name)
  cmake_parse_arguments(MODULE "" "" "FOLDERS;EXCLUDE;UNITY;DEPS;LIBRARIES" ${ARGN})
  set(sources)
  set(headers)
  foreach(folder IN LISTS MODULE_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cc")
    list(APPEND sources ${found})
    file(GLOB found CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.h")
    list(APPEND headers ${found})
  endforeach()
  list(TRANSFORM MODULE_EXCLUDE PREPEND "${CMAKE_SOURCE_DIR}/")
  list(REMOVE_ITEM sources ${MODULE_EXCLUDE})
  add_library(${name} STATIC ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${headers})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME "portcullis_${name}" LINKER_LANGUAGE CXX VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${MODULE_DEPS} ${MODULE_LIBRARIES} PRIVATE portcullis_warnings)
  if(PORTCULLIS_UNITY AND MODULE_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    foreach(source IN LISTS sources)
      cmake_path(GET source PARENT_PATH folder)
      cmake_path(RELATIVE_PATH folder BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
      if(NOT folder IN_LIST MODULE_UNITY)
        set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endif()
    endforeach()
  endif()
  if(PORTCULLIS_PRECOMPILED)
    target_precompile_headers(${name} PRIVATE ${PORTCULLIS_PRECOMPILED_HEADERS})
  endif()
  list(JOIN MODULE_FOLDERS "," folders)
  list(JOIN MODULE_DEPS " " deps)
  file(APPEND "${PORTCULLIS_LAYERS_FILE}" "${name} ${folders}: ${deps}\n")
endfunction()
