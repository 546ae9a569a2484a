# Chart.js, which draws in the pages of `spate_compare --format html`: embedded in the programs, so that a page needs
# no network. Sets `spate_chart_js` to its minified file; empty: the pages have tables alone.
set(SPATE_CHART_JS AUTO CACHE STRING
  "Chart.js 3 for HTML reports: AUTO (if it is installed), ON, OFF, or the path of chart.min.js")

set(spate_chart_js)
if(SPATE_CHART_JS STREQUAL "AUTO" OR SPATE_CHART_JS STREQUAL "ON")
  find_file(SPATE_CHART_JS_FOUND chart.min.js
    PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist /usr/local/share/javascript/chart.js)
  mark_as_advanced(SPATE_CHART_JS_FOUND)
  if(SPATE_CHART_JS_FOUND)
    set(spate_chart_js ${SPATE_CHART_JS_FOUND})
  endif()
elseif(NOT SPATE_CHART_JS STREQUAL "OFF")
  set(spate_chart_js ${SPATE_CHART_JS})
endif()

if(spate_chart_js)
  set(chart_js_head)
  if(EXISTS ${spate_chart_js})
    file(READ ${spate_chart_js} chart_js_head LIMIT 200)
  endif()
  if(NOT chart_js_head MATCHES "Chart\\.js v3\\.")  # what compare/html/report.js is written for
    if(NOT SPATE_CHART_JS STREQUAL "AUTO")
      message(FATAL_ERROR "SPATE_CHART_JS is ${SPATE_CHART_JS}, but ${spate_chart_js} is not there, or not Chart.js 3; "
        "give the path of its chart.min.js, or OFF")
    endif()
    set(spate_chart_js)
  endif()
endif()
if(NOT spate_chart_js)
  if(SPATE_CHART_JS STREQUAL "ON")
    message(FATAL_ERROR "SPATE_CHART_JS is ON, but Chart.js 3 was not found (on Debian: libjs-chart.js); "
      "install it, or give the path of its chart.min.js")
  endif()
  message(STATUS "HTML reports have tables alone: no Chart.js 3 (SPATE_CHART_JS=${SPATE_CHART_JS}; on Debian: libjs-chart.js)")
endif()
