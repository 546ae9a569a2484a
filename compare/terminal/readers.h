// Readers of the output who have read enough, and go (| head).
#pragma once

namespace spate::compare {

// From here on standard output that has lost its reader leads nowhere, and the program goes on and
// ends as if all were read. The write that finds it out still fails; so does each to another pipe.
// Of the whole process; to be called before the first write.
void let_readers_go();

// Whether standard output has lost its reader: that it could not be written is then no fault.
bool reader_has_gone();

}  // namespace spate::compare
