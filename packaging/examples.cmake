cmake_minimum_required(VERSION 3.16)
project(tradeforge_examples LANGUAGES C)
set(CMAKE_C_STANDARD 99)
find_package(TradeForge REQUIRED)

file(GLOB sources "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE TradeForge::tradeforge)
endforeach()

# The same with the library inside the program.
add_executable(quickstart_static quickstart.c)
target_link_libraries(quickstart_static PRIVATE TradeForge::static)
