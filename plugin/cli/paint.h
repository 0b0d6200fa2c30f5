// Colour for a terminal, and none anywhere else; and what several subcommands say in the same words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/load.h"
#include "plugin/cli/command.h"

namespace portcullis {

enum class Colour { red, green, yellow, faint };

/// `text`, coloured where `context` says that the terminal wants it.
std::string paint(const CommandContext& context, Colour colour, std::string_view text);
/// Writes `portcullis: <what>` to standard error and sets the status to `cannot_judge`.
void complain(CommandContext& context, std::string_view what);
/// The same for an error: its reason's name and its detail.
void complain(CommandContext& context, const Error& error);
/// "1 error", "2 errors".
std::string counted(std::size_t number, std::string_view noun);
/// "error", "warning", "notice".
std::string_view severity_name(Severity severity) noexcept;
/// The errors among `findings`, to standard error, one a line; sets the status to `cannot_judge`.
void complain_of_findings(CommandContext& context, const std::string& path, const std::vector<Finding>& findings);

}  // namespace portcullis
