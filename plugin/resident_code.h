// Resident memory of a process that runs for months: what code its start alone needed is not part of it.
#pragma once

namespace portcullis {

/// Unmaps the pages of code and constants of the program and of its libraries. Whatever is used again comes back from the page cache by
/// itself, a few microseconds a piece; what only the start needed (the command line, the set-up of libraries) does not. To be called once
/// all is started. Nothing that was written to is touched, and where the system refuses, nothing changes.
void drop_resident_code() noexcept;

}  // namespace portcullis
